"""What has waited long enough is reminded, then expires. Doing it twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.audit import append
from data.engine import read, write
from data.lanes import WAITING
from data.outbox import queue
from data.store_needs import StoredNeed, load_need, needs_in
from service.days import day_of
from service.triage.clocks import (
    Clocks,
    closing_reached,
    morning,
    reminder_reached,
    waiting_since,
)
from service.usecases.letters import DESK
from service.usecases.moving import move


def follow_waiting(engine: Engine, clocks: Clocks, now: datetime) -> Mapping[str, int]:
    """Remind and expire what waits; how many needs were "reminded" today or "expired"."""
    today = day_of(now)
    with read(engine) as connection:
        waiting = needs_in(connection, WAITING)
    counts = {"reminded": 0, "expired": 0}
    for stored in waiting:
        if closing_reached(stored, today, clocks):
            counts["expired"] += _expire(engine, stored.id, clocks, now)
        elif days := reminder_reached(stored, today, clocks):
            counts["reminded"] += _remind(engine, stored, days, now)
    return counts


def _expire(engine: Engine, need_id: str, clocks: Clocks, now: datetime) -> bool:
    """Expire a need, unless somebody moved it since it was listed."""
    with write(engine) as connection:
        stored = load_need(connection, need_id)
        if stored is None or not closing_reached(stored, day_of(now), clocks):
            return False
        move(connection, stored, "expired", actor="system", now=now)
        _queue(connection, stored, f"closing-{clocks.closing}", now)
    return True


def _remind(engine: Engine, stored: StoredNeed, days: int, now: datetime) -> bool:
    """Queue a reminder to the person, and to whoever follows the need; once a wait."""
    kind = f"reminder-{days}"
    with write(engine) as connection:
        new = _queue(connection, stored, kind, now, to="person")
        if stored.assignee:
            _queue(connection, stored, kind, now, to=DESK)
        if new:
            append(connection, at=now, actor="system", action=kind, need_id=stored.id)
    return new


def _queue(
    connection: Connection, stored: StoredNeed, kind: str, now: datetime, to: str = "person"
) -> bool:
    key = f"{kind}:{stored.id}:{waiting_since(stored)}:{to}"
    leaves = max(now, morning(day_of(now)))
    return queue(connection, kind, at=now, due_at=leaves, need_id=stored.id, key=key, to=to)
