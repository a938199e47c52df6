"""A need moves from one state to another, and the audit log tells it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data import audit
from data.store_needs import StoredNeed, change_need
from service.triage.states import ENDED, check_move


def move(
    connection: Connection,
    stored: StoredNeed,
    to: str,
    *,
    actor: str,
    now: datetime,
    outcome: str | None = None,
) -> None:
    """Move a need as it was read; refuse if the move is not allowed, or if it changed since."""
    check_move(stored.state, to, outcome)
    ended = to in ENDED
    after = {"state": to, "outcome": outcome} | ({} if ended else {"merged_into": None})
    moments = {"moved_at": now, "closed_at": now if ended else None}
    change_need(connection, stored.id, stored.version, **after, **moments)
    audit.append(
        connection,
        at=now,
        actor=actor,
        action="closed" if to == "closed" else "moved",
        need_id=stored.id,
        before={"state": stored.state, "outcome": stored.outcome},
        after=after,
    )
