"""A person sends their need: to a catalyst, and through them to the providers they chose."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from data import audit
from data.engine import write
from data.outbox import queue
from data.store_contacts import CATALYST, Contact, save_consent, save_contact
from data.store_needs import StoredNeed, change_need, is_reference_taken
from matching.domain import Offer
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.days import day_of
from service.triage.clocks import Clocks, working_days_after
from service.triage.references import make_reference
from service.triage.states import DRAFT, check_move
from service.usecases.answering import existing_need
from service.usecases.browsing import read_offer
from service.wording_consents import CONSENT_VERSION

MOST_OFFERS = 10


class ConsentMissing(AiguilleError):
    """A recipient was chosen, and what it would be told was not agreed to."""


class TooManyOffers(AiguilleError):
    """More offers were chosen than one need may be sent to."""


@dataclass(frozen=True, slots=True)
class Sending:
    """`offers` were chosen among the answers; `agreed` are the recipients consented to.

    A partner says which text was agreed to, and when; on our own page it is the text of now.
    """

    contact: Contact
    offers: tuple[str, ...]
    agreed: frozenset[str]
    text_version: str = CONSENT_VERSION
    agreed_at: datetime | None = None


def chosen_offers(catalogue: Catalogue, offer_ids: list[str]) -> tuple[Offer, ...]:
    """The offers that were chosen, each once; refuse one that is not in the catalogue."""
    wanted = dict.fromkeys(offer_ids)
    if len(wanted) > MOST_OFFERS:
        raise TooManyOffers(
            "{count} réponses choisies : gardez-en {most} au plus.",
            field="offre",
            count=len(wanted),
            most=MOST_OFFERS,
        )
    return tuple(read_offer(catalogue, offer_id) for offer_id in wanted)


def send_need(
    catalogue: Catalogue, need_id: str, sending: Sending, *, now: datetime, by: str = "person"
) -> bool:
    """Send a draft; False when it had been sent before: then nothing changes."""
    recipients = (CATALYST, *sending.offers)
    if missing := set(recipients) - sending.agreed:
        raise ConsentMissing(
            "Cochez votre accord pour chaque destinataire, ou retirez celui que vous ne voulez "
            "pas : sans lui, rien n’est envoyé.",
            field="accord-" + min(missing, key=recipients.index),
        )
    with write(catalogue.engine) as connection:
        stored = existing_need(connection, need_id)
        if stored.state != DRAFT:
            return False
        check_move(stored.state, "new")
        reference = _free_reference(connection, day_of(now))
        moved = {"state": "new", "moved_at": now, "sent_at": now, "reference": reference}
        change_need(connection, need_id, stored.version, **moved)
        save_contact(connection, need_id, sending.contact)
        for recipient in recipients:
            at, version = sending.agreed_at or now, sending.text_version
            save_consent(connection, need_id, recipient, text_version=version, at=at)
        told = {"offers": list(sending.offers), "consent": sending.text_version}
        audit.append(connection, at=now, actor=by, action="sent", need_id=need_id, **told)
        key = f"acknowledged:{need_id}"
        queue(connection, "acknowledged", at=now, need_id=need_id, key=key)
    return True


def first_answer_by(stored: StoredNeed, clocks: Clocks) -> date | None:
    """The day promised for a first answer; None when nothing was sent."""
    if stored.sent_at is None:
        return None
    return working_days_after(day_of(stored.sent_at), clocks.contact, stored.departement)


def _free_reference(connection: Connection, today: date) -> str:
    while True:
        reference = make_reference(today, secrets.choice)
        if not is_reference_taken(connection, reference):
            return reference
