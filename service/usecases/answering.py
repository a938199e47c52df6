"""A need gets its answer: at once, or kept and answered."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from sqlalchemy import Connection

from data import audit
from data.engine import read, write
from data.store_needs import Sender, StoredNeed, load_need, save_answer, save_need
from matching.domain import Answer, Need
from matching.errors import AiguilleError
from service.catalogue import Catalogue

KEPT = 10
"""How many offers are kept as the answer of a need."""


class UnknownNeed(AiguilleError):
    """No need of that id."""


class ErasedNeed(UnknownNeed):
    """There was a need of that id: it was erased, or its words were."""


def answer_need(catalogue: Catalogue, need: Need, *, today: date, limit: int) -> Answer:
    """Answer without keeping anything."""
    with catalogue.turn:
        return catalogue.matcher.match(need, today=today, limit=limit)


def keep_need(
    catalogue: Catalogue, need: Need, *, today: date, now: datetime, sender: Sender | None = None
) -> StoredNeed:
    """Keep a need under an id nobody can guess, with the answer it gets today."""
    answer = answer_need(catalogue, need, today=today, limit=KEPT)
    return keep_answered(catalogue, need, answer, today=today, now=now, sender=sender)


def keep_answered(
    catalogue: Catalogue,
    need: Need,
    answer: Answer,
    *,
    today: date,
    now: datetime,
    sender: Sender | None = None,
) -> StoredNeed:
    """Keep a need that was just answered."""
    need_id = secrets.token_urlsafe(12)
    with write(catalogue.engine) as connection:
        save_need(connection, need_id, need, today=today, at=now, sender=sender)
        save_answer(connection, need_id, answer)
    return read_need(catalogue, need_id)


def read_need(catalogue: Catalogue, need_id: str) -> StoredNeed:
    with read(catalogue.engine) as connection:
        return existing_need(connection, need_id)


def existing_need(connection: Connection, need_id: str) -> StoredNeed:
    """The need of that id as it stands in the caller's transaction."""
    stored = load_need(connection, need_id)
    if stored is not None and stored.text:
        return stored
    if stored is not None or audit.lines_of(connection, need_id):
        raise ErasedNeed(
            "Ce besoin a été effacé : ni ses mots ni les coordonnées n’ont été gardés. "
            "Vous pouvez en dire un nouveau à tout moment.",
            field="id",
        )
    raise UnknownNeed("Aucun besoin « {id} » : vérifiez l’identifiant.", field="id", id=need_id)


def worded(stored: StoredNeed) -> StoredNeed:
    """The need, unless its words were erased: what is said of it after would outlive them."""
    if not stored.text:
        raise ErasedNeed(
            "Les mots de ce besoin ont été effacés : plus rien ne s’y écrit.", field="text"
        )
    return stored


def answer_kept(catalogue: Catalogue, need_id: str, *, limit: int) -> Answer:
    """Answer a kept need again, over the catalogue of now, for the day it was asked."""
    stored = read_need(catalogue, need_id)
    return answer_need(catalogue, need_of(catalogue, stored), today=stored.today, limit=limit)


def need_of(catalogue: Catalogue, stored: StoredNeed) -> Need:
    """A kept need as the core reads it."""
    place = catalogue.gazetteer.place([stored.place_code]) if stored.place_code else None
    return Need(stored.text, stored.actor, place, stored.need_types, stored.correction)
