"""Every SQL query of the inbox: its lists, each read in order, as far as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, tuple_

from data.lanes import OVER, Lane
from data.store_desk import REFERENCE, Scope, Wanted, says, visible
from data.store_needs import StoredNeed
from data.tables import needs
from matching.domain import ActorProfile

_FETCHED = 64
"""Rows read at once: little more than a page shows."""
_TOLD = (
    *("id", "key", "created_at", "today", "departement", "state"),
    *("sent_at", "seen_at", "contacted_at", "moved_at", "closed_at"),
)
_UNTOLD: Mapping[str, Any] = {
    "text": "",
    "place_code": None,
    "actor": ActorProfile(),
    "need_types": frozenset[str](),
}


def in_lane(
    connection: Connection,
    lane: Lane,
    scope: Scope,
    wanted: Wanted,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[StoredNeed]:
    """The needs of a lane in its order, from one moment and before another."""
    query = _of(lane, scope, wanted).order_by(lane.moment, needs.c.key)
    if since is not None:
        query = query.where(lane.moment >= since)
    if until is not None:
        query = query.where(lane.moment < until)
    return _read(connection, query, wanted)


def ended_needs(
    connection: Connection,
    scope: Scope,
    wanted: Wanted,
    *,
    after: tuple[datetime, str] | None = None,
) -> Iterator[StoredNeed]:
    """What is closed or expired, last ended first, after a (moment, key)."""
    query = _of(OVER, scope, wanted).order_by(OVER.moment.desc(), needs.c.key.desc())
    if after is not None:
        query = query.where(tuple_(OVER.moment, needs.c.key) < tuple_(*after))
    return _read(connection, query, wanted)


def _of(lane: Lane, scope: Scope, wanted: Wanted) -> Select[Any]:
    columns = (needs.c[name] for name in _TOLD)
    return visible(scope, wanted, needs.c.text, REFERENCE, *columns).where(lane.only)


def _read(connection: Connection, query: Select[Any], wanted: Wanted) -> Iterator[StoredNeed]:
    """What a query finds, without words nor facts: enough to tell what is due."""
    with connection.execute(query.execution_options(yield_per=_FETCHED)) as rows:
        for text, reference, *told in rows:
            if not wanted.words or says(wanted.words, text, reference):
                yield StoredNeed(**dict(zip(_TOLD, told, strict=True)), **_UNTOLD)
