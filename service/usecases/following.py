"""A person follows the need they sent: what happened, what is asked of them, what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data import audit
from data.audit import Line
from data.engine import read, write
from data.store_contacts import (
    CATALYST,
    Consent,
    asks_of,
    consents_of,
    save_consent,
    settle_ask,
    withdraw_consent,
)
from data.store_messages import Message, for_the_person, messages_of, save_message
from data.store_needs import StoredNeed
from data.store_transmissions import Transmission, transmissions_of
from matching.domain import Match
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.states import DRAFT
from service.usecases.answering import existing_need, need_of
from service.usecases.moving import move
from service.wording_consents import CONSENT_VERSION

LONGEST_MESSAGE = 2_000
BACK_TO_WORK = ("proposed", "transmitted", "waiting", "closed", "expired")
"""The states that a need leaves when its holder says that it is not met."""


class NotSentYet(AiguilleError):
    """A draft is followed by nobody."""


class NothingAsked(AiguilleError):
    """An answer to what was not asked, or no longer is."""


class WrongMessage(AiguilleError):
    """An empty message, or one too long."""


@dataclass(frozen=True, slots=True)
class Following:
    """All that the person may know; `asks` are offers whose providers they are asked about."""

    stored: StoredNeed
    lines: tuple[Line, ...]
    messages: tuple[Message, ...]
    consents: tuple[Consent, ...]
    asks: tuple[str, ...]
    transmissions: tuple[Transmission, ...]
    relay: Match | None


def follow(catalogue: Catalogue, need_id: str) -> Following:
    """Where a sent need stands, and who to talk to on its territory."""
    with read(catalogue.engine) as connection:
        stored = _sent(connection, need_id)
        lines = tuple(audit.lines_of(connection, need_id))
        messages = tuple(for_the_person(messages_of(connection, need_id)))
        consents = tuple(consents_of(connection, need_id))
        asks = tuple(asks_of(connection, need_id))
        transmissions = tuple(transmissions_of(connection, need_id))
    # Once nothing is read any more: it takes longer than all the rest, and writers would wait.
    with catalogue.turn:
        relay = catalogue.matcher.generalist(need_of(catalogue, stored), today=stored.today)
    return Following(stored, lines, messages, consents, asks, transmissions, relay)


def write_to_desk(catalogue: Catalogue, need_id: str, text: str, *, now: datetime) -> None:
    """Keep the person's words for the desk; what waited for them, or stopped waiting, goes on.

    The same words again, with nothing written since nor awaited, are a form sent twice.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_MESSAGE or "\x00" in text:
        raise WrongMessage(
            "Écrivez quelques mots, {most} caractères au plus.",
            field="text",
            most=LONGEST_MESSAGE,
        )
    with write(catalogue.engine) as connection:
        stored = _sent(connection, need_id)
        awaited = stored.state in ("waiting", "expired")
        last = [(m.author, m.text) for m in messages_of(connection, need_id)[-1:]]
        if last == [("person", text)] and not awaited:
            return
        save_message(connection, need_id, text, author="person", audience="desk", at=now)
        _tell(connection, need_id, "wrote", now)
        if awaited:
            move(connection, stored, "qualifying", actor="person", now=now)


def answer_ask(
    catalogue: Catalogue, need_id: str, offer_id: str, *, agreed: bool, now: datetime
) -> None:
    """The person lets the provider of an offer read their need, or does not."""
    with write(catalogue.engine) as connection:
        stored = _sent(connection, need_id)
        if not settle_ask(connection, need_id, offer_id):
            raise NothingAsked(
                "Cette question n’attend plus de réponse : vous l’avez peut-être déjà donnée."
            )
        if agreed:
            save_consent(connection, need_id, offer_id, text_version=CONSENT_VERSION, at=now)
        _tell(connection, need_id, "consented" if agreed else "declined", now, offer=offer_id)
        if stored.state == "waiting":
            move(connection, stored, "qualifying", actor="person", now=now)


def withdraw(catalogue: Catalogue, need_id: str, offer_id: str, *, now: datetime) -> None:
    """Take back the consent for one offer: its provider's link shows nothing any more.

    What the desk may read is taken back by erasing the need.
    """
    with write(catalogue.engine) as connection:
        _sent(connection, need_id)
        if offer_id == CATALYST or not withdraw_consent(connection, need_id, offer_id, now):
            raise NothingAsked("Cet accord n’est pas en cours : vous l’avez peut-être déjà retiré.")
        _tell(connection, need_id, "consent-withdrawn", now, offer=offer_id)


def tell_outcome(catalogue: Catalogue, need_id: str, *, helped: bool, now: datetime) -> None:
    """The person says whether they were helped; said twice, it counts once."""
    with write(catalogue.engine) as connection:
        stored = _sent(connection, need_id)
        if helped and (stored.state, stored.outcome) != ("closed", "helped"):
            if stored.state == "closed":  # by somebody else, otherwise: the person knows better
                move(connection, stored, "qualifying", actor="person", now=now)
                stored = existing_need(connection, need_id)
            move(connection, stored, "closed", actor="person", now=now, outcome="helped")
        elif not helped:
            _tell(connection, need_id, "not-helped-yet", now)
            if stored.state in BACK_TO_WORK:
                move(connection, stored, "qualifying", actor="person", now=now)


def _sent(connection: Connection, need_id: str) -> StoredNeed:
    stored = existing_need(connection, need_id)
    if stored.state == DRAFT:
        raise NotSentYet("Ce besoin n’a pas encore été envoyé : choisissez d’abord à qui.")
    return stored


def _tell(connection: Connection, need_id: str, action: str, now: datetime, **told: object) -> None:
    audit.append(connection, at=now, actor="person", action=action, need_id=need_id, **told)
