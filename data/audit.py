"""The audit log: append-only, each line holding the hash of the one before it.

A line tells who did what to which need, in codes: never anybody's words or contact, so that it
may outlive the need that it tells of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, text

from data.tables_people import audit

FIRST = "0" * 64
"""What the first line holds in place of the hash before it."""


@dataclass(frozen=True, slots=True)
class Line:
    """`actor`: "person", "provider", "system", or "user:" and an id."""

    id: int
    at: datetime
    actor: str
    need_id: str | None
    action: str
    detail: Mapping[str, Any]
    previous: str
    hash: str


def append(
    connection: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    need_id: str | None = None,
    **detail: Any,
) -> None:
    """Add a line in the caller's transaction: what it tells of and its telling stand together."""
    if connection.dialect.name == "postgresql":
        # SQLite writes one transaction at a time; here the chain must be locked to stay one.
        connection.execute(text("LOCK TABLE audit IN EXCLUSIVE MODE"))
    last = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    previous = connection.scalar(last) or FIRST
    row = {"at": _utc(at), "actor": actor, "need_id": need_id, "action": action, "detail": detail}
    row |= {"previous": previous, "hash": _hash(previous, row)}
    connection.execute(insert(audit).values(row))


def lines_of(connection: Connection, need_id: str) -> list[Line]:
    """What happened to one need, oldest first."""
    return list(_lines(connection, select(audit).where(audit.c.need_id == need_id)))


def last_lines(connection: Connection, limit: int) -> list[Line]:
    """The last lines, of whatever need, oldest first."""
    last = select(audit).order_by(audit.c.id.desc()).limit(limit).subquery()
    rows = connection.execute(select(last).order_by(last.c.id)).mappings()
    return [Line(**row) for row in rows]


def last_id(connection: Connection) -> int:
    """The id of the last line; 0 when there is none."""
    return connection.scalar(select(func.max(audit.c.id))) or 0


def first_since(connection: Connection, at: datetime) -> int:
    """The id of the first line of this moment or later; when there is none, that of the next."""
    first = connection.scalar(select(func.min(audit.c.id)).where(audit.c.at >= at))
    return first or last_id(connection) + 1


def lines_after(
    connection: Connection, line_id: int, actions: Iterable[str], limit: int
) -> list[Line]:
    """The next lines of these actions, oldest first."""
    query = select(audit).where(audit.c.id > line_id, audit.c.action.in_(tuple(actions)))
    return list(_lines(connection, query.limit(limit)))


def undone_after(connection: Connection, line_id: int) -> frozenset[tuple[str, str | None]]:
    """(batch, need) of what was undone after a line."""
    undone = select(audit).where(audit.c.id > line_id, audit.c.action == "undone")
    return frozenset((line.detail["batch"], line.need_id) for line in _lines(connection, undone))


def broken_at(connection: Connection) -> int | None:
    """The id of the first line that does not follow from those before it; None when all do."""
    previous = FIRST
    for line in _lines(connection, select(audit)):
        row = {"at": line.at, "actor": line.actor, "need_id": line.need_id}
        row |= {"action": line.action, "detail": line.detail}
        if line.previous != previous or line.hash != _hash(previous, row):
            return line.id
        previous = line.hash
    return None


def _lines(connection: Connection, query: Select[Any]) -> Iterable[Line]:
    rows = connection.execute(query.order_by(audit.c.id)).mappings()
    return (Line(**row) for row in rows)


def _hash(previous: str, row: Mapping[str, Any]) -> str:
    told = {**row, "at": row["at"].isoformat(timespec="microseconds")}
    return sha256((previous + json.dumps(told, sort_keys=True)).encode()).hexdigest()


def _utc(at: datetime) -> datetime:
    """As it is read back: in UTC, without its zone."""
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
