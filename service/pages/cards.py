"""An offer for a need, as a card shows it: why, whether it suits, who answers, what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.domain import Match, Need, Offer, Ruling, Verdict
from service.typography import marked
from service.wording import UNVERIFIED, VERDICTS, Wording


@dataclass(frozen=True, slots=True)
class Why:
    """One reason: a sentence, and how much it weighs among those of the page, from 0 to 100."""

    sentence: str
    weight: int
    strength: str


@dataclass(frozen=True, slots=True)
class Card:
    """All that is shown of an offer for a need. `verdict` is a code, `suits` its words."""

    offer: Offer
    rank: int
    verdict: str
    suits: str
    reasons: tuple[Why, ...]
    checks: tuple[str, ...]
    relay: str | None
    relay_link: str | None
    coverage: str
    kind: str | None
    cost: str | None
    channel: str | None
    next_step: str


STRENGTHS = ((66, marked("fort")), (33, marked("moyen")), (0, marked("léger")))
"""Least weight -> the word for it."""

FACTS: Mapping[str, tuple[str, str]] = {
    "territory": (marked("votre commune"), marked("le territoire couvert")),
    "profile": (marked("la forme de votre structure"), marked("le public visé")),
    "employees_min": (marked("votre effectif"), marked("votre effectif")),
    "employees_max": (marked("votre effectif"), marked("votre effectif")),
    "employers_only": (marked("votre effectif"), marked("votre effectif")),
    "sector": (marked("votre secteur"), marked("votre secteur")),
    "age_min": (marked("votre ancienneté"), marked("votre ancienneté")),
    "age_max": (marked("votre ancienneté"), marked("votre ancienneté")),
    "population_max": (marked("votre commune"), marked("la taille de votre commune")),
    "conditions": (marked("une condition de l’offre"), marked("une condition de l’offre")),
    "status": (marked("si l’offre est ouverte"), marked("si l’offre est ouverte")),
    "need_type": (marked("le thème"), marked("le thème")),
}
"""Rule -> what would settle its doubt: a fact of the person's, or one of the offer's."""


def cards_of(matches: tuple[Match, ...], need: Need, wording: Wording) -> tuple[Card, ...]:
    """The cards of some matches; reasons are weighed against the strongest of them all."""
    most = max((r.weight for m in matches for r in m.reasons), default=1.0)
    return tuple(card_of(match, need, wording, most) for match in matches)


def card_of(match: Match, need: Need, wording: Wording, most: float) -> Card:
    offer, labels = match.offer, wording.labels
    relay = match.relay
    checks = [wording.check(c, offer, need) for c in match.checks if c.rule != "conditions"]
    unverified = [] if offer.verified else [wording.say(UNVERIFIED)]
    return Card(
        offer=offer,
        rank=match.rank,
        verdict=match.verdict.code,
        suits=suits(match, need, wording),
        reasons=tuple(
            _why(wording.reason(r), round(100 * r.weight / most), wording) for r in match.reasons
        ),
        checks=(*dict.fromkeys((*checks, *offer.conditions)), *unverified),
        relay=relay.name if relay else None,
        relay_link=relay_link(match),
        coverage=wording.coverage(offer),
        kind=labels.label("kinds", offer.kind) if offer.kind else None,
        cost=labels.label("costs", offer.cost) if offer.cost else None,
        channel=labels.label("channels", offer.channel) if offer.channel else None,
        next_step=wording.next_step(offer),
    )


def relay_link(match: Match) -> str | None:
    relay = match.relay
    if relay is None:
        return None
    if relay.offer_id is not None and relay.offer_id != match.offer.id:
        return relay.url or f"/offres/{relay.offer_id}"
    return relay.url


def suits(match: Match, need: Need, wording: Wording) -> str:
    """Vous convient; or À vérifier, and what."""
    said = wording.say(VERDICTS[match.verdict])
    if match.verdict is not Verdict.TO_CHECK or not match.checks:
        return said
    facts = dict.fromkeys(wording.say(_unsettled(check, need)) for check in match.checks)
    told = wording.say("{verdict} : {facts}")
    return told.format(verdict=said, facts=wording.listed(tuple(facts)[:2]))


def _unsettled(check: Ruling, need: Need) -> str:
    yours, theirs = FACTS[check.rule]
    placed, kind = need.place is not None, need.actor.kind
    known = {"territory": placed, "population_max": placed, "profile": kind is not None}
    return theirs if known.get(check.rule) else yours


def _why(sentence: str, weight: int, wording: Wording) -> Why:
    word = next(word for least, word in STRENGTHS if weight >= least)
    return Why(sentence, max(weight, 4), wording.say(word))
