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
from data.store_desk import helped_needs, neighbours
from data.store_messages import Message, messages_of
from data.store_needs import StoredNeed, change_need, load_need
from data.store_transmissions import Transmission, transmissions_of
from data.store_triage import (
    Corrected,
    Decision,
    corrections_of,
    decisions_of,
    decisions_of_all,
    merged_into,
    vectors_of,
)
from data.store_users import User, load_users
from matching.domain import Answer, Match
from service.catalogue import Catalogue
from service.triage.roles import sees
from service.triage.states import OPEN
from service.triage.twins import Twin, twins_of
from service.usecases.answering import answer_need, need_of
from service.usecases.desk_need import scope_of, visible

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

    `generalist` is who to talk to there, whatever else was found.
    """

    need: StoredNeed
    answer: Answer | None
    generalist: Match | None
    decisions: Sequence[Decision]
    corrections: Sequence[Corrected]
    messages: Sequence[Message]
    transmissions: Sequence[Transmission]
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
    with read(catalogue.engine) as connection:
        stored = visible(connection, user, need_id)
    if stored.seen_at is None:
        with write(catalogue.engine) as connection:
            stored = visible(connection, user, need_id)
            if stored.seen_at is None:
                change_need(connection, need_id, stored.version, seen_at=now)
                actor = f"user:{user.id}"
                audit.append(connection, at=now, actor=actor, action="seen", need_id=need_id)
    answer, generalist = None, None
    if stored.text:
        need = need_of(catalogue, stored)
        answer = answer_need(catalogue, need, today=stored.today, limit=MATCHES)
        generalist = answer.fallback or catalogue.matcher.generalist(need, today=stored.today)
    with read(catalogue.engine) as connection:
        stored = visible(connection, user, need_id)
        at_work = stored.place_code and stored.state in OPEN
        near = neighbours(connection, scope_of(user), [stored.place_code or ""]) if at_work else []
        into = load_need(connection, stored.merged_into) if stored.merged_into else None
        return Opened(
            need=stored,
            answer=answer,
            generalist=generalist,
            decisions=decisions_of(connection, need_id),
            corrections=corrections_of(connection, need_id),
            messages=messages_of(connection, need_id),
            transmissions=transmissions_of(connection, need_id),
            contact=load_contact(connection, need_id),
            consents=consents_of(connection, need_id),
            asked=asks_of(connection, need_id),
            lines=audit.lines_of(connection, need_id),
            users=load_users(connection),
            twins=twins_of(stored, near),
            merged=merged_into(connection, need_id),
            into=into if into and sees(user, into) else None,
            helped=helped_like(connection, catalogue, user, stored),
        )


def helped_like(
    connection: Connection, catalogue: Catalogue, user: User, stored: StoredNeed
) -> list[Helped]:
    """The closest helped needs of the same types that tell which offers were chosen."""
    if not stored.text:
        return []
    found = helped_needs(connection, scope_of(user), sorted(stored.types), _HELPED)
    others = {n.id: (n, readable) for n, readable in found if n.id != stored.id}
    encoder = catalogue.matcher.encoder
    vectors = vectors_of(connection, list(others), encoder.name)
    if not vectors:
        return []
    ids = sorted(vectors)
    likeness = np.stack([vectors[i] for i in ids]) @ encoder.encode([stored.text])[0]
    best = sorted(zip(likeness.tolist(), ids, strict=True), reverse=True)
    chosen = decisions_of_all(connection, [i for like, i in best if like >= ALIKE])
    alike = []
    for like, need_id in best:
        offers = [d.offer_id for d in chosen.get(need_id, ()) if d.chosen]
        if like >= ALIKE and offers:
            need, readable = others[need_id]
            shown = need if readable else replace(need, text="", reference=None, place_code=None)
            alike.append(Helped(shown, like, offers, readable))
    return alike[:MOST_ALIKE]
