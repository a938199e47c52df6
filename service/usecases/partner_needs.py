"""What a partner does with the needs it sent: send, read, complete, withdraw; its own alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from data import audit
from data.engine import read, write
from data.store_contacts import CATALYST, Contact
from data.store_needs import (
    Sender,
    StoredNeed,
    load_need,
    rewrite_need,
    save_answer,
)
from data.store_partner_needs import Wanted, counts_of_partner, erased_of, needs_of_partner
from matching.domain import ActorProfile, Need, Place
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.timeline import Step, steps
from service.triage.states import DRAFT, OPEN
from service.usecases.answering import (
    UnknownNeed,
    answer_need,
    existing_need,
    keep_need,
    need_of,
)
from service.usecases.revising import KEPT, AlreadySent
from service.usecases.sending import Sending, chosen_offers, send_need
from service.wording_consents import CONSENT_TEXTS, CONSENT_VERSION

OLDEST_CONSENT = timedelta(days=30)
"""How long before its need is sent a consent may have been given."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead of ours a partner's clock may be."""


class AlreadyKnown(AiguilleError):
    """The partner has a need of that external id; `need_id` is ours."""

    def __init__(self, external_id: str, need_id: str) -> None:
        super().__init__(
            "Vous avez déjà envoyé un besoin « {external_id} » : c’est {need_id}.",
            field="external_id",
            external_id=external_id,
            need_id=need_id,
        )
        self.need_id = need_id


class WrongConsent(AiguilleError):
    """A consent that cannot be relied upon."""


class NotOpen(AiguilleError):
    """Facts come too late: the need ended."""


@dataclass(frozen=True, slots=True)
class Consented:
    """What a person agreed to at a partner's."""

    recipients: tuple[str, ...]
    text_version: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts to set on a need; `given` names those that are, for None may be one of their values."""

    given: frozenset[str]
    actor: ActorProfile
    place: Place | None


def visible(connection: Connection, need_id: str, partner_id: str | None) -> StoredNeed:
    """The need, if it is of this partner, or of nobody when nobody asks.

    Whoever else asks learns nothing, not even that there is or was one.
    """
    stored = load_need(connection, need_id)
    owner = erased_of(connection, need_id) if stored is None else stored.partner_id
    if owner != partner_id:
        raise UnknownNeed("Aucun besoin « {id} » : vérifiez l’identifiant.", field="id", id=need_id)
    return existing_need(connection, need_id)


def read_visible(catalogue: Catalogue, need_id: str, partner_id: str | None) -> StoredNeed:
    with read(catalogue.engine) as connection:
        return visible(connection, need_id, partner_id)


def keep_for_partner(
    catalogue: Catalogue, need: Need, sender: Sender, *, today: date, now: datetime
) -> StoredNeed:
    """Keep a partner's need, once for each of its external ids."""
    _refuse_known(catalogue, sender)
    try:
        return keep_need(catalogue, need, today=today, now=now, sender=sender)
    except IntegrityError:  # Sent meanwhile, by another request.
        _refuse_known(catalogue, sender)
        raise


def _refuse_known(catalogue: Catalogue, sender: Sender) -> None:
    if sender.external_id is None:
        return
    known = Wanted(sender.partner_id, external_id=sender.external_id)
    with read(catalogue.engine) as connection:
        found = needs_of_partner(connection, known, 1)
    if found:
        raise AlreadyKnown(sender.external_id, found[0].id)


def send_for_person(
    catalogue: Catalogue, need_id: str, sending: Sending, *, by: str, now: datetime
) -> None:
    """Send a draft of the partner's; the consent is kept as it was given, text and time."""
    if not send_need(catalogue, need_id, sending, now=now, by=by):
        raise AlreadySent("Ce besoin est déjà envoyé.", field="state")


def sending_of(
    catalogue: Catalogue, contact: Contact, consent: Consented, *, now: datetime
) -> Sending:
    """What a partner asks to send, checked: who may read, by which text, agreed to when."""
    if consent.text_version not in CONSENT_TEXTS:
        raise WrongConsent(
            "Texte d’accord inconnu : « {version} ». Montrez celui de GET /v1/consents "
            "(« {known} ») et recommencez.",
            field="text_version",
            version=consent.text_version,
            known=CONSENT_VERSION,
        )
    if CATALYST not in consent.recipients:
        raise WrongConsent(
            "L’accord pour « catalyst » manque : sans lui, personne ne peut lire le besoin.",
            field="recipients",
        )
    if not now - OLDEST_CONSENT <= consent.agreed_at <= now + CLOCKS_DIFFER:
        raise WrongConsent(
            "Date d’accord hors de propos : il doit avoir été donné dans les {days} derniers "
            "jours, et pas plus tard que maintenant.",
            field="agreed_at",
            days=OLDEST_CONSENT.days,
        )
    wanted = [r for r in consent.recipients if r != CATALYST]
    offers = tuple(o.id for o in chosen_offers(catalogue, wanted))
    agreed = frozenset(consent.recipients)
    return Sending(contact, offers, agreed, consent.text_version, min(consent.agreed_at, now))


def add_facts(
    catalogue: Catalogue, stored: StoredNeed, facts: Facts, *, by: str, now: datetime
) -> None:
    """Set facts of an open need as it was read, and answer it again."""
    if stored.state not in (DRAFT, *OPEN):
        raise NotOpen("Ce besoin est clos : il ne change plus.", field="state")
    before = need_of(catalogue, stored)
    actor = replace(before.actor, **{f: getattr(facts.actor, f) for f in facts.given - {"place"}})
    place = facts.place if "place" in facts.given else before.place
    need = replace(before, actor=actor, place=place)
    answer = answer_need(catalogue, need, today=stored.today, limit=KEPT)
    with write(catalogue.engine) as connection:
        existing_need(connection, stored.id)  # It may have been erased meanwhile.
        rewrite_need(connection, stored.id, need, version=stored.version)
        save_answer(connection, stored.id, answer)
        told = {"fields": sorted(facts.given)}
        audit.append(connection, at=now, actor=by, action="facts-added", need_id=stored.id, **told)


def timeline(catalogue: Catalogue, need_id: str, partner_id: str | None) -> list[Step]:
    """The moves of a need, oldest first."""
    with read(catalogue.engine) as connection:
        visible(connection, need_id, partner_id)
        return steps(audit.lines_of(connection, need_id))


def page_of(catalogue: Catalogue, wanted: Wanted, limit: int) -> tuple[list[StoredNeed], bool]:
    """Needs of a partner, and whether more follow. Words that were forgotten stay so."""
    with read(catalogue.engine) as connection:
        found = needs_of_partner(connection, wanted, limit + 1)
    return found[:limit], len(found) > limit


def counts(catalogue: Catalogue, partner_id: str) -> Mapping[str, int]:
    with read(catalogue.engine) as connection:
        return counts_of_partner(connection, partner_id)
