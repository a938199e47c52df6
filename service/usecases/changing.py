"""Needs change hands, state or end: one or many at once, with a reason, and ten seconds to undo.

A change is one batch: each of its audit lines holds the batch's id and what was there before, so
that undoing needs nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection

from data import audit, outbox
from data.engine import read, write
from data.store_desk import NOBODY
from data.store_messages import save_message
from data.store_needs import ChangedMeanwhile, StoredNeed, change_need, load_need, load_need_by_key
from data.store_triage import remove_messages
from data.store_users import User, load_user
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.reasons import CHANGES, known_reason
from service.triage.roles import sees
from service.triage.states import check_move
from service.typography import marked
from service.usecases.answering import UnknownNeed, worded
from service.usecases.moving import action_of, moved

Kind = Literal["assign", "move", "close"]
MOST_AT_ONCE = 200
_RECENT = 2000
"""Audit lines among which a batch is looked for: seconds of work of a whole country."""
_KEPT = ("state", "outcome", "assignee", "merged_into", "closed_at", "moved_at")
_MOMENTS = ("closed_at", "moved_at")
UNDONE = "undone"
LEFT = marked("Ce besoin a changé depuis votre geste : changez-le à la main.")


class WrongChange(AiguilleError):
    """A change that cannot be made of a need, or of anybody's."""


class NothingToUndo(AiguilleError):
    """No such batch of this user, or it is too late."""


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants of needs. `to`: a user's id or `NOBODY`, a state, or an outcome."""

    kind: Kind
    to: str
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A need left as it was, and why."""

    need: StoredNeed
    why: AiguilleError


@dataclass(frozen=True, slots=True)
class Changed:
    """`batch` undoes it; None when nothing changed."""

    batch: str | None
    done: tuple[StoredNeed, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """A change that was made, and until when it may be undone."""

    id: str
    until: datetime
    lines: tuple[audit.Line, ...]


def change_needs(
    catalogue: Catalogue,
    user: User,
    marked: Sequence[tuple[str, int]],
    change: Change,
    *,
    now: datetime,
    undo: timedelta,
) -> Changed:
    """Change the needs (key, version as it was read) that the user sees; tell which were not.

    A need that changed since, or that may not move so, is left as it is and told. Raises for one
    alone.
    """
    known_reason(change.reason, CHANGES)
    if not marked or len(marked) > MOST_AT_ONCE:
        raise WrongChange(
            "{count} besoins choisis : choisissez-en de 1 à {most}.",
            field="marked",
            count=len(marked),
            most=MOST_AT_ONCE,
        )
    batch, done, refused = secrets.token_urlsafe(9), list[StoredNeed](), list[Refusal]()
    with write(catalogue.engine) as connection:
        receiver = _receiver(connection, change)
        for desk_key, version in marked:
            stored = load_need_by_key(connection, desk_key)
            if stored is None or not sees(user, stored):
                raise UnknownNeed(
                    "Un des besoins choisis n’existe pas ou plus : rechargez la page."
                )
            try:
                if change.note.strip():
                    worded(stored)
                values = _values(stored, change, receiver, now)
                change_need(connection, stored.id, version, **values)
            except AiguilleError as error:
                if len(marked) == 1:
                    raise
                refused.append(Refusal(stored, error))
                continue
            _tell(connection, stored, change, values, batch=batch, user=user, now=now)
            if change.kind == "close":
                need_id, due_at = stored.id, now + undo
                key = closing_key(need_id, version + 1)
                outbox.queue(connection, "closed", at=now, due_at=due_at, need_id=need_id, key=key)
            done.append(stored)
    return Changed(batch if done else None, tuple(done), tuple(refused))


def closing_key(need_id: str, version: int) -> str:
    """Of the mail that tells of one closing."""
    return f"closed:{need_id}:{version}"


def _receiver(connection: Connection, change: Change) -> User | None:
    if change.kind != "assign" or change.to == NOBODY:
        return None
    found = load_user(connection, change.to)
    if found is None or not found.active:
        raise WrongChange("Cette personne n’a pas de compte actif : choisissez-en une autre.")
    return found


def _values(
    stored: StoredNeed, change: Change, receiver: User | None, now: datetime
) -> Mapping[str, Any]:
    """The columns that change."""
    if change.kind == "assign":
        if receiver is not None and not sees(receiver, stored):
            raise WrongChange(
                "{name} ne suit pas ce territoire ou ce type de besoin.", name=receiver.name
            )
        return {"assignee": receiver.id if receiver else None}
    state, outcome = ("closed", change.to) if change.kind == "close" else (change.to, None)
    check_move(stored.state, state, outcome)
    return moved(state, outcome, now)


def _tell(
    connection: Connection,
    stored: StoredNeed,
    change: Change,
    values: Mapping[str, Any],
    *,
    batch: str,
    user: User,
    now: datetime,
) -> None:
    author = f"user:{user.id}"
    after = {name: values[name] for name in ("state", "outcome", "assignee") if name in values}
    audit.append(
        connection,
        at=now,
        actor=author,
        action="assigned" if change.kind == "assign" else action_of(stored.state, after["state"]),
        need_id=stored.id,
        batch=batch,
        restore=restorable(stored, values),
        reason=change.reason,
        version=stored.version + 1,
        after=after,
    )
    if change.note.strip():
        text = change.note.strip()
        save_message(connection, stored.id, text, author=author, audience="desk", at=now)


def restorable(stored: StoredNeed, values: Mapping[str, Any]) -> Mapping[str, str | None]:
    """What was there before these columns change, in codes: enough to undo."""
    before = {name: getattr(stored, name) for name in _KEPT if name in values}
    return {n: v.isoformat() if n in _MOMENTS and v else v for n, v in before.items()}


def find_batch(
    catalogue: Catalogue, user: User, batch: str, *, now: datetime, undo: timedelta
) -> Batch | None:
    """A batch of this user's that may still be undone."""
    with read(catalogue.engine) as connection:
        found = _batch(connection, user, batch, undo)
    return found if found and now <= found.until else None


def _batch(connection: Connection, user: User, batch: str, undo: timedelta) -> Batch | None:
    mine = _lines(connection, user, batch)
    if not mine or any(line.action == UNDONE for line in mine):
        return None
    return Batch(batch, mine[0].at.replace(tzinfo=UTC) + undo, tuple(mine))


def _lines(connection: Connection, user: User, batch: str) -> list[audit.Line]:
    """What this user did of late in that batch."""
    recent = audit.last_lines(connection, _RECENT)
    return [n for n in recent if n.detail.get("batch") == batch and n.actor == f"user:{user.id}"]


def undo_batch(
    catalogue: Catalogue, user: User, batch: str, *, now: datetime, undo: timedelta
) -> None:
    """Put the needs of a batch back as they were, but those that changed since."""
    with write(catalogue.engine) as connection:
        found = _batch(connection, user, batch, undo)
        if found is None or now > found.until:
            raise NothingToUndo(
                "Il est trop tard pour annuler d’un geste : ouvrez le besoin et changez-le."
            )
        for line in found.lines:
            stored = load_need(connection, line.need_id or "")
            if stored is None:
                continue
            before = {
                n: datetime.fromisoformat(v) if n in _MOMENTS and v else v
                for n, v in line.detail["restore"].items()
            }
            try:
                change_need(connection, stored.id, line.detail["version"], **before)
            except ChangedMeanwhile:
                continue
            outbox.withdraw(connection, [closing_key(stored.id, line.detail["version"])])
            remove_messages(connection, [stored.id], author=line.actor, at=line.at)
            audit.append(
                connection,
                at=now,
                actor=line.actor,
                action=UNDONE,
                need_id=stored.id,
                batch=batch,
                what=line.action,
            )


def find_undone(catalogue: Catalogue, user: User, batch: str) -> Changed | None:
    """What became of a batch that this user took back; None of one that is not theirs, or old."""
    done, refused = list[StoredNeed](), list[Refusal]()
    with read(catalogue.engine) as connection:
        lines = _lines(connection, user, batch)
        undone = {line.need_id for line in lines if line.action == UNDONE}
        for line in lines:
            stored = load_need(connection, line.need_id or "")
            if line.action == UNDONE or stored is None or not sees(user, stored):
                continue
            if stored.id in undone:
                done.append(stored)
            else:
                refused.append(Refusal(stored, ChangedMeanwhile(LEFT)))
    return Changed(None, tuple(done), tuple(refused)) if lines else None
