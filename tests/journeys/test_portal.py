"""A portal plugs in, over HTTP alone: whatever failed, it counts in the end what we count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.events import TYPES
from tests.journeys.portal_side import Side, Site, wait_until
from tests.partners import need

RETRIED_AFTER = timedelta(seconds=61)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with Site(tmp_path_factory.mktemp("site")).served() as made:
        yield made


@pytest.fixture
def side(site, tmp_path):
    """A portal that is up, and is told of everything."""
    made = Side(site, tmp_path)
    with made.up():
        made.portal.subscribe(made.hook, list(TYPES))
        yield made


def test_what_becomes_of_one_and_of_many_is_told_to_the_end(side, site):
    side.send("un", "deux")
    many = {f"lot-{n}": side.need for n in range(5)} | {"brouillon": need(), "vide": need(text="")}
    told = side.people.post("/dossiers", json=many).json()
    assert told == [*["created"] * 6, "refused"]
    assert side.counts_as_we_do() == {"new": 7, "draft": 1}
    site.act(side.need_id("un"), "proposer", offre="aide")
    site.answer(side.need_id("un"))
    for dossier in ("deux", "lot-0"):
        site.close(side.need_id(dossier))
    assert side.people.delete("/dossiers/lot-1").status_code == 204
    wait_until(side.settled)
    types = {one["type"] for one in side.deliveries()}
    assert types == {t for t in TYPES if t.startswith("need.")}
    wanted = {"transmitted": 1, "closed": 2, "erased": 1, "new": 3, "draft": 1}
    assert side.counts_as_we_do() == wanted


def test_what_is_sent_again_is_one_need(side):
    side.send("un", "un")
    for _ in range(2):
        many = {"un": side.need, "deux": side.need}
        told = side.people.post("/dossiers", json=many).json()
    assert told == ["known", "known"]
    assert side.counts_as_we_do() == {"new": 2}


def test_an_event_that_comes_twice_is_treated_once(side, site):
    side.send("un")
    side.loses_answers = True
    site.close(side.need_id("un"))
    wait_until(lambda: [one["status"] for one in side.deliveries()] == [502])
    wait_until(lambda: list(side.events().values()) == [1])
    side.loses_answers = False
    site.clock.ahead += RETRIED_AFTER
    wait_until(side.settled)
    (first,) = side.deliveries()
    assert first["tries"] == 2
    where = f"/v1/webhooks/{side.portal.webhook()[0]}/deliveries/{first['id']}/replay"
    assert side.api.post(where).status_code == 202
    wait_until(side.settled)
    assert [headers["webhook-id"] for headers, _ in side.heard] == [first["id"]] * 3
    assert len(side.events()) == 1
    assert side.counts_as_we_do() == {"closed": 1}


def test_what_was_heard_on_the_way_opens_nothing(side, site):
    """Who posts it again changes nothing; who posts something else by it is refused."""
    side.send("un")
    site.close(side.need_id("un"))
    wait_until(side.settled)
    ((headers, body),) = side.heard
    assert side.post(body, headers) == 204
    assert side.post(body.replace(b"helped", b"unreachable"), headers) == 400
    assert side.post(body, {**headers, "webhook-id": "evt_another"}) == 400
    assert side.post(body, {}) == 400
    assert len(side.events()) == 1
    assert side.counts_as_we_do() == {"closed": 1}


@pytest.mark.parametrize("how", ["by the schedule", "by the command"])
def test_what_happened_while_it_was_down_is_caught_up(site, aiguille, tmp_path, how):
    side = Side(site, tmp_path)
    with side.up():
        side.portal.subscribe(side.hook, list(TYPES))
        side.send("un", "deux", "trois")
        before = site.clock().isoformat()
    site.close(side.need_id("un"))
    wait_until(lambda: [one["error"] for one in side.deliveries()] == ["refused"])
    site.answer(side.need_id("deux"))
    site.act(side.need_id("trois"), "changer", geste="move:qualifying", raison="sorting")
    with side.up():
        assert side.counts() == {"new": 3}
        if how == "by the schedule":
            site.clock.ahead += RETRIED_AFTER
        else:
            wait_until(site.all_queued)
            words = "webhooks", "replay", "--endpoint", side.portal.webhook()[0]
            code, said, _ = aiguille(*words, at=site.settings.folder)
            assert code == 0
            assert f"{len(side.deliveries())} à envoyer" in said
        wait_until(side.settled)
        assert side.counts() == {"closed": 1, "transmitted": 1, "new": 1}
        # No event tells that the desk has begun: the portal reads what moved.
        side.portal.read_moved(before)
        assert side.counts_as_we_do() == {"closed": 1, "transmitted": 1, "qualifying": 1}


def test_what_it_had_not_treated_when_it_stopped_is_treated_when_it_starts(site, tmp_path):
    side = Side(site, tmp_path)
    with side.up():
        side.portal.subscribe(side.hook, list(TYPES))
        side.send("un")
        side.portal.treat = lambda: None
        site.close(side.need_id("un"))
        wait_until(lambda: list(side.events().values()) == [0])
    with side.up():
        wait_until(side.settled)
        assert side.counts_as_we_do() == {"closed": 1}


def test_its_secret_is_changed_and_nothing_is_lost(side, site):
    side.send("un", "deux", "trois")
    old = side.portal.webhook()[1]
    secret = side.portal.turn_secret()
    for dossier, in_service in (("un", old), ("deux", secret), ("trois", secret)):
        side.portal.adopt(in_service)
        site.close(side.need_id(dossier))
        wait_until(side.settled)
    assert [one["tries"] for one in side.deliveries()] == [1, 1, 1]
    assert side.counts_as_we_do() == {"closed": 3}
