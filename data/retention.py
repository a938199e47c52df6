"""What has been kept long enough: needs, traces of work, closed accounts, notes on gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from data.outbox import MOST_TRIES
from data.tables import needs
from data.tables_people import gaps, outbox, suggestions, users

_c = needs.c


def old_drafts(connection: Connection, before: datetime, limit: int) -> list[tuple[str, bool]]:
    """Needs never sent and received before then: (id, whether it counts as unmet)."""
    unmet = _c.unmet.is_not(None)
    # An unmet draft that lost its words stays, to be counted.
    query = (
        select(_c.id, unmet)
        .where(_c.state == "draft", _c.created_at < before, or_(~unmet, _c.text != ""))
        .order_by(_c.created_at, _c.id)
        .limit(limit)
    )
    return [(need_id, bool(counts)) for need_id, counts in connection.execute(query)]


def with_old_words(
    connection: Connection, ended: Sequence[str], before: datetime, limit: int
) -> list[str]:
    """Needs in one of the states `ended` since before then, that still have their words."""
    # Who forgot to say when it ended must not keep the words for ever.
    ended_at = func.coalesce(_c.closed_at, _c.moved_at, _c.sent_at, _c.created_at)
    query = (
        select(_c.id)
        .where(_c.state.in_(ended), ended_at < before, _c.text != "")
        .order_by(_c.id)
        .limit(limit)
    )
    return list(connection.scalars(query))


def forget_work(connection: Connection, open_states: Sequence[str], before: datetime) -> int:
    """Delete rows of the outbox done or given up before then; how many.

    The row of a reminder keeps the reminder from being queued again as long as its need is open.
    """
    row = outbox.c
    still = select(_c.id).where(_c.id == row.need_id, _c.state.in_(open_states)).exists()
    over = or_(row.done_at < before, and_(row.tries >= MOST_TRIES, row.due_at < before))
    return connection.execute(delete(outbox).where(over, or_(row.key.is_(None), ~still))).rowcount


def forget_suggestions(connection: Connection, before: datetime) -> int:
    """Delete what the public suggested and the desk decided before then; how many."""
    return connection.execute(delete(suggestions).where(suggestions.c.decided_at < before)).rowcount


def forget_accounts(connection: Connection, before: datetime) -> list[str]:
    """Delete the accounts closed before then: name, address, sessions and links; their ids."""
    gone = delete(users).where(users.c.closed_at < before).returning(users.c.id)
    return sorted(connection.scalars(gone))


def forget_notes(connection: Connection, before: datetime) -> int:
    """Empty the notes on gaps filled before then; how many."""
    over = (gaps.c.state == "filled") & (gaps.c.changed_at < before) & (gaps.c.note != "")
    return connection.execute(update(gaps).where(over).values(note="")).rowcount
