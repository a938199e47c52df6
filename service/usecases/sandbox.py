"""The sandbox of test keys: a few needs to begin with, and moves that nobody has to make.

Everything goes through the use cases that people's clicks go through, over the sandbox's database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.audit import append
from data.engine import read, write
from data.outbox import rows_of
from data.store_contacts import CATALYST, Contact, consents_of
from data.store_needs import Sender, answered_offers
from data.store_partner_needs import counts_of_partner
from data.store_triage import Decision, save_decision
from matching.domain import ActorProfile, Need
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.days import day_of
from service.triage.reasons import ACCEPTED
from service.triage.states import OUTCOMES
from service.usecases.answering import existing_need
from service.usecases.moving import move
from service.usecases.partner_needs import keep_for_partner
from service.usecases.replying import Reply, reply
from service.usecases.sending import Sending, send_need
from service.usecases.transmitting import transmit

ACTOR = "system"
PROVIDER = "porteur@exemple.invalid"
"""Nobody: what is sent to it goes nowhere, and the sandbox sends nothing."""


class WrongAdvance(AiguilleError):
    """A move that the need cannot be made to make."""


@dataclass(frozen=True, slots=True)
class Example:
    """A need to begin with, in whose words, from where, and how far it went."""

    external_id: str
    text: str
    commune: str
    actor: ActorProfile
    moves: tuple[str, ...] = ()


EXAMPLES = (
    Example(
        "exemple-1",
        "La subvention n’est toujours pas versée et je ne sais pas comment payer les deux salaires "
        "à la fin du mois.",
        "59350",
        ActorProfile("association", 2),
    ),
    Example(
        "exemple-2",
        "Mon chiffre a fondu depuis les travaux de la rue, je n’arrive plus à suivre les "
        "échéances du prêt.",
        "12202",
        ActorProfile("tpe", 1),
        ("qualifying",),
    ),
    Example(
        "exemple-3",
        "On voudrait partager une secrétaire entre trois communes, sans savoir par où commencer.",
        "15014",
        ActorProfile("collectivite", 6),
        ("qualifying", "proposed"),
    ),
    Example(
        "exemple-4",
        "Plus personne ne veut être trésorier, et les comptes de l’an dernier ne sont pas faits.",
        "48095",
        ActorProfile("association", 0),
        ("qualifying", "closed"),
    ),
)


def seed(catalogue: Catalogue, partner_id: str, *, now: datetime, link_days: int) -> None:
    """Give a partner its first needs, if it has never had any."""
    with read(catalogue.engine) as connection:
        if counts_of_partner(connection, partner_id):
            return
    for example in EXAMPLES:
        place = catalogue.gazetteer.place([catalogue.gazetteer.resolve(example.commune).code])
        need = Need(example.text, example.actor, place)
        sender = Sender(partner_id, example.external_id)
        stored = keep_for_partner(catalogue, need, sender, today=day_of(now), now=now)
        contact = Contact("Camille Exemple", "camille@exemple.invalid")
        send_need(catalogue, stored.id, Sending(contact, (), frozenset({CATALYST})), now=now)
        for to in example.moves:
            advance(catalogue, stored.id, Advance(to, link_days), now=now)


@dataclass(frozen=True, slots=True)
class Advance:
    """A move to make; `link_days`: how long the provider may answer; `outcome`: of a closing."""

    to: str
    link_days: int
    outcome: str = "helped"


def advance(catalogue: Catalogue, need_id: str, asked: Advance, *, now: datetime) -> None:
    """Make a need of the sandbox move as the desk or a provider would."""
    if asked.to not in ADVANCES:
        raise WrongAdvance(
            "Étape inconnue : « {to} ». Étapes possibles : {known}.",
            field="to",
            to=asked.to,
            known=tuple(ADVANCES),
        )
    if asked.outcome not in OUTCOMES:
        raise WrongAdvance(
            "Issue inconnue : « {outcome} ». Issues possibles : {known}.",
            field="outcome",
            outcome=asked.outcome,
            known=tuple(OUTCOMES),
        )
    ADVANCES[asked.to](catalogue, need_id, asked, now)


def _moved(catalogue: Catalogue, need_id: str, asked: Advance, now: datetime) -> None:
    with write(catalogue.engine) as connection:
        stored = existing_need(connection, need_id)
        ended = asked.outcome if asked.to == "closed" else None
        move(connection, stored, asked.to, actor=ACTOR, now=now, outcome=ended)


def _proposed(catalogue: Catalogue, need_id: str, asked: Advance, now: datetime) -> None:
    """The first offer that it was answered with is proposed, as a catalyst does."""
    _moved(catalogue, need_id, asked, now)
    with write(catalogue.engine) as connection:
        for offer_id in answered_offers(connection, need_id)[:1]:
            save_decision(connection, need_id, Decision(offer_id, ACCEPTED, None, 1, ACTOR, now))
            told = {"need_id": need_id, "offer": offer_id}
            append(connection, at=now, actor=ACTOR, action=ACCEPTED, **told)


def _transmitted(catalogue: Catalogue, need_id: str, asked: Advance, now: datetime) -> None:
    with read(catalogue.engine) as connection:
        agreed = [c.recipient for c in consents_of(connection, need_id) if not c.withdrawn_at]
    offers = [recipient for recipient in agreed if recipient != CATALYST]
    if not offers:
        raise WrongAdvance(
            "La personne n’a accepté qu’aucun porteur d’offre ne lise son besoin : envoyez-le avec "
            "l’identifiant d’une offre parmi les destinataires.",
            field="to",
        )
    transmit(catalogue, need_id, offers[0], PROVIDER, by=ACTOR, now=now, days=asked.link_days)


def _answered(catalogue: Catalogue, need_id: str, asked: Advance, now: datetime) -> None:
    with read(catalogue.engine) as connection:
        sent = [r for r in rows_of(connection, need_id) if r.kind == "transmitted"]
    if not sent:
        raise WrongAdvance(
            "Aucun porteur n’a encore ce besoin : passez d’abord à « transmitted ».", field="to"
        )
    contact_on = day_of(now) + timedelta(days=3)
    said = {"accepted": Reply("accept", contact_on, 1), "refused": Reply("refuse", reason="full")}
    reply(catalogue, sent[-1].payload["token"], said[asked.to], now=now)


_Move = Callable[[Catalogue, str, Advance, datetime], None]
ADVANCES: Mapping[str, _Move] = {
    **dict.fromkeys(("qualifying", "waiting", "closed", "expired"), _moved),
    "proposed": _proposed,
    "transmitted": _transmitted,
    **dict.fromkeys(("accepted", "refused"), _answered),
}
"""Where a need of the sandbox may be made to go, and how."""
