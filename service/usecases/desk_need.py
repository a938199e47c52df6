"""What a catalyst does to one need: choose among its offers, write about it, correct, merge.

Every function takes the version that the page was read at: a need that somebody else changed
since is left as it is, and `ChangedMeanwhile` says so.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from data import audit, outbox
from data.engine import read, write
from data.store_contacts import agrees
from data.store_desk import Scope, need_by_reference, neighbours
from data.store_messages import save_message
from data.store_needs import (
    ChangedMeanwhile,
    StoredNeed,
    change_need,
    load_need,
    load_need_by_key,
    save_answer,
    save_correction,
)
from data.store_users import User
from matching.domain import Correction
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.roles import sees
from service.triage.states import OPEN, check_move
from service.triage.twins import AGAIN, Nearby
from service.usecases.answering import UnknownNeed, answer_need, need_of, worded
from service.usecases.changing import closing_key, restorable
from service.usecases.moving import moved
from service.usecases.transmitting import ask_consent, transmit

LONGEST_MESSAGE = 4000
_MATCHES = 10


class EmptyMessage(AiguilleError):
    """Nothing was written, or too much."""


class WrongMerge(AiguilleError):
    """Two needs that cannot become one."""


def scope_of(user: User) -> Scope:
    return Scope(user.reach, user.need_types)


def nearby(connection: Connection, scope: Scope, needs: Sequence[StoredNeed]) -> Nearby:
    """The needs at work that may be the same as these, if these are at work."""
    placed = [n for n in needs if n.state in OPEN and n.place_code]
    sent = [n.sent_at for n in placed if n.sent_at]
    if not sent:
        return Nearby(())
    places = {n.place_code for n in placed if n.place_code}
    since, until = min(sent) - AGAIN, max(sent) + AGAIN
    return Nearby(neighbours(connection, scope, places, since=since, until=until))


def visible(connection: Connection, user: User, need_id: str) -> StoredNeed:
    """The need, if the user sees it; to others it does not exist."""
    return _seen(user, load_need(connection, need_id))


def need_of_key(catalogue: Catalogue, user: User, key: str) -> StoredNeed:
    """The need that the desk calls so, if the user sees it; to others it does not exist."""
    with read(catalogue.engine) as connection:
        stored = load_need_by_key(connection, key)
    return _seen(user, stored)


def _seen(user: User, stored: StoredNeed | None) -> StoredNeed:
    """The message names no id: it is the person's private link."""
    if stored is None or not sees(user, stored):
        raise UnknownNeed("Aucun besoin à cette adresse : revenez à la liste.", field="id")
    return stored


def need_at(connection: Connection, user: User, need_id: str, version: int) -> StoredNeed:
    """The need, if the user sees it and nobody changed it since that version."""
    stored = visible(connection, user, need_id)
    if stored.version != version:
        raise ChangedMeanwhile("Ce besoin a changé depuis que vous l’avez ouvert.", field="version")
    return stored


def touch(
    connection: Connection,
    stored: StoredNeed,
    now: datetime,
    *,
    to: str | None = None,
    contacted: bool = False,
) -> None:
    """Count a change of the need; it may move it, and be the first word to the person."""
    values: dict[str, Any] = {}
    if contacted and stored.contacted_at is None:
        values["contacted_at"] = now
    if to is not None and to != stored.state:
        check_move(stored.state, to)
        values |= {"state": to, "moved_at": now}
    change_need(connection, stored.id, stored.version, **values)


def note(catalogue: Catalogue, user: User, need_id: str, text: str, *, now: datetime) -> None:
    """Write for the desk alone. A note takes nothing from anybody, so it needs no version."""
    with write(catalogue.engine) as connection:
        worded(visible(connection, user, need_id))
        _write(connection, user, need_id, text, "desk", now)
        _tell(connection, user, need_id, "noted", now)


def ask(
    catalogue: Catalogue, user: User, need_id: str, text: str, *, version: int, now: datetime
) -> None:
    """Ask the person; the need waits for them, and they are told by mail that a word is there."""
    with write(catalogue.engine) as connection:
        stored = worded(need_at(connection, user, need_id, version))
        _write(connection, user, need_id, text, "person", now)
        touch(connection, stored, now, to="waiting", contacted=True)
        key = f"question:{need_id}:{stored.version}"
        outbox.queue(connection, "question", at=now, need_id=need_id, key=key)
        _tell(connection, user, need_id, "asked", now)


def contact_provider(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    offer_id: str,
    recipient: str,
    *,
    version: int,
    now: datetime,
    days: int,
) -> None:
    """Send the need to an offer's provider, by a link good for some days; or ask the person to
    agree when they have not yet.
    """
    with read(catalogue.engine) as connection:
        need_at(connection, user, need_id, version)
        agreed = agrees(connection, need_id, offer_id)
    if agreed:
        transmit(catalogue, need_id, offer_id, recipient, by=f"user:{user.id}", now=now, days=days)
    else:
        ask_consent(catalogue, need_id, offer_id, by=f"user:{user.id}", now=now)
    with write(catalogue.engine) as connection:
        touch(connection, visible(connection, user, need_id), now, contacted=True)


def _write(
    connection: Connection, user: User, need_id: str, text: str, audience: str, now: datetime
) -> None:
    said = text.strip()
    if not said or len(said) > LONGEST_MESSAGE:
        raise EmptyMessage(
            "Écrivez de 1 à {most} caractères ; il y en a {count}.",
            field="text",
            most=LONGEST_MESSAGE,
            count=len(said),
        )
    save_message(connection, need_id, said, author=f"user:{user.id}", audience=audience, at=now)


def correct(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    correction: Correction,
    *,
    version: int,
    now: datetime,
) -> None:
    """Say what the need is about, in place of what was understood, and answer it anew.

    It is answered before anything is kept: what was erased or changed meanwhile is at no version.
    """
    with read(catalogue.engine) as connection:
        stored = worded(need_at(connection, user, need_id, version))
    corrected = replace(need_of(catalogue, stored), correction=correction)
    answer = answer_need(catalogue, corrected, today=stored.today, limit=_MATCHES)
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        old = stored.correction
        types = sorted(stored.types)
        before = {"need_types": types, "urgent": bool(old and old.urgent)}
        author = f"user:{user.id}"
        save_correction(connection, need_id, correction, before=before, author=author, at=now)
        after = sorted(correction.need_types)
        save_answer(connection, need_id, answer)
        _tell(connection, user, need_id, "corrected", now, before=types, types=after)


def merge(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    reference: str,
    *,
    version: int,
    now: datetime,
    undo: timedelta,
) -> str:
    """Close a need as the double of another, which is told; returns the batch that undoes it."""
    batch, author = secrets.token_urlsafe(9), f"user:{user.id}"
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        into = need_by_reference(connection, scope_of(user), reference)
        if into is None or need_id in (into.id, into.merged_into):
            raise WrongMerge(
                "Aucun autre besoin de référence « {reference} » parmi ceux que vous suivez : "
                "vérifiez la référence.",
                field="reference",
                reference=reference.strip(),
            )
        check_move(stored.state, "closed", "duplicate")
        values = {**moved("closed", "duplicate", now), "merged_into": into.id}
        change_need(connection, need_id, version, **values)
        _tell(
            connection,
            user,
            need_id,
            "merged",
            now,
            batch=batch,
            restore=restorable(stored, values),
            version=version + 1,
            into=into.reference,
            after={"state": "closed", "outcome": "duplicate"},
        )
        audit.append(
            connection,
            at=now,
            actor=author,
            action="absorbed",
            need_id=into.id,
            reference=stored.reference,
        )
        key = closing_key(need_id, version + 1)
        outbox.queue(connection, "closed", at=now, due_at=now + undo, need_id=need_id, key=key)
    return batch


def _tell(
    connection: Connection,
    user: User,
    need_id: str,
    action: str,
    now: datetime,
    **detail: str | int | bool | list[str] | Mapping[str, Any] | None,
) -> None:
    author = f"user:{user.id}"
    audit.append(connection, at=now, actor=author, action=action, need_id=need_id, **detail)
