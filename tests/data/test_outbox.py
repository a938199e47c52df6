"""The outbox: done at least once, by one at a time, and what fails is seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from data import outbox
from data.engine import read, write
from data.tables_people import outbox as table

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _due(engine, now):
    with read(engine) as connection:
        return outbox.due(connection, now)


def _queue(engine, kind="closed", **more):
    with write(engine) as connection:
        outbox.queue(connection, kind, at=NOON, **more)


def _claim(engine, row, now):
    with write(engine) as connection:
        return outbox.claim(connection, row, now)


def test_a_key_is_queued_once_and_no_key_every_time(engine):
    for _ in range(3):
        _queue(engine, key="closed:n")
        _queue(engine)
    assert len(_due(engine, NOON)) == 1 + 3


def test_who_queues_is_told_whether_it_was_new(engine):
    with write(engine) as connection:
        told = [outbox.queue(connection, "closed", at=NOON, key=key) for key in ("a", "a", "b")]
    assert told == [True, False, True]


def test_what_is_due_later_is_not_due_now(engine):
    _queue(engine, due_at=NOON + MINUTE)
    assert _due(engine, NOON) == []
    assert len(_due(engine, NOON + MINUTE)) == 1


def test_a_row_is_claimed_once_then_again_after_its_lease(engine):
    _queue(engine, token="secret")
    (row,) = _due(engine, NOON)
    assert _claim(engine, row, NOON)
    assert not _claim(engine, row, NOON)
    assert _due(engine, NOON + outbox.LEASE - MINUTE) == []
    (again,) = _due(engine, NOON + outbox.LEASE)
    assert again.tries == 1
    assert again.payload == {"token": "secret"}
    assert _claim(engine, again, NOON + outbox.LEASE)


def test_a_done_row_keeps_no_payload_and_is_not_due_again(engine):
    _queue(engine, token="secret")
    (row,) = _due(engine, NOON)
    _claim(engine, row, NOON)
    with write(engine) as connection:
        outbox.done(connection, row.id, NOON, note="no-address")
    assert _due(engine, NOON + 10 * outbox.LEASE) == []
    with read(engine) as connection:
        kept = connection.execute(select(table)).mappings().one()
    assert (kept["payload"], kept["error"]) == ({}, "no-address")


def test_a_row_that_fails_waits_longer_each_time_and_is_given_up_in_sight(engine):
    _queue(engine)
    now = NOON
    for wait in (*outbox.WAITS, None):
        (row,) = _due(engine, now)
        _claim(engine, row, now)
        with write(engine) as connection:
            outbox.failed(connection, row.id, now, "smtp-451")
        if wait is not None:
            assert _due(engine, now + wait - MINUTE / 2) == []
            now += wait
    with read(engine) as connection:
        assert outbox.due(connection, now + timedelta(days=99)) == []
        assert outbox.backlog(connection, now) == outbox.Backlog(0, 0, 1)
        (left,) = outbox.undone(connection)
    assert (left.error, left.tries) == ("smtp-451", outbox.MOST_TRIES)


def test_what_can_never_succeed_is_given_up_at_once(engine):
    _queue(engine)
    _queue(engine)
    first, _ = _due(engine, NOON)
    _claim(engine, first, NOON)
    with write(engine) as connection:
        outbox.failed(connection, first.id, NOON, "smtp-550", final=True)
    with read(engine) as connection:
        assert outbox.backlog(connection, NOON) == outbox.Backlog(pending=1, late=1, given_up=1)
