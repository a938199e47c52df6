"""Every sentence a person reads about an answer, in French. Codes and evidence in, words out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Protocol

from matching.domain import FRANCE, Match, NearMiss, Need, Offer, Reason, Ruling, Verdict

NBSP = "\u00a0"
LONGEST_QUOTE = 140
"""Characters of someone's words that a reason shows."""


class Labels(Protocol):
    """What the frame and the gazetteer know: the French name of a code."""

    def label(self, list_name: str, code: str) -> str: ...

    def plural(self, profile: str) -> str: ...

    def place(self, code: str) -> str: ...


VERDICTS: Mapping[Verdict, str] = {
    Verdict.ELIGIBLE: "Vous convient",
    Verdict.TO_CHECK: "À vérifier",
    Verdict.INELIGIBLE: "Ne convient pas",
}
QUESTIONS: Mapping[str, str] = {
    "commune": f"Dans quelle commune êtes-vous{NBSP}?",
    "profile": f"Quelle sorte d’organisation êtes-vous{NBSP}?",
    "employees": f"Combien de salariés avez-vous{NBSP}? (zéro est une vraie réponse)",
    "naf_section": f"Quel est votre secteur d’activité{NBSP}?",
    "founded_on": f"Depuis quand votre structure existe-t-elle{NBSP}?",
}
OUT_OF_SCOPE = (
    "Votre demande semble sortir de ce que nous connaissons, l’appui aux associations, aux petites "
    "entreprises et aux communes. Pour une démarche personnelle, votre mairie vous orientera"
    f"{NBSP}; pour une organisation, parlez-en à quelqu’un qui connaît votre territoire."
)
UNSURE = (
    "Nous n’avons pas trouvé de réponse sûre à ce besoin. Ne repartez pas les mains vides"
    f"{NBSP}: parlez-en à quelqu’un qui connaît votre territoire."
)
UNVERIFIED = "Informations à vérifier auprès du porteur"
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()


def quoted(text: str) -> str:
    """Between French quotation marks, cut at a word past some length."""
    shown = shorten(text, LONGEST_QUOTE, placeholder="…")
    return f"«{NBSP}{shown}{NBSP}»"


def day(value: date) -> str:
    """1er mars 2026, with spaces that do not break."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}"


def listed(items: Iterable[str], last: str = "et") -> str:
    """a, b et c."""
    *first, end = list(items) or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def employees(count: int) -> str:
    if count == 0:
        return "aucun salarié"
    return f"{count}{NBSP}salarié" + ("s" if count > 1 else "")


def number(count: int) -> str:
    """3 500, with a space that does not break."""
    return f"{count:,}".replace(",", NBSP)


def duration(months: int) -> str:
    years, rest = divmod(months, 12)
    if rest or not years:
        return f"{months}{NBSP}mois"
    return f"{years}{NBSP}an" + ("s" if years > 1 else "")


@dataclass(frozen=True, slots=True)
class Wording:
    """Says an answer in French, with the labels of the frame and the names of places."""

    labels: Labels

    def reason(self, reason: Reason) -> str:
        return REASONS[reason.code](self, reason.evidence)

    def check(self, ruling: Ruling, offer: Offer, need: Need) -> str:
        """What to verify, and why, when a rule could not decide."""
        return CHECKS[ruling.rule](self, offer, need)

    def near_miss(self, near: NearMiss, need: Need) -> str:
        """The one rule at fault: what it asks, and what the person has."""
        return FAULTS[near.ruling.rule](self, near.offer, need)

    def relay(self, match: Match) -> str | None:
        relay = match.relay
        if relay is None:
            return None
        if relay.offer_id == match.offer.id:
            return f"Près de chez vous{NBSP}: {relay.name}"
        return f"Votre interlocuteur local{NBSP}: {relay.name}"

    def next_step(self, offer: Offer) -> str:
        return offer.next_step or f"Prenez contact avec {offer.provider.name or offer.title}."

    def coverage(self, offer: Offer) -> str:
        """Where an offer applies: all of France, or the names of its territories."""
        if FRANCE in offer.territories:
            return "France entière"
        return self.places(offer.territories) or "territoire non précisé"

    def places(self, codes: Iterable[str]) -> str:
        return listed(map(self.labels.place, sorted(codes)))

    def audiences(self, offer: Offer) -> str:
        return listed(map(self.labels.plural, sorted(offer.audiences)))

    def sectors(self, offer: Offer) -> str:
        return listed(self.labels.label("naf_sections", c) for c in sorted(offer.naf_sections))

    def need_types(self, codes: Iterable[str]) -> str:
        return listed(self.labels.label("need_types", code).lower() for code in codes)


Evidence = tuple[str, ...]

REASONS: Mapping[str, Callable[[Wording, Evidence], str]] = {
    "precedent": lambda _, e: f"Retenue pour un besoin proche{NBSP}: {quoted(e[0])}",
    "expression": lambda _, e: f"Proche de ce que disent d’autres{NBSP}: {quoted(e[0])}",
    "need_type": lambda w, e: f"Répond à{NBSP}: {w.need_types(e)}",
    "words": lambda _, e: f"Vos mots s’y retrouvent{NBSP}: {listed(map(quoted, e))}",
    "territory": lambda w, e: f"Agit sur votre territoire{NBSP}: {w.places(e)}",
    "profile": lambda w, e: f"S’adresse aux {w.labels.plural(e[0])}",
    "volunteers": lambda _, __: "Ouvert aux structures sans salarié",
    "urgency": lambda _, __: "Prévu pour les situations urgentes",
}


def _check_territory(w: Wording, offer: Offer, need: Need) -> str:
    if not offer.territories:
        return "Territoire non précisé : à vérifier auprès du porteur".replace(" :", f"{NBSP}:")
    if need.place is None:
        return f"Réservé à {w.coverage(offer)}{NBSP}: indiquez votre commune"
    return f"Ne couvre qu’une partie de {need.place.name}{NBSP}: {w.coverage(offer)}"


def _check_profile(w: Wording, offer: Offer, _: Need) -> str:
    if not offer.audiences:
        return f"Public non précisé{NBSP}: à vérifier auprès du porteur"
    return f"Réservé aux {w.audiences(offer)}{NBSP}: dites qui vous êtes"


def _small_communes(offer: Offer) -> str:
    """The bound as people say it: 3499 at most is fewer than 3500."""
    most = offer.population_max or 0
    if most % 10 == 9:
        return f"Réservé aux communes de moins de {number(most + 1)}{NBSP}habitants"
    return f"Réservé aux communes de {number(most)}{NBSP}habitants au plus"


def _conditions(_: Wording, offer: Offer, __: Need) -> str:
    several = "s" if len(offer.conditions) > 1 else ""
    return f"Condition{several} à vérifier{NBSP}: {f'{NBSP}; '.join(offer.conditions)}"


CHECKS: Mapping[str, Callable[[Wording, Offer, Need], str]] = {
    "territory": _check_territory,
    "profile": _check_profile,
    "employees_min": lambda _, o, __: (
        f"À partir de {employees(o.employees_min or 0)}{NBSP}: indiquez votre effectif"
    ),
    "employees_max": lambda _, o, __: (
        f"Jusqu’à {employees(o.employees_max or 0)}{NBSP}: indiquez votre effectif"
    ),
    "employers_only": lambda *_: f"Réservé aux employeurs{NBSP}: indiquez votre effectif",
    "sector": lambda w, o, _: f"Secteur demandé{NBSP}: {w.sectors(o)}",
    "age_min": lambda _, o, __: (
        f"À partir de {duration(o.age_months_min or 0)} d’existence{NBSP}: "
        "indiquez la date de création"
    ),
    "age_max": lambda _, o, __: (
        f"Jusqu’à {duration(o.age_months_max or 0)} d’existence{NBSP}: indiquez la date de création"
    ),
    "population_max": lambda _, o, __: f"{_small_communes(o)}{NBSP}: indiquez votre commune",
    "conditions": _conditions,
    "status": lambda *_: f"Ouverture incertaine{NBSP}: à vérifier auprès du porteur",
    "need_type": lambda *_: f"Thème non précisé{NBSP}: à vérifier auprès du porteur",
}


def _yours(need: Need) -> str:
    count = need.actor.headcount
    return "vous n’en avez aucun" if not count else f"vous en avez {count}"


def _too_peopled(_: Wording, offer: Offer, need: Need) -> str:
    place = need.place
    if place is None or place.population is None:
        return _small_communes(offer)
    return f"{_small_communes(offer)}{NBSP}; {place.name} en compte {number(place.population)}"


def _closed(_: Wording, offer: Offer, __: Need) -> str:
    if offer.status == "crisis-2020":
        return "Mesure de la crise de 2020, aujourd’hui close"
    return "Dispositif fermé"


FAULTS: Mapping[str, Callable[[Wording, Offer, Need], str]] = {
    "territory": lambda w, o, _: f"Réservé à {w.coverage(o)}",
    "profile": lambda w, o, _: f"Réservé aux {w.audiences(o)}",
    "employees_min": lambda _, o, n: (
        f"À partir de {employees(o.employees_min or 0)}{NBSP}; {_yours(n)}"
    ),
    "employees_max": lambda _, o, n: (
        f"Jusqu’à {employees(o.employees_max or 0)}{NBSP}; {_yours(n)}"
    ),
    "employers_only": lambda *_: f"Réservé aux employeurs{NBSP}; vous n’avez pas de salarié",
    "sector": lambda w, o, _: f"Réservé au secteur{NBSP}: {w.sectors(o)}",
    "age_min": lambda _, o, __: f"À partir de {duration(o.age_months_min or 0)} d’existence",
    "age_max": lambda _, o, __: f"Jusqu’à {duration(o.age_months_max or 0)} d’existence",
    "population_max": _too_peopled,
    "status": _closed,
    "not_yet": lambda _, o, __: f"N’ouvre que le {day(o.valid_from or date.max)}",
    "over": lambda _, o, __: f"Terminé depuis le {day(o.valid_to or date.min)}",
    "need_type": lambda w, o, _: f"Porte sur{NBSP}: {w.need_types(o.need_types)}",
}
