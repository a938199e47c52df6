"""Every SQL query on what everyone is told of the gaps: the weekly counts, what is said twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from data.store_gaps import counts_for_the_desk
from data.tables import needs
from data.tables_gaps import gap_counts

_c = needs.c


@dataclass(frozen=True, slots=True)
class GapCounts:
    """What is told from a Monday on: by need type and group of places, and by profile.

    `salt` draws what is taken off each count: it never changes, and nobody is told.
    """

    monday: date
    salt: str
    places: Mapping[str, Mapping[str, int]]
    profiles: Mapping[str, int]


def load_gap_counts(connection: Connection) -> GapCounts | None:
    """The last counts; None before the first."""
    columns = (gap_counts.c[name] for name in GapCounts.__slots__)
    row = connection.execute(select(*columns).order_by(gap_counts.c.monday.desc())).first()
    return None if row is None else GapCounts(*row)


def first_monday(connection: Connection) -> date | None:
    """The Monday of the first counts."""
    found: date | None = connection.scalar(select(func.min(gap_counts.c.monday)))
    return found


def save_gap_counts(connection: Connection, counts: GapCounts, *, at: datetime) -> None:
    row = {name: getattr(counts, name) for name in GapCounts.__slots__}
    connection.execute(insert(gap_counts).values(taken_at=at, **row))


class Spoken(NamedTuple):
    """What tells whether a need says what another said; no words when they were erased."""

    id: str
    place_code: str | None
    text: str


def not_compared(connection: Connection, limit: int) -> list[Spoken]:
    """Needs that would count, and that nobody compared with those before them; oldest first."""
    query = select(_c.id, _c.place_code, _c.text).where(
        _c.repeated.is_(None), counts_for_the_desk()
    )
    rows = connection.execute(query.order_by(_c.created_at, _c.id).limit(limit))
    return [Spoken(*row) for row in rows]


def said_there(connection: Connection, place_code: str | None, limit: int) -> list[str]:
    """The words of the last needs of a place that repeat no other."""
    there = _c.place_code.is_(None) if place_code is None else _c.place_code == place_code
    query = select(_c.text).where(there, _c.repeated.is_(False), _c.text != "")
    return list(connection.scalars(query.order_by(_c.created_at.desc()).limit(limit)))


def mark_compared(connection: Connection, need_id: str, *, repeated: bool) -> None:
    connection.execute(update(needs).where(_c.id == need_id).values(repeated=repeated))
