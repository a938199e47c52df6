"""A need moves from one state to another, and the audit log tells it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data import audit
from data.store_needs import StoredNeed, change_need
from service.triage.states import ENDED, QUALIFIED, TO_QUALIFY, check_move


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
    values = moved(to, outcome, now)
    after = {name: values[name] for name in ("state", "outcome", "merged_into") if name in values}
    change_need(connection, stored.id, stored.version, **values)
    tell_move(connection, stored, after, actor=actor, now=now)


def tell_move(
    connection: Connection,
    stored: StoredNeed,
    after: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Tell that a need, as it was read, went to what `after` says."""
    audit.append(
        connection,
        at=now,
        actor=actor,
        action=action_of(stored.state, after["state"]),
        need_id=stored.id,
        before={"state": stored.state, "outcome": stored.outcome},
        after=after,
    )


def action_of(state: str, to: str) -> str:
    """What the audit log calls a move: by its end, or "qualified" when somebody understood."""
    if to in ENDED:
        return to
    return "qualified" if state in TO_QUALIFY and to in QUALIFIED else "moved"


def moved(to: str, outcome: str | None, now: datetime) -> Mapping[str, Any]:
    """The columns of a need that moves: what did not end is joined to no other."""
    ended = now if to in ENDED else None
    values = {"state": to, "outcome": outcome, "moved_at": now, "closed_at": ended}
    return values if ended else {**values, "merged_into": None}
