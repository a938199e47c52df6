"""All that a catalyst reads of one need: its words, its offers, what was said, done and like it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from data import audit
from data.audit import Line
from data.engine import read, write
from data.store_contacts import Consent, Contact, asks_of, consents_of, load_contact
from data.store_desk import helped_needs
from data.store_messages import Message, messages_of
from data.store_needs import StoredNeed, change_need, load_need, load_needs
from data.store_transmissions import Room, Transmission, load_rooms, transmissions_of
from data.store_triage import (
    Corrected,
    Decision,
    Vector,
    corrections_of,
    decisions_of,
    decisions_of_all,
    merged_into,
    save_vector,
    vectors_of,
)
from data.store_users import User, load_users
from matching.domain import Answer, Match
from service.catalogue import Catalogue
from service.triage.roles import sees
from service.triage.twins import Twin
from service.usecases.answering import need_of
from service.usecases.desk_need import nearby, scope_of, visible

MATCHES = 10
_HELPED = 300
"""How many helped needs are compared: the last ones of the same types."""
ALIKE, MOST_ALIKE = 0.45, 3


@dataclass(frozen=True, slots=True)
class Helped:
    """A need that was helped before; its words are left out where the user may not read them."""

    need: StoredNeed
    likeness: float
    offers: Sequence[str]
    readable: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A need as its page tells it. `answer` is None once its words were erased.

    `generalist` is who to talk to there, whatever else was found. `rooms`: what the providers of
    the offers decided of said last of the needs that they may still take.
    """

    need: StoredNeed
    answer: Answer | None
    generalist: Match | None
    decisions: Sequence[Decision]
    corrections: Sequence[Corrected]
    messages: Sequence[Message]
    transmissions: Sequence[Transmission]
    rooms: Mapping[str, Room]
    contact: Contact | None
    consents: Sequence[Consent]
    asked: Mapping[str, datetime]
    lines: Sequence[Line]
    users: Sequence[User]
    twins: Sequence[Twin]
    merged: Sequence[str]
    into: StoredNeed | None
    helped: Sequence[Helped]

    @property
    def receivers(self) -> list[User]:
        """Who may take the need."""
        return [u for u in self.users if sees(u, self.need)]


def open_need(catalogue: Catalogue, user: User, need_id: str, *, now: datetime) -> Opened:
    """Read a need; the first who opens it is its first look, and the audit log tells it."""
    encoder = catalogue.matcher.encoder
    with read(catalogue.engine) as connection:
        stored = visible(connection, user, need_id)
        vectors = vectors_of(connection, [need_id], encoder.name)
    if stored.seen_at is None or (stored.text and not vectors):
        vectors = _first_look(catalogue, user, need_id, now)
    answer: Answer | None = None
    generalist: Match | None = None
    if stored.text:
        need = need_of(catalogue, stored)
        with catalogue.turn:
            answer, generalist = catalogue.matcher.match_and_generalist(
                need, today=stored.today, limit=MATCHES
            )
    with read(catalogue.engine) as connection:
        stored = visible(connection, user, need_id)
        near = nearby(connection, scope_of(user), [stored])
        decisions = decisions_of(connection, need_id)
        decided = [d.offer_id for d in decisions]
        into = load_need(connection, stored.merged_into) if stored.merged_into else None
        return Opened(
            need=stored,
            answer=answer,
            generalist=generalist,
            decisions=decisions,
            corrections=corrections_of(connection, need_id),
            messages=messages_of(connection, need_id),
            transmissions=transmissions_of(connection, need_id),
            rooms=load_rooms(connection, scope_of(user), decided),
            contact=load_contact(connection, need_id),
            consents=consents_of(connection, need_id),
            asked=asks_of(connection, need_id),
            lines=audit.lines_of(connection, need_id),
            users=load_users(connection),
            twins=near.twins_of(stored),
            merged=merged_into(connection, need_id),
            into=into if into and sees(user, into) else None,
            helped=helped_like(connection, encoder.name, user, stored, vectors.get(need_id)),
        )


def _first_look(
    catalogue: Catalogue, user: User, need_id: str, now: datetime
) -> Mapping[str, Vector]:
    """Tell that a need was looked at, and keep how its words read, to find its like."""
    encoder = catalogue.matcher.encoder
    with read(catalogue.engine) as connection:
        text = visible(connection, user, need_id).text
    vector = encoder.encode([text])[0]  # outside of the transaction: it takes its time
    with write(catalogue.engine) as connection:
        stored = visible(connection, user, need_id)
        if stored.seen_at is None:
            change_need(connection, need_id, stored.version, seen_at=now)
            actor = f"user:{user.id}"
            audit.append(connection, at=now, actor=actor, action="seen", need_id=need_id)
        if not stored.text:
            return {}
        save_vector(connection, need_id, encoder.name, vector)
    return {need_id: vector}


def helped_like(
    connection: Connection, encoder: str, user: User, stored: StoredNeed, vector: Vector | None
) -> list[Helped]:
    """The closest helped needs of the same types that tell which offers were chosen."""
    if vector is None or not stored.types:
        return []
    found = helped_needs(connection, sorted(stored.types), _HELPED)
    vectors = vectors_of(connection, [i for i in found if i != stored.id], encoder)
    if not vectors:
        return []
    ids = sorted(vectors)
    likeness = np.stack([vectors[i] for i in ids]) @ vector
    alike = {i: x for x, i in sorted(zip(likeness.tolist(), ids, strict=True)) if x >= ALIKE}
    decided = decisions_of_all(connection, list(alike))
    chosen = {i: [d.offer_id for d in decided.get(i, ()) if d.chosen] for i in reversed(alike)}
    shown = [i for i, offers in chosen.items() if offers][:MOST_ALIKE]
    return [
        _helped(user, need, alike[need.id], chosen[need.id])
        for need in load_needs(connection, shown)
    ]


def _helped(user: User, need: StoredNeed, likeness: float, offers: Sequence[str]) -> Helped:
    readable = sees(user, need)
    shown = need if readable else replace(need, text="", reference=None, place_code=None)
    return Helped(shown, likeness, offers, readable)
