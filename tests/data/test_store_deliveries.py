"""Deliveries: told at least once, by one at a time, and what fails is tried for three days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from data import store_deliveries as store
from data.audit import append
from data.engine import migrate, read, write
from data.marks import mark
from data.store_webhooks import (
    Webhook,
    change_webhook,
    delete_webhook,
    disable_webhook,
    load_webhook,
    load_webhooks,
    save_webhook,
)
from data.tables_people import audit
from data.tables_webhooks import deliveries

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def hook(engine, webhook_id="wh", partner_id="nord"):
    with write(engine) as connection:
        made = Webhook(webhook_id, partner_id, "https://portail.fr/", ("need.closed",), NOON)
        save_webhook(connection, made)
    return made


def queue(engine, *event_ids, webhook_id="wh", at=NOON, need_id=None):
    row = {"webhook_id": webhook_id, "type": "need.closed", "need_id": need_id, "body": "{}"}
    with write(engine) as connection:
        store.queue(connection, [{**row, "event_id": i} for i in event_ids], at)


def due(engine, now, webhook_id="wh"):
    with read(engine) as connection:
        return store.next_due(connection, webhook_id, now)


def claim(engine, found, now):
    with write(engine) as connection:
        return store.claim(connection, found, now)


def fail(engine, now):
    """One try, in vain; was it the last?"""
    found = due(engine, now)
    assert claim(engine, found, now)
    with write(engine) as connection:
        return store.undelivered(connection, found, now, 500, None)


def one(engine, event_id, webhook_id="wh"):
    with read(engine) as connection:
        return store.load_delivery(connection, webhook_id, event_id)


def test_an_event_is_queued_once_for_a_webhook_and_in_order(engine):
    hook(engine)
    hook(engine, "other")
    queue(engine, "a", "b")
    queue(engine, "b", "c")
    queue(engine, "a", webhook_id="other")
    with read(engine) as connection:
        found = store.last_deliveries(connection, "wh", 50)
        assert [f.event_id for f in found] == ["c", "b", "a"]
        assert [f.event_id for f in store.last_deliveries(connection, "wh", 2)] == ["c", "b"]
        assert set(store.webhooks_due(connection, NOON)) == {"wh", "other"}
    assert due(engine, NOON).event_id == "a"


def test_a_row_is_claimed_once_then_again_after_its_lease(engine):
    hook(engine)
    queue(engine, "a")
    found = due(engine, NOON)
    assert claim(engine, found, NOON)
    assert not claim(engine, found, NOON)
    assert due(engine, NOON + store.LEASE - timedelta(seconds=1)) is None
    again = due(engine, NOON + store.LEASE)
    assert (again.event_id, again.tries) == ("a", 1)
    assert claim(engine, again, NOON + store.LEASE)


def test_what_arrived_is_not_told_again(engine):
    hook(engine)
    queue(engine, "a")
    found = due(engine, NOON)
    claim(engine, found, NOON)
    with write(engine) as connection:
        store.delivered(connection, found, NOON, 204)
    assert due(engine, NOON + timedelta(days=9)) is None
    kept = one(engine, "a")
    assert (kept.standing(NOON), kept.status, kept.tries) == ("delivered", 204, 1)


def test_there_are_eight_tries_over_almost_three_days(engine):
    hook(engine)
    queue(engine, "a")
    now, over = NOON, False
    for wait in (*store.WAITS, timedelta()):
        assert not over
        over = fail(engine, now)
        now += wait
        assert wait == timedelta() or due(engine, now - timedelta(seconds=1)) is None
    assert over
    assert store.MOST_TRIES == 8
    assert timedelta(days=2, hours=22) < now - NOON < timedelta(days=3)
    kept = one(engine, "a")
    assert (kept.standing(now), kept.status, kept.tries) == ("failed", 500, 8)
    assert due(engine, now + timedelta(days=9)) is None
    with read(engine) as connection:
        assert store.standings(connection, now) == {"wh": {"failed": 1}}


def test_what_was_tried_last_is_told_of_each_webhook(engine):
    for webhook_id in ("wh", "other", "untried"):
        hook(engine, webhook_id)
        queue(engine, "a", "b", webhook_id=webhook_id)
    claim(engine, due(engine, NOON, "other"), NOON)
    fail(engine, NOON)
    later = NOON + store.WAITS[0]
    again = due(engine, later)
    assert again.event_id == "a"
    claim(engine, again, later)
    with write(engine) as connection:
        store.delivered(connection, again, later, 204)
    with read(engine) as connection:
        last = store.last_tries(connection)
    assert {key: (one.event_id, one.status) for key, one in last.items()} == {
        "wh": ("a", 204),
        "other": ("a", None),
    }


def test_where_one_fails_the_others_wait_a_minute_then_go_first(engine):
    hook(engine)
    queue(engine, "a", "b")
    fail(engine, NOON)
    assert due(engine, NOON + MINUTE - timedelta(seconds=1)) is None
    assert due(engine, NOON + MINUTE).event_id == "a"
    fail(engine, NOON + MINUTE)
    assert due(engine, NOON + 2 * MINUTE).event_id == "b"


def test_what_is_told_again_begins_its_tries_anew(engine):
    hook(engine)
    queue(engine, "a", "b")
    now = NOON
    while not fail(engine, now):
        now = max(f.due_at for f in (one(engine, "a"), one(engine, "b"))).replace(tzinfo=UTC)
    with write(engine) as connection:
        assert store.tell_undelivered(connection, "wh", now) == 2
        assert store.tell_again(connection, "wh", ["a", "absent"], now) == 1
    assert (one(engine, "a").tries, one(engine, "a").standing(now)) == (0, "pending")


def test_only_active_webhooks_are_told_anything_and_one_gives_up_once(engine):
    hook(engine)
    queue(engine, "a")
    with write(engine) as connection:
        assert disable_webhook(connection, "wh", NOON)
        assert not disable_webhook(connection, "wh", NOON + MINUTE)
        assert store.webhooks_due(connection, NOON) == []
        found = load_webhook(connection, "wh")
        assert (found.state, found.disabled_at) == ("disabled", NOON.replace(tzinfo=None))
        change_webhook(connection, "wh", state="active", disabled_at=None)
        assert store.webhooks_due(connection, NOON) == ["wh"]


def test_a_webhook_goes_with_its_deliveries_and_no_other(engine):
    hook(engine)
    hook(engine, "other", "sud")
    queue(engine, "a")
    queue(engine, "a", webhook_id="other")
    with write(engine) as connection:
        delete_webhook(connection, "wh")
    assert one(engine, "a") is None
    assert one(engine, "a", "other") is not None
    with read(engine) as connection:
        assert [w.id for w in load_webhooks(connection)] == ["other"]
        assert load_webhooks(connection, "nord") == []
        assert load_webhook(connection, "other", "nord") is None


def test_what_is_old_is_forgotten_told_or_not(engine):
    hook(engine)
    queue(engine, "old", at=NOON - MINUTE)
    queue(engine, "new")
    with write(engine) as connection:
        assert store.forget_deliveries(connection, NOON) == 1
        assert connection.scalars(select(deliveries.c.event_id)).all() == ["new"]


def test_what_happened_before_there_were_webhooks_is_told_to_nobody(engine):
    migrate(engine, "0008")
    with write(engine) as connection:
        for _ in range(3):
            append(connection, at=NOON, actor="system", action="closed")
        last = connection.scalars(select(audit.c.id)).all()[-1]
    migrate(engine)
    with read(engine) as connection:
        assert mark(connection, "events") == str(last)
    migrate(engine, "base")
    migrate(engine)
    with read(engine) as connection:
        assert mark(connection, "events") == "0"
