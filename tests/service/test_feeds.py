"""Feeds: read when they are due, and whatever a source does, the catalogue is never emptied."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from data import audit
from data.engine import read, write
from data.fields import Reading
from data.outbox import due
from data.records import to_record
from data.store import correct, load_imports, load_offer, load_offers
from data.store_feeds import LEASE, claim_feed, load_absences, load_feed, load_feeds
from matching.errors import AiguilleError
from service.catalogue import import_offers
from service.usecases.feeding import run_due, run_feed
from service.usecases.feeds import (
    UnknownFeed,
    WrongFeed,
    accept,
    close_feed,
    open_feed,
    read_every,
)
from tests.builders import FRAME, gazetteer, offer
from tests.service.feed_server import serving
from tests.service.sent_needs import Clock, Pigeon, jobs_of, opened

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)
OURS = offer("a-nous", title="Une offre à nous")


@pytest.fixture(scope="module")
def server():
    with serving() as served:
        yield served


def with_ours(engine):
    """A catalogue that holds an offer of another source."""
    reading = Reading(FRAME, gazetteer())
    import_offers(engine, [OURS], reading, source="nous", now=NOW)
    return engine


@pytest.fixture
def sqlite(tmp_path):
    return with_ours(opened(tmp_path))


@pytest.fixture
def engine(engine):
    return with_ours(engine)


def lines(*ids, **facts):
    return "\n".join(json.dumps(to_record(offer(i, title=f"Aide {i}", **facts))) for i in ids)


def added(engine, url, format_name="jsonl", name="ademe", now=NOW, local=True):
    return open_feed(
        engine,
        name=name,
        url=url,
        format_name=format_name,
        every=DAY,
        local=local,
        by="system",
        now=now,
    )


def live(engine, source="ademe"):
    with read(engine) as connection:
        return [o.id for o in load_offers(connection, source)]


def state(engine, feed_id):
    with read(engine) as connection:
        return load_feed(connection, feed_id)


def test_a_feed_is_read_when_it_is_due_and_not_before(engine, server):
    url = server.at("/f", lines("a", "b"))
    feed_id, clock = added(engine, url), Clock(NOW)
    assert run_due(engine, clock, 10) == {"fed": 1, "unfed": 0}
    assert live(engine) == ["a", "b"]
    kept = state(engine, feed_id)
    assert (kept.counts["created"], kept.failure) == (2, None)
    assert run_due(engine, clock, 10) == {"fed": 0, "unfed": 0}
    clock.forward(days=1)
    assert run_due(engine, clock, 10) == {"fed": 1, "unfed": 0}
    assert state(engine, feed_id).succeeded_at == clock.now.replace(tzinfo=None)


def test_the_jobs_read_all_that_is_due_at_once_or_one_a_round(sqlite, server):
    for n in range(3):
        added(sqlite, server.at(f"/j{n}", lines(f"j{n}")), name=f"j{n}")
    jobs, clock = jobs_of(sqlite, Pigeon()), Clock(NOW)
    assert jobs.feed(clock)["fed"] == 1
    assert jobs.once(clock)["fed"] == 2


def test_only_so_many_feeds_are_read_in_one_go(sqlite, server):
    for n in range(3):
        added(sqlite, server.at(f"/n{n}", lines(f"n{n}")), name=f"n{n}")
    assert run_due(sqlite, Clock(NOW), 1) == {"fed": 1, "unfed": 0}
    assert run_due(sqlite, Clock(NOW), 10) == {"fed": 2, "unfed": 0}


def test_what_changed_is_updated_and_corrections_by_hand_stay(sqlite, server):
    url = server.at("/f", lines("a", "b"))
    feed_id = added(sqlite, url)
    run_feed(sqlite, feed_id, Clock(NOW))
    with write(sqlite) as connection:
        correct(connection, "a", "title", "Notre titre", NOW)
    server.at("/f", lines("a", "b", summary="Nouveau résumé"))
    ran = run_feed(sqlite, feed_id, Clock(NOW))
    assert ran.plan.counts["updated"] == 2
    with read(sqlite) as connection:
        mended = load_offer(connection, "a")
        assert (mended.title, mended.summary) == ("Notre titre", "Nouveau résumé")
        (asked, *_) = due(connection, NOW, work=True)
    assert asked.kind == "rematch"


def test_a_file_that_did_not_change_is_not_read_again(engine, server):
    url = server.at("/f", lines("a", "b"), headers={"ETag": '"1"'})
    feed_id = added(engine, url)
    assert run_feed(engine, feed_id, Clock(NOW)).outcome == "done"
    assert run_feed(engine, feed_id, Clock(NOW)).outcome == "unchanged"
    with read(engine) as connection:
        assert len([1 for source, *_ in load_imports(connection) if source == "ademe"]) == 1


@pytest.mark.parametrize("etag", [{}, {"headers": {"ETag": '"2"'}}])
def test_what_vanished_goes_after_three_successful_runs_without_it(engine, server, etag):
    feed_id = added(engine, server.at("/f", lines("a", "b", "c")))
    clock = Clock(NOW)
    run_feed(engine, feed_id, clock)
    server.at("/f", lines("a", "b"), **etag)
    seen = []
    for _ in range(3):
        clock.forward(days=1)
        run_feed(engine, feed_id, clock)
        seen.append(live(engine))
    assert seen == [["a", "b", "c"], ["a", "b", "c"], ["a", "b"]]


def test_a_failure_between_two_runs_counts_neither_way(sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a", "b", "c")))
    run_feed(sqlite, feed_id, Clock(NOW))
    for body, facts in (
        (lines("a", "b"), {}),
        ("", {"status": 503}),
        (lines("a", "b"), {}),
        ("", {"status": 503}),
    ):
        server.at("/f", body, **facts)
        run_feed(sqlite, feed_id, Clock(NOW))
    assert live(sqlite) == ["a", "b", "c"]
    server.at("/f", lines("a", "b"))
    run_feed(sqlite, feed_id, Clock(NOW))
    assert live(sqlite) == ["a", "b"]


def test_one_that_comes_back_is_proposed_again_and_its_grace_is_whole(sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a", "b", "c")))
    runs = [("a", "b", "c"), *[("a", "b")] * 2, ("a", "b", "c"), *[("a", "b")] * 2]
    for ids in runs:
        server.at("/f", lines(*ids))
        run_feed(sqlite, feed_id, Clock(NOW))
    assert live(sqlite) == ["a", "b", "c"]
    run_feed(sqlite, feed_id, Clock(NOW))
    assert live(sqlite) == ["a", "b"]
    server.at("/f", lines("a", "b", "c"))
    run_feed(sqlite, feed_id, Clock(NOW))
    assert live(sqlite) == ["a", "b", "c"]
    with read(sqlite) as connection:
        assert load_absences(connection, feed_id) == {}


BROKEN = {
    "in trouble": ("", {"status": 500}),
    "gone": ("", {"status": 404}),
    "cut": (lines("a"), {"announced": 5_000}),
    "empty": ("", {}),
    "a page of error": ("<html>Maintenance</html>", {}),
    "another format": ("identifiant;titre;porteur\na;b;c\n", {}),
    "nothing but wrong rows": ('{"id": "x"}\n{"id": "y"}\n', {}),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_source_that_fails_changes_nothing_and_says_why(name, sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a", "b", "c")))
    clock = Clock(NOW)
    run_feed(sqlite, feed_id, clock)
    body, facts = BROKEN[name]
    server.at("/f", body, **facts)
    for _ in range(5):
        clock.forward(days=1)
        assert run_feed(sqlite, feed_id, clock).outcome == "failed"
    assert live(sqlite) == ["a", "b", "c"]
    kept = state(sqlite, feed_id)
    assert kept.failures == 5
    assert kept.failure
    assert kept.succeeded_at == NOW.replace(tzinfo=None)
    server.at("/f", lines("a", "b", "c", "d"))
    assert run_feed(sqlite, feed_id, clock).outcome == "done"
    assert (state(sqlite, feed_id).failures, state(sqlite, feed_id).failure) == (0, None)


def test_a_failed_feed_is_tried_again_sooner_than_it_is_due(sqlite, server):
    feed_id = added(sqlite, server.at("/f", "", status=503))
    run_feed(sqlite, feed_id, Clock(NOW))
    assert state(sqlite, feed_id).due_at == (NOW + timedelta(minutes=5)).replace(tzinfo=None)


@pytest.mark.parametrize("format_name", ["jsonl", "dispositif-aide-json"])
def test_a_json_file_cut_in_two_is_not_the_whole(format_name, sqlite, server):
    feed_id = added(sqlite, server.at("/f.jsonl", lines("a", "b", "c")), "jsonl")
    run_feed(sqlite, feed_id, Clock(NOW))
    whole = "[" + ",".join(lines("a", "b", "c").splitlines()) + "]"
    with write(sqlite) as connection:
        connection.execute(text("update feeds set format = :f"), {"f": format_name})
    server.at("/f.jsonl", whole[: len(whole) // 2])
    assert run_feed(sqlite, feed_id, Clock(NOW)).outcome == "failed"
    assert live(sqlite) == ["a", "b", "c"]


def test_a_run_that_lacks_more_than_half_is_held_until_somebody_accepts(engine, server):
    feed_id = added(engine, server.at("/f", lines("a", "b", "c", "d")))
    clock = Clock(NOW)
    run_feed(engine, feed_id, clock)
    server.at("/f", lines("a", "new"), headers={"ETag": '"half"'})
    for _ in range(5):
        clock.forward(days=1)
        assert run_feed(engine, feed_id, clock).outcome == "held"
    assert live(engine) == ["a", "b", "c", "d"]
    assert state(engine, feed_id).held == {"absent": 3, "of": 4}
    assert accept(engine, feed_id, by="user:lea", now=clock.now)
    assert not accept(engine, feed_id, by="user:lea", now=clock.now)
    assert run_due(engine, clock, 10) == {"fed": 1, "unfed": 0}
    assert live(engine) == ["a", "new"]
    assert state(engine, feed_id).held is None
    with read(engine) as connection:
        told = [line.action for line in audit.last_lines(connection, 99)]
        assert audit.broken_at(connection) is None
    assert [a for a in told if a.startswith("feed-")] == [
        "feed-added",
        "feed-held",
        "feed-accepted",
    ]


def test_a_held_run_is_forgotten_when_the_source_recovers(sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a", "b", "c")))
    run_feed(sqlite, feed_id, Clock(NOW))
    server.at("/f", lines("a"))
    run_feed(sqlite, feed_id, Clock(NOW))
    server.at("/f", lines("a", "b", "c"))
    assert run_feed(sqlite, feed_id, Clock(NOW)).outcome == "unchanged"
    assert state(sqlite, feed_id).held is None
    assert not accept(sqlite, feed_id, by="user:lea", now=NOW)


def test_a_feed_takes_no_offer_of_another_source(sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a-nous", "b")))
    ran = run_feed(sqlite, feed_id, Clock(NOW))
    (refused,) = ran.plan.rejected
    assert (refused.field, refused.value) == ("id", "a-nous")
    assert live(sqlite) == ["b"]
    with read(sqlite) as connection:
        assert load_offer(connection, "a-nous") == OURS


def test_a_feed_that_somebody_runs_is_left_to_them_until_they_are_surely_dead(engine, server):
    feed_id = added(engine, server.at("/f", lines("a")))
    with write(engine) as connection:
        assert claim_feed(connection, feed_id, NOW)
    assert run_feed(engine, feed_id, Clock(NOW)).outcome == "busy"
    assert run_due(engine, Clock(NOW), 10) == {"fed": 0, "unfed": 0}
    assert run_due(engine, Clock(NOW + LEASE), 10) == {"fed": 1, "unfed": 0}


def test_pages_of_aides_territoires_are_read_to_the_last(sqlite, server):
    def aid(n):
        return {
            "id": n,
            "name": f"Aide {n}",
            "url": f"/aides/{n}/",
            "financers": ["Région"],
            "description": "<p>Pour les clubs</p>",
            "perimeter": "Lozère",
            "perimeter_scale": "Département",
            "targeted_audiences": ["Association"],
            "aid_types": ["Subvention"],
        }

    def page(number, following, *numbers):
        body = {"count": 3, "next": following, "results": [aid(n) for n in numbers]}
        return server.at(f"/api/aids/?page={number}", json.dumps(body))

    first = page(1, f"{server.base}/api/aids/?page=2", 1, 2)
    page(2, None, 3)
    feed_id = added(sqlite, first, "aides-territoires", "aides-territoires")
    assert run_feed(sqlite, feed_id, Clock(NOW)).outcome == "done"
    assert live(sqlite, "aides-territoires") == [f"aides-territoires-{n}" for n in (1, 2, 3)]
    assert run_feed(sqlite, feed_id, Clock(NOW)).outcome == "unchanged"
    server.at("/api/aids/?page=2", "", status=502)
    assert run_feed(sqlite, feed_id, Clock(NOW)).words == "en panne (502)"


def test_a_feed_removed_leaves_its_offers_and_finds_them_again(sqlite, server):
    url = server.at("/f", lines("a", "b"))
    first = added(sqlite, url)
    run_feed(sqlite, first, Clock(NOW))
    assert close_feed(sqlite, first, and_offers=False, by="system", now=NOW) == 0
    assert live(sqlite) == ["a", "b"]
    again = added(sqlite, url)
    assert run_feed(sqlite, again, Clock(NOW)).plan.counts["unchanged"] == 2
    assert close_feed(sqlite, again, and_offers=True, by="system", now=NOW) == 2
    assert live(sqlite) == []
    with read(sqlite) as connection:
        assert load_feeds(connection) == []
    with pytest.raises(UnknownFeed, match="feed list"):
        close_feed(sqlite, again, and_offers=False, by="system", now=NOW)


def test_an_address_of_this_network_is_refused_to_a_feed_that_nobody_allowed(sqlite, server):
    feed_id = added(sqlite, server.at("/f", lines("a")), local=False)
    assert "de ce réseau" in run_feed(sqlite, feed_id, Clock(NOW)).words
    assert live(sqlite) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"url": "ftp://exemple.fr/x"},
        {"url": "file:///etc/passwd"},
        {"url": "https://moi:secret@exemple.fr/x"},
        {"format_name": "docx"},
        {"name": "  "},
        {"name": "x" * 121},
        {"name": "inventaire"},
    ],
)
def test_a_feed_that_cannot_work_is_not_kept(facts, sqlite):
    known = {"name": "ademe", "url": "https://exemple.fr/x", "format_name": "jsonl"}
    with pytest.raises(AiguilleError) as error:
        open_feed(sqlite, **{**known, **facts}, every=DAY, local=False, by="system", now=NOW)
    assert "secret" not in str(error.value)
    with read(sqlite) as connection:
        assert load_feeds(connection) == []


def test_two_feeds_have_two_names(sqlite):
    added(sqlite, "https://exemple.fr/x")
    with pytest.raises(WrongFeed, match="déjà un flux « ademe »"):
        added(sqlite, "https://exemple.fr/y")


@pytest.mark.parametrize(
    ("said", "every"), [("30m", DAY / 48), ("12h", DAY / 2), ("1d", DAY), ("2 J", 2 * DAY)]
)
def test_how_often_is_said_in_minutes_hours_or_days(said, every):
    assert read_every(said) == every


@pytest.mark.parametrize("said", ["", "1m", "99d", "d", "-1d", "1w", "1,5h"])
def test_what_is_no_rhythm_is_refused_with_examples(said):
    with pytest.raises(WrongFeed, match="30m, 12h ou 1d"):
        read_every(said)
