"""Every SQL query on feeds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from data.tables import offers
from data.tables_feeds import feed_absences, feeds

LEASE = timedelta(minutes=15)
"""How long a run may take before another one begins: longer than any fetch and import."""
_BATCH = 500
_c = feeds.c


@dataclass(frozen=True, slots=True)
class Feed:
    """A catalogue to fetch: where, in which format, how often, and how its last runs went.

    `name` is the source of its offers. `due_at` is when the next run is due. `counts` are those of
    the import of the last successful run; `failure` says in words why the last run failed, if it
    did (`failures` in a row); `held` tells how many offers of how many were absent from a run that
    waits for a person.
    """

    id: int
    name: str
    url: str
    format: str
    every: timedelta
    local: bool
    created_at: datetime
    due_at: datetime
    etag: str | None
    modified: str | None
    digest: str | None
    succeeded_at: datetime | None
    counts: Mapping[str, int] | None
    failed_at: datetime | None
    failure: str | None
    failures: int
    held: Mapping[str, int] | None
    accepted: bool


def add_feed(
    connection: Connection,
    *,
    name: str,
    url: str,
    format_name: str,
    every: timedelta,
    local: bool,
    now: datetime,
) -> int:
    """Keep a feed, due at once; its id."""
    row = {"name": name, "url": url, "format": format_name, "local": local, "created_at": now}
    row |= {"every_s": int(every.total_seconds()), "due_at": now}
    made = connection.execute(insert(feeds).values(row)).inserted_primary_key
    return int(made[0]) if made else 0


def load_feeds(connection: Connection) -> list[Feed]:
    query = select(feeds).order_by(_c.id)
    return [_feed(row) for row in connection.execute(query).mappings()]


def load_feed(connection: Connection, feed_id: int) -> Feed | None:
    row = connection.execute(select(feeds).where(_c.id == feed_id)).mappings().first()
    return None if row is None else _feed(row)


def due_feeds(connection: Connection, now: datetime) -> list[Feed]:
    """Those whose time has come, and that nobody runs; the longest due first."""
    query = select(feeds).where(_c.due_at <= now, _idle(now)).order_by(_c.due_at, _c.id)
    return [_feed(row) for row in connection.execute(query).mappings()]


def claim_feed(connection: Connection, feed_id: int, now: datetime) -> bool:
    """Take a feed for `LEASE`; False when somebody runs it, or it is no more."""
    taken = update(feeds).where(_c.id == feed_id, _idle(now)).values(busy_until=now + LEASE)
    return connection.execute(taken).rowcount == 1


def record_run(connection: Connection, feed_id: int, due_at: datetime, **values: Any) -> None:
    """What a run of a claimed feed gave; it is free again, and due at `due_at`."""
    told = {**values, "due_at": due_at, "busy_until": None}
    connection.execute(update(feeds).where(_c.id == feed_id).values(told))


def accept_held(connection: Connection, feed_id: int, now: datetime) -> bool:
    """Say that what is held is right: the next run, due now, applies it. False if nothing is."""
    held = update(feeds).where(_c.id == feed_id, _c.held.is_not(None), _c.accepted.is_(False))
    return connection.execute(held.values(accepted=True, due_at=now)).rowcount == 1


def remove_feed(connection: Connection, feed_id: int) -> bool:
    return connection.execute(delete(feeds).where(_c.id == feed_id)).rowcount == 1


def load_absences(connection: Connection, feed_id: int) -> dict[str, int]:
    """Offer -> runs in a row in which it was absent."""
    of_feed = select(feed_absences).where(feed_absences.c.feed_id == feed_id)
    return {row["offer_id"]: row["runs"] for row in connection.execute(of_feed).mappings()}


def save_absences(connection: Connection, feed_id: int, absences: Mapping[str, int]) -> None:
    connection.execute(delete(feed_absences).where(feed_absences.c.feed_id == feed_id))
    rows = [{"feed_id": feed_id, "offer_id": i, "runs": n} for i, n in absences.items()]
    if rows:
        connection.execute(insert(feed_absences), rows)


def sources_of(connection: Connection, offer_ids: Collection[str]) -> dict[str, str]:
    """Offer -> its source, of those that are stored, withdrawn or not."""
    ids, found = list(offer_ids), dict[str, str]()
    for start in range(0, len(ids), _BATCH):
        batch = offers.c.id.in_(ids[start : start + _BATCH])
        rows = connection.execute(select(offers.c.id, offers.c.source).where(batch))
        found.update((offer_id, source) for offer_id, source in rows)
    return found


def offers_by_source(connection: Connection) -> dict[str, int]:
    """Source -> live offers."""
    live = select(offers.c.source, func.count()).where(offers.c.withdrawn_on.is_(None))
    return {row[0]: row[1] for row in connection.execute(live.group_by(offers.c.source))}


def _idle(now: datetime) -> Any:
    return or_(_c.busy_until.is_(None), _c.busy_until <= now)


def _feed(row: RowMapping) -> Feed:
    named = {name: row[name] for name in Feed.__dataclass_fields__ if name != "every"}
    return Feed(**named, every=timedelta(seconds=row["every_s"]))
