"""Telling webhooks over real HTTP: signed, again until it arrives, and given up in sight."""

from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from standardwebhooks import WebhookVerificationError

from data.audit import append, lines_after
from data.engine import migrate, open_engine, read, write
from data.outbox import undone
from data.store_deliveries import LEASE, MOST_TRIES, WAITS, claim, forget_deliveries, next_due
from data.store_partners import Partner, save_partner
from data.store_webhooks import OVERLAP, load_webhook
from service.events import TYPES
from service.usecases.delivering import Couriers
from service.usecases.replaying import replay
from tests.databases import database_of
from tests.rows import held
from tests.service.hooks import (
    KEY,
    NORD,
    SUD,
    courier_of,
    hooked,
    sent_by,
    told,
    webhooks_of,
)
from tests.service.receiver import receiving
from tests.service.sent_needs import Clock, Pigeon, jobs_of, opened, waiting


class World:
    """A database, a partner's side that receives, and a moment that is now, for the library of
    Standard Webhooks refuses what was not signed in the last five minutes.
    """

    def __init__(self, engine, receiver):
        self.engine, self.receiver = engine, receiver
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.clock = Clock(self.now)

    def over(self, engine):
        other = World(engine, self.receiver)
        other.now, other.clock = self.now, self.clock
        return other

    def hooked(self, url="", partner_id=NORD, **more):
        return hooked(self.engine, url or self.receiver.url, self.now, partner_id, **more)

    def ping(self, hook):
        webhooks_of(self.engine).ping(hook.webhook.id, now=self.clock.now)

    def needs(self, count=1, partner_id=NORD):
        for n in range(count):
            waiting(self.engine, f"{partner_id}-{n}", self.now)
            sent_by(self.engine, f"{partner_id}-{n}", partner_id, f"d{n}")

    def happen(self, need_id="nord-0", action="transmitted", at=None, **detail):
        """Something happens to a need."""
        said = {"offer": "fonds", **detail}
        with write(self.engine) as connection:
            append(
                connection,
                at=at or self.now,
                actor="user:u",
                action=action,
                need_id=need_id,
                **said,
            )

    def run(self, **more):
        """What one round of the worker did."""
        return courier_of(self.engine, **more).run(self.clock)

    def live(self, days=4, **more):
        """The worker, whenever something falls due; what it did, each with the time since."""
        start, done = self.clock.now, []
        end = start + timedelta(days=days)
        while self.clock.now < end:
            did = self.run(**more)
            done += [(self.clock.now - start, what) for what, n in did.items() if n]
            self.clock.forward(seconds=30)
            self.clock.now = max(self.clock.now, min(self._due(end), default=end))
        return done

    def _due(self, end):
        with read(self.engine) as connection:
            found = (next_due(connection, w.id, end) for w in webhooks_of(self.engine).all())
            return [one.due_at.replace(tzinfo=UTC) for one in found if one]

    def state(self, hook):
        with read(self.engine) as connection:
            return load_webhook(connection, hook.webhook.id).state

    def standings(self, hook):
        return Counter(d.standing(self.clock.now) for d in told(self.engine, hook.webhook.id))


@pytest.fixture
def world(tmp_path):
    engine = opened(tmp_path)
    with receiving() as receiver:
        made = World(engine, receiver)
        with write(engine) as connection:
            partner = Partner(NORD, "Portail du Nord", "api@nord.example", made.now)
            save_partner(connection, partner)
        yield made


def test_what_happens_arrives_signed_with_its_id_and_once(world):
    hook = world.hooked()
    world.needs()
    world.happen()
    assert world.run()["delivered"] == 1
    (got,) = world.receiver.got
    data = {"need_id": "nord-0", "external_id": "d0", "offer": "fonds"}
    at = f"{world.now:%Y-%m-%dT%H:%M:%S}.000Z"
    payload = {"type": "need.transmitted", "timestamp": at, "data": data}
    assert got.verified(hook.secret) == payload
    assert got.headers["content-type"] == "application/json"
    assert got.path == "/crochet"
    (one,) = told(world.engine, hook.webhook.id)
    assert (one.event_id, one.status, one.standing(world.now)) == (got.id, 204, "delivered")
    assert world.run() == {"delivered": 0, "undelivered": 0, "disabled": 0}
    assert len(world.receiver.got) == 1


def test_a_signature_by_another_secret_or_of_another_body_is_no_good(world):
    hook = world.hooked()
    other = world.hooked(partner_id=SUD)
    world.ping(hook)
    world.run()
    (got,) = world.receiver.got
    assert got.verified(hook.secret)["type"] == "ping"
    for spoilt, secret in (
        (got, other.secret),
        (type(got)(got.path, got.headers, got.body + " "), hook.secret),
        (type(got)(got.path, {**got.headers, "webhook-id": "evt_0"}, got.body), hook.secret),
    ):
        with pytest.raises(WebhookVerificationError):
            spoilt.verified(secret)


def test_both_secrets_sign_for_a_day_then_the_new_one_alone(world):
    webhooks = webhooks_of(world.engine)
    hook = world.hooked()
    turned = webhooks.turn_secret(hook.webhook.id, now=world.now - OVERLAP + timedelta(seconds=1))
    assert turned.secret != hook.secret
    world.ping(hook)
    world.run()
    for secret in (hook.secret, turned.secret):
        assert world.receiver.got[-1].verified(secret)["type"] == "ping"
    world.clock.forward(seconds=1)
    world.ping(hook)
    world.run()
    assert world.receiver.got[-1].verified(turned.secret)["type"] == "ping"
    with pytest.raises(WebhookVerificationError):
        world.receiver.got[-1].verified(hook.secret)


def test_the_database_holds_no_secret_and_another_installation_signs_otherwise(world):
    hook = world.hooked("http://localhost:9/")
    written = held(world.engine)
    assert hook.webhook.id.encode() in written
    for piece in (hook.secret, hook.secret.removeprefix("whsec_"), KEY.decode()):
        assert piece.encode() not in written
    assert world.hooked("http://localhost:9/").secret != hook.secret


def test_a_partner_is_told_of_its_own_needs_alone(world):
    hooks = {name: world.hooked(f"{world.receiver.url}?{name}", name) for name in (NORD, SUD)}
    for name in hooks:
        world.needs(3, name)
        for n in range(3):
            world.happen(f"{name}-{n}")
    assert world.run()["delivered"] == 6
    for name, hook in hooks.items():
        got = [one for one in world.receiver.got if one.path.endswith(name)]
        needs = [one.verified(hook.secret)["data"]["need_id"] for one in got]
        assert needs == [f"{name}-{n}" for n in range(3)]


def test_eight_tries_over_three_days_then_it_is_disabled_and_its_partner_told(world):
    hook = world.hooked()
    world.receiver.status = 500
    world.needs()
    world.happen()
    done = world.live(notices=True)
    assert [what for _, what in done] == ["undelivered"] * MOST_TRIES + ["disabled"]
    assert timedelta(days=2, hours=20) < done[-1][0] < timedelta(days=3)
    assert len(world.receiver.got) == MOST_TRIES
    assert len({(got.id, got.body) for got in world.receiver.got}) == 1
    assert world.standings(hook) == {"failed": 1}
    assert world.state(hook) == "disabled"
    pigeon = Pigeon()
    jobs_of(world.engine, pigeon).send(world.clock)
    (mail,) = pigeon.sent
    assert mail.to == "api@nord.example"
    assert f"https://a.exemple/v1/webhooks/{hook.webhook.id}" in mail.body.split("\n")
    assert "127.0.0.1" in mail.body
    assert "crochet" not in mail.body
    with read(world.engine) as connection:
        assert undone(connection) == []


def test_what_happened_while_it_was_disabled_arrives_once_it_is_mended(world):
    hook = world.hooked()
    world.receiver.status = 503
    world.needs(2)
    world.happen()
    world.live()
    world.happen("nord-1", at=world.clock.now)
    world.receiver.status, tried = 200, len(world.receiver.got)
    world.run()
    assert len(world.receiver.got) == tried
    webhooks_of(world.engine).change(hook.webhook.id, active=True, now=world.clock.now)
    assert world.run()["delivered"] == 2
    assert [json.loads(got.body)["data"]["need_id"] for got in world.receiver.got[tried:]] == [
        "nord-0",
        "nord-1",
    ]
    assert world.state(hook) == "active"


def test_a_webhook_where_others_arrive_is_not_disabled_for_one_that_does_not(world):
    hook = world.hooked()
    world.needs()
    world.receiver.status = 500
    world.happen()
    world.run()
    world.receiver.status = 200
    world.ping(hook)
    world.clock.forward(seconds=1)
    world.run()
    world.receiver.status = 500
    world.live()
    assert world.standings(hook) == {"failed": 1, "delivered": 1}
    assert world.state(hook) == "active"


def test_who_says_that_it_is_gone_is_disabled_at_once(world):
    hook = world.hooked()
    world.receiver.status = 410
    world.ping(hook)
    assert world.run() == {"delivered": 0, "undelivered": 1, "disabled": 1}
    assert world.state(hook) == "disabled"


def test_a_redirection_is_no_answer_and_is_tried_again(world):
    hook = world.hooked()
    world.receiver.status = 307
    world.ping(hook)
    world.run()
    (one,) = told(world.engine, hook.webhook.id)
    assert (one.standing(world.now), one.status) == ("pending", 307)
    assert one.due_at.replace(tzinfo=UTC) == world.now + WAITS[0]


def test_one_that_is_slow_or_down_holds_up_no_other(world):
    with receiving(slow_s=3) as slow:
        world.hooked(slow.url)
        down = world.hooked("http://127.0.0.1:9/")
        good = world.hooked()
        world.needs()
        for _ in range(4):
            world.happen()
        counts = world.run()
    assert counts == {"delivered": 4, "undelivered": 2, "disabled": 0}
    assert world.standings(good) == {"delivered": 4}
    first, *others = told(world.engine, down.webhook.id)
    assert (first.error, first.tries) == ("refused", 1)
    assert [one.tries for one in others] == [0, 0, 0]


def test_two_workers_at_once_tell_each_event_once(world):
    hook = world.hooked()
    count = 40
    world.needs()
    for _ in range(count):
        world.happen()
    both = [
        threading.Thread(target=courier_of(world.engine).run, args=(world.clock,)) for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(world.receiver.got) == len(set(world.receiver.ids)) == count
    assert world.standings(hook) == {"delivered": count}


def test_what_a_dead_worker_had_claimed_is_told_after_its_lease(world):
    hook = world.hooked()
    world.ping(hook)
    with write(world.engine) as connection:
        assert claim(connection, next_due(connection, hook.webhook.id, world.now), world.now)
    assert world.run()["delivered"] == 0
    world.clock.forward(seconds=LEASE.total_seconds())
    assert world.run()["delivered"] == 1


def test_webhooks_of_test_keys_are_told_and_send_no_mail(world, tmp_path):
    tried = open_engine(database_of(tmp_path, "sandbox"))
    migrate(tried)
    sandbox = world.over(tried)
    hook = sandbox.hooked()
    sandbox.needs()
    sandbox.happen()
    couriers = Couriers(courier_of(world.engine, notices=True), lambda: tried)
    assert couriers.run(world.clock)["delivered"] == 1
    assert world.receiver.got[0].verified(hook.secret)["data"]["need_id"] == "nord-0"
    world.receiver.status = 410
    sandbox.ping(hook)
    assert couriers.run(world.clock)["disabled"] == 1
    with read(tried) as connection:
        assert undone(connection) == []
        lines = lines_after(connection, 0, ["webhook-disabled"], 9)
        assert [line.detail for line in lines] == [{"webhook": hook.webhook.id}]


def test_all_since_a_moment_is_told_again_under_the_same_ids(world):
    world.now -= timedelta(days=9)
    hook = world.hooked()
    other = world.hooked(f"{world.receiver.url}?autre", SUD)
    world.now = world.clock.now
    world.needs(3)
    for n in range(3):
        world.happen(f"nord-{n}", at=world.now - timedelta(days=2 - n))
    world.run()
    first = world.receiver.ids
    assert (
        replay(world.engine, hook.webhook.id, since=world.now - timedelta(days=1), now=world.now)
        == 2
    )
    world.run()
    assert world.receiver.ids == [*first, *first[1:]]
    assert replay(world.engine, None, since=None, now=world.now) == 0
    assert replay(world.engine, "wh_absent", since=None, now=world.now) is None
    with write(world.engine) as connection:
        forget_deliveries(connection, world.now + timedelta(days=1))
    assert replay(world.engine, None, since=world.now - timedelta(days=9), now=world.now) == 3
    world.run()
    assert world.receiver.ids[-3:] == first
    assert told(world.engine, other.webhook.id) == []


@pytest.fixture
def run(tmp_path, monkeypatch, aiguille):
    monkeypatch.setenv("AIGUILLE_WEBHOOKS_LOCAL", "true")
    return partial(aiguille, at=tmp_path)


def test_the_machine_lists_and_replays(world, run):
    hook = world.hooked(events=TYPES[:1])
    world.needs()
    world.happen("nord-0", action="qualified", after={"state": "proposed"})
    _, ran, _ = run("jobs", "run", "--json")
    assert json.loads(ran)["delivered"] == 1
    _, listed, _ = run("webhooks", "list", "--json")
    (one,) = json.loads(listed)
    assert (one["id"], one["partner"], one["mode"]) == (hook.webhook.id, NORD, "live")
    assert (one["delivered"], one["pending"], one["failed"]) == (1, 0, 0)
    assert NORD in run("webhooks", "list")[1]
    assert "0 à envoyer" in run("webhooks", "replay")[1]
    since = f"{world.now - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    again = run("webhooks", "replay", "--since", since, "--endpoint", hook.webhook.id)
    assert "1 à envoyer" in again[1]
    run("jobs", "run")
    assert len(world.receiver.got) == 2
    assert len(set(world.receiver.ids)) == 1
    code, _, refused = run("webhooks", "replay", "--endpoint", "wh_absent")
    assert code == 2
    assert "Aucun webhook « wh_absent »" in refused
