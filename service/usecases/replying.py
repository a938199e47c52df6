"""A provider answers by a link, without an account: takes a need, refuses it, or not yet.

Looking changes nothing: mail servers follow links. The first answer stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from data import audit
from data.engine import read, write
from data.outbox import queue
from data.store_contacts import Contact, agrees, load_contact
from data.store_needs import StoredNeed
from data.store_transmissions import (
    Transmission,
    change_transmission,
    transmission_of_token,
    transmissions_of,
)
from matching.domain import Offer
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.days import PARIS, day_of, instant
from service.triage.states import OPEN
from service.typography import marked
from service.usecases.answering import existing_need
from service.usecases.browsing import UnknownOffer, read_offer
from service.usecases.moving import move

LATEST_CONTACT_DAYS = 60
KEPT_AFTER_CONTACT = timedelta(days=14)
"""How long a provider who took a need may still read how to reach the person."""
MOST_CAPACITY = 999

REFUSALS: Mapping[str, str] = {
    "territory": marked("Hors de notre territoire"),
    "audience": marked("Hors de notre public"),
    "full": marked("Complet pour le moment"),
    "gone": marked("Cette offre n’existe plus"),
    "wrong-contact": marked("Je ne suis pas la bonne personne"),
    "other": marked("Autre raison"),
}
"""Why a provider refuses a need -> as it is said to them."""

NOT_YET = "not-yet"


class UnknownLink(AiguilleError):
    """No transmission has this link."""


class LinkOver(AiguilleError):
    """The link was good, and is no longer."""


class WrongReply(AiguilleError):
    """An answer with something missing or out of bounds."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a provider may read by their link; `contact` once they took the need, and if agreed."""

    transmission: Transmission
    stored: StoredNeed
    offer: Offer | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Reply:
    """`choice`: "accept" with a day of contact, "refuse" with a reason, or "not-yet"."""

    choice: str
    contact_on: date | None = None
    capacity: int | None = None
    reason: str | None = None


def read_letter(catalogue: Catalogue, token: str, *, now: datetime) -> Letter:
    with read(catalogue.engine) as connection:
        return _letter(catalogue, connection, token, now)


def reply(catalogue: Catalogue, token: str, said: Reply, *, now: datetime) -> bool:
    """Keep a provider's answer; False when there was one already: it stands."""
    with write(catalogue.engine) as connection:
        letter = _letter(catalogue, connection, token, now)
        if letter.transmission.state != "sent":
            return False
        if said.choice not in _REPLIES:
            raise WrongReply("Choisissez une réponse : oui, non, ou pas encore.", field="choice")
        _REPLIES[said.choice](connection, letter, said, now)
    return True


def _letter(catalogue: Catalogue, connection: Connection, token: str, now: datetime) -> Letter:
    made = transmission_of_token(connection, token)
    if made is None:
        raise UnknownLink(
            "Ce lien n’est pas valable : il a pu être coupé en le copiant, ou la demande a été "
            "effacée par la personne. Rouvrez-le depuis le message reçu."
        )
    stored = existing_need(connection, made.need_id)
    if now >= instant(made.expires_at):
        raise LinkOver(
            "Ce lien a dépassé sa date. Pour répondre encore, demandez-en un nouveau au catalyseur "
            "qui vous a écrit."
        )
    if not agrees(connection, made.need_id, made.offer_id):
        raise LinkOver("La personne a retiré son accord : sa demande ne vous est plus montrée.")
    if stored.state not in OPEN:
        raise LinkOver("Cette demande est close : il n’y a plus rien à faire. Merci.")
    taken = made.state == "accepted"
    contact = load_contact(connection, made.need_id) if taken else None
    return Letter(made, stored, _offer(catalogue, made.offer_id), contact)


def _offer(catalogue: Catalogue, offer_id: str) -> Offer | None:
    try:
        return read_offer(catalogue, offer_id)
    except UnknownOffer:
        return None


def _accept(connection: Connection, letter: Letter, said: Reply, now: datetime) -> None:
    made, today = letter.transmission, day_of(now)
    latest = today + timedelta(days=LATEST_CONTACT_DAYS)
    if said.contact_on is None or not today <= said.contact_on <= latest:
        raise WrongReply(
            "Dites quand vous prendrez contact : une date à partir d’aujourd’hui, dans les {days} "
            "jours.",
            field="contact_on",
            days=LATEST_CONTACT_DAYS,
        )
    if said.capacity is not None and not 0 <= said.capacity <= MOST_CAPACITY:
        raise WrongReply("Un nombre de 0 à {most}, ou rien.", field="capacity", most=MOST_CAPACITY)
    readable = datetime.combine(said.contact_on, time(), PARIS) + KEPT_AFTER_CONTACT
    _answered(
        connection,
        made,
        now,
        state="accepted",
        reason=None,
        contact_on=said.contact_on,
        capacity=said.capacity,
        expires_at=max(instant(made.expires_at), readable),
    )
    told = {"contact_on": said.contact_on.isoformat(), "capacity": said.capacity}
    _tell(connection, letter, "accepted", now, **told)
    key = f"answered:{made.id}"
    queue(connection, "answered", at=now, need_id=made.need_id, key=key, transmission_id=made.id)


def _refuse(connection: Connection, letter: Letter, said: Reply, now: datetime) -> None:
    made, stored = letter.transmission, letter.stored
    if said.reason not in REFUSALS:
        raise WrongReply(
            "Choisissez une raison : elle évite de vous déranger encore.", field="reason"
        )
    _answered(connection, made, now, state="refused", reason=said.reason)
    _tell(connection, letter, "refused", now, reason=said.reason)
    others = [t for t in transmissions_of(connection, made.need_id) if t.id != made.id]
    held = any(
        t.state == "accepted" or (t.state == "sent" and now < instant(t.expires_at)) for t in others
    )
    if stored.state == "transmitted" and not held:
        move(connection, stored, "qualifying", actor="provider", now=now)


def _not_yet(connection: Connection, letter: Letter, _: Reply, now: datetime) -> None:
    if letter.transmission.reason != NOT_YET:
        change_transmission(connection, letter.transmission.id, reason=NOT_YET)
        _tell(connection, letter, NOT_YET, now)


_REPLIES = {"accept": _accept, "refuse": _refuse, NOT_YET: _not_yet}


def _answered(connection: Connection, made: Transmission, now: datetime, **values: object) -> None:
    change_transmission(connection, made.id, answered_at=now, **values)


def _tell(
    connection: Connection, letter: Letter, action: str, now: datetime, **told: object
) -> None:
    made = letter.transmission
    audit.append(
        connection,
        at=now,
        actor="provider",
        action=f"provider-{action}",
        need_id=made.need_id,
        offer=made.offer_id,
        transmission=made.id,
        **told,
    )
