"""Every SQL query on what is told to webhooks: one row for an event and a webhook.

At least once, as the outbox: claiming a row counts the try and pushes `due_at` past a lease, so
that a row whose claimer died falls due again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data.tables_webhooks import deliveries, webhooks

LEASE = timedelta(minutes=1)
"""How long a claimed row is left to its claimer: longer than a name takes to be resolved, and an
answer to come."""

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60, 36 * 60))
"""How long to wait after each failed try: almost three days in all."""

MOST_TRIES = len(WAITS) + 1

_c = deliveries.c


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event told, or to be told, to a webhook. `status` is that of the last answer, `error` a
    code of why none came, or of why it is no good.
    """

    id: int
    webhook_id: str
    event_id: str
    type: str
    body: str
    created_at: datetime
    due_at: datetime
    tries: int
    tried_at: datetime | None
    status: int | None
    error: str | None
    delivered_at: datetime | None

    def standing(self, now: datetime) -> Literal["delivered", "pending", "failed"]:
        if self.delivered_at is not None:
            return "delivered"
        over = self.tries >= MOST_TRIES and self.due_at <= _plain(now)
        return "failed" if over else "pending"


def queue(connection: Connection, rows: Sequence[Mapping[str, Any]], at: datetime) -> None:
    """Have events told from now on, but those that a webhook has already.

    A row: `webhook_id`, `event_id`, `type`, `need_id`, `body`.
    """
    if not rows:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    timed = [{**row, "created_at": at, "due_at": at, "tries": 0} for row in rows]
    added = insert(deliveries).on_conflict_do_nothing(index_elements=["webhook_id", "event_id"])
    connection.execute(added, timed)


def webhooks_due(connection: Connection, now: datetime) -> list[str]:
    """The active webhooks to which something is to be told now, who waits longest first."""
    query = (
        select(_c.webhook_id)
        .join(webhooks, webhooks.c.id == _c.webhook_id)
        .where(webhooks.c.state == "active", *_due(now))
        .group_by(_c.webhook_id)
        .order_by(func.min(_c.due_at))
    )
    return list(connection.scalars(query))


def next_due(connection: Connection, webhook_id: str, now: datetime) -> Delivery | None:
    """What is to be told first."""
    query = select(deliveries).where(_c.webhook_id == webhook_id, *_due(now))
    row = connection.execute(query.order_by(_c.due_at, _c.id).limit(1)).mappings().first()
    return None if row is None else _delivery(row)


def _due(now: datetime) -> tuple[Any, ...]:
    return (_c.delivered_at.is_(None), _c.tries < MOST_TRIES, _c.due_at <= now)


def claim(connection: Connection, found: Delivery, now: datetime) -> bool:
    """Take a row for `LEASE`, and count the try; False when another has taken it meanwhile."""
    taken = connection.execute(
        update(deliveries)
        .where(_c.id == found.id, _c.delivered_at.is_(None), _c.tries == found.tries)
        .values(tries=found.tries + 1, due_at=now + LEASE, tried_at=now)
    )
    return taken.rowcount == 1


def delivered(connection: Connection, found: Delivery, at: datetime, status: int) -> None:
    values = {"delivered_at": at, "status": status, "error": None}
    connection.execute(update(deliveries).where(_c.id == found.id).values(values))


def undelivered(
    connection: Connection, found: Delivery, at: datetime, status: int | None, error: str | None
) -> bool:
    """A row, as it was before it was claimed, was not told; is it given up?

    It is tried again later; after `MOST_TRIES` it stays, untold. What else was due there is left
    alone for the shortest wait: who cannot answer one needs no others.
    """
    tries = found.tries + 1
    wait = WAITS[tries - 1] if tries < MOST_TRIES else timedelta()
    values = {"status": status, "error": error, "due_at": at + wait}
    mine = (_c.id == found.id) & (_c.tries == tries)
    connection.execute(update(deliveries).where(mine).values(values))
    others = (_c.webhook_id == found.webhook_id) & (_c.id != found.id)
    later = update(deliveries).where(others, *_due(at)).values(due_at=at + WAITS[0])
    connection.execute(later)
    return tries >= MOST_TRIES


def any_arrived(connection: Connection, webhook_id: str, since: datetime) -> bool:
    """Did anything arrive there since?"""
    arrived = exists().where(_c.webhook_id == webhook_id, _c.delivered_at >= since)
    return bool(connection.scalar(select(arrived)))


def last_deliveries(connection: Connection, webhook_id: str, limit: int) -> list[Delivery]:
    """The last ones, the newest first."""
    query = select(deliveries).where(_c.webhook_id == webhook_id).order_by(_c.id.desc())
    return [_delivery(row) for row in connection.execute(query.limit(limit)).mappings()]


def last_tries(connection: Connection) -> Mapping[str, Delivery]:
    """Webhook -> what was tried there last."""
    latest = func.max(_c.tried_at).label("at")
    last = select(_c.webhook_id, latest).group_by(_c.webhook_id).subquery()
    same = (_c.webhook_id == last.c.webhook_id) & (_c.tried_at == last.c.at)
    query = select(deliveries).join(last, same).order_by(_c.id)
    return {row["webhook_id"]: _delivery(row) for row in connection.execute(query).mappings()}


def load_delivery(connection: Connection, webhook_id: str, event_id: str) -> Delivery | None:
    where = (_c.webhook_id == webhook_id) & (_c.event_id == event_id)
    row = connection.execute(select(deliveries).where(where)).mappings().first()
    return None if row is None else _delivery(row)


def tell_again(
    connection: Connection, webhook_id: str, event_ids: Sequence[str], now: datetime
) -> int:
    """Tell these events again from now on, whatever became of them; how many there are."""
    where = (_c.webhook_id == webhook_id) & _c.event_id.in_(event_ids)
    values = {"due_at": now, "tries": 0, "delivered_at": None}
    return connection.execute(update(deliveries).where(where).values(values)).rowcount


def tell_undelivered(connection: Connection, webhook_id: str, now: datetime) -> int:
    """Tell from now on all that never arrived; how many events."""
    where = (_c.webhook_id == webhook_id) & _c.delivered_at.is_(None)
    values = {"due_at": now, "tries": 0}
    return connection.execute(update(deliveries).where(where).values(values)).rowcount


def standings(connection: Connection, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """Webhook -> how many of its deliveries stand how."""
    over = (_c.tries >= MOST_TRIES) & (_c.due_at <= now)
    stands = case((_c.delivered_at.is_not(None), "delivered"), (over, "failed"), else_="pending")
    counted = select(_c.webhook_id, stands.label("standing"), func.count().label("many"))
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(counted.group_by(_c.webhook_id, "standing")):
        found.setdefault(row.webhook_id, {})[row.standing] = row.many
    return found


def unanswering(connection: Connection) -> int:
    """How many active webhooks did not take what they were told last, and will be told again."""
    failed = or_(_c.error.is_not(None), _c.status.is_not(None))
    query = (
        select(func.count(func.distinct(_c.webhook_id)))
        .join(webhooks, webhooks.c.id == _c.webhook_id)
        .where(webhooks.c.state == "active", _c.delivered_at.is_(None), _c.tries > 0, failed)
    )
    return connection.scalar(query) or 0


def forget_deliveries(connection: Connection, before: datetime) -> int:
    """Delete what was to be told before then, told or not; how many."""
    return connection.execute(delete(deliveries).where(_c.created_at < before)).rowcount


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{name: row[name] for name in Delivery.__dataclass_fields__})


def _plain(now: datetime) -> datetime:
    """As moments are read back: in UTC, without a zone."""
    return now.astimezone(UTC).replace(tzinfo=None)
