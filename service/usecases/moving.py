"""A need moves from one state to another, and the audit log tells it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data import audit
from data.store_needs import StoredNeed, change_need
from service.triage.states import check_move


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
    closed_at = now if to == "closed" else None
    change_need(
        connection,
        stored.id,
        stored.version,
        state=to,
        outcome=outcome,
        moved_at=now,
        closed_at=closed_at,
    )
    told = {"before": stored.state, "to": to} | ({"outcome": outcome} if outcome else {})
    audit.append(connection, at=now, actor=actor, action="moved", need_id=stored.id, **told)
