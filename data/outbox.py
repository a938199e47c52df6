"""What must be done even if the process dies: rows of work, claimed one by one.

At least once: a row is marked done after it is done, so a process killed between the two does it
again. Claiming pushes `due_at` past a lease; nobody else takes the row before that, and a row
whose claimer died falls due again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from data.tables_people import outbox

LEASE = timedelta(minutes=10)
"""How long a claimed row is left to its claimer: longer than the slowest mail server."""

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))
"""How long to wait after each failed try; a mail server may be down for a night."""

MOST_TRIES = len(WAITS) + 1

WORK = frozenset({"dump", "gaps", "rematch"})
"""The kinds of rows that are done in the house; every other is a mail to send."""

_c = outbox.c


@dataclass(frozen=True, slots=True)
class Row:
    """Work to do. `payload` names ids and one-time tokens, never a person nor their words."""

    id: int
    kind: str
    need_id: str | None
    payload: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    tries: int
    error: str | None

    def standing(self, now: datetime) -> str:
        """Where a row that is not done stands: "due", "given-up", or "later", as one being done."""
        if self.due_at > _plain(now):
            return "later"
        return "given-up" if self.tries >= MOST_TRIES else "due"


@dataclass(frozen=True, slots=True)
class Backlog:
    """`pending` rows will be tried (again); `late` ones are due now; the others were given up."""

    pending: int
    late: int
    given_up: int


def queue(
    connection: Connection,
    kind: str,
    *,
    at: datetime,
    due_at: datetime | None = None,
    need_id: str | None = None,
    key: str | None = None,
    **payload: Any,
) -> bool:
    """Add work in the caller's transaction; False when its `key` is already there."""
    row = {
        "kind": kind,
        "need_id": need_id,
        "payload": payload,
        "key": key,
        "created_at": at,
        "due_at": due_at or at,
        "tries": 0,
    }
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    added = insert(outbox).values(row).on_conflict_do_nothing(index_elements=["key"])
    # PostgreSQL counts no row of an insert that gives its key back.
    return connection.scalar(added.returning(_c.id)) is not None


def due(
    connection: Connection, now: datetime, limit: int = 100, *, work: bool = False
) -> list[Row]:
    """The mails that may be claimed now, oldest first; or the work, when `work`."""
    asked = _c.kind.in_(WORK) if work else _c.kind.not_in(WORK)
    query = select(outbox).where(_pending(), _c.due_at <= now, asked).order_by(_c.due_at, _c.id)
    return [_row(r) for r in connection.execute(query.limit(limit)).mappings()]


def claim(connection: Connection, row: Row, now: datetime) -> bool:
    """Take a row for `LEASE`, and count the try; False when another has taken it meanwhile."""
    taken = connection.execute(
        update(outbox)
        .where(_c.id == row.id, _c.done_at.is_(None), _c.tries == row.tries)
        .values(tries=row.tries + 1, due_at=now + LEASE)
    )
    return taken.rowcount == 1


def done(connection: Connection, row_id: int, at: datetime, note: str | None = None) -> None:
    """It is done, or there is nothing to do (`note` says why, in a code): the payload goes."""
    values = {"done_at": at, "payload": {}, "error": note}
    connection.execute(update(outbox).where(_c.id == row_id).values(values))


def failed(
    connection: Connection, row_id: int, at: datetime, error: str, *, final: bool = False
) -> None:
    """A claimed row did not succeed; `error` is a code, never the words of a server.

    It is tried again later, and given up after `MOST_TRIES` or when `final`: it stays, undone.
    """
    tries = connection.scalar(select(_c.tries).where(_c.id == row_id)) or 1
    wait = timedelta() if final or tries >= MOST_TRIES else WAITS[tries - 1]
    values = {"error": error, "due_at": at + wait, "tries": MOST_TRIES if final else tries}
    connection.execute(update(outbox).where(_c.id == row_id).values(values))


def retry(connection: Connection, now: datetime) -> int:
    """Try again what was given up, from now on; how many rows."""
    given_up = _c.done_at.is_(None) & (_c.tries >= MOST_TRIES) & (_c.due_at <= now)
    again = update(outbox).where(given_up).values(tries=0, due_at=now)
    return connection.execute(again).rowcount


def withdraw(connection: Connection, keys: Sequence[str]) -> None:
    """Take back what was queued under these keys, if nobody has claimed it yet."""
    still = _c.key.in_(keys) & _c.done_at.is_(None) & (_c.tries == 0)
    connection.execute(delete(outbox).where(still))


def undone(connection: Connection, limit: int = 1000) -> list[Row]:
    """All that is not done, given up or not, the soonest first."""
    query = select(outbox).where(_c.done_at.is_(None)).order_by(_c.due_at, _c.id).limit(limit)
    return [_row(r) for r in connection.execute(query).mappings()]


def rows_of(connection: Connection, need_id: str) -> list[Row]:
    """All that was queued about a need, done or not."""
    query = select(outbox).where(_c.need_id == need_id).order_by(_c.id)
    return [_row(r) for r in connection.execute(query).mappings()]


def backlog(connection: Connection, now: datetime) -> Backlog:
    """How many rows are not done, by what will become of them."""

    def count(*where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(outbox).where(*where)
        return connection.scalar(query) or 0

    given_up = count(_c.done_at.is_(None), _c.tries >= MOST_TRIES, _c.due_at <= now)
    pending = count(_c.done_at.is_(None)) - given_up
    return Backlog(pending, count(_pending(), _c.due_at <= now), given_up)


def unsent(connection: Connection) -> str | None:
    """The code of the mail that failed last, among those that will be tried again."""
    failing = _pending() & (_c.tries > 0) & _c.error.is_not(None) & _c.kind.not_in(WORK)
    return connection.scalar(select(_c.error).where(failing).order_by(_c.due_at.desc()).limit(1))


def _pending() -> ColumnElement[bool]:
    return _c.done_at.is_(None) & (_c.tries < MOST_TRIES)


def _row(row: RowMapping) -> Row:
    return Row(**{name: row[name] for name in Row.__dataclass_fields__})


def _plain(now: datetime) -> datetime:
    """As moments are read back: in UTC, without a zone."""
    return now.astimezone(UTC).replace(tzinfo=None)
