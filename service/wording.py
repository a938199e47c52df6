"""Every sentence a person reads about an answer. Codes and evidence in, words out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Protocol

from matching.domain import FRANCE, Match, NearMiss, Need, Offer, Reason, Ruling, Verdict
from service.typography import NBSP, Say, marked, typeset

LONGEST_QUOTE = 140
"""Characters of someone's words that a reason shows."""


class Labels(Protocol):
    """What the frame and the gazetteer know: the name of a code."""

    def label(self, list_name: str, code: str) -> str: ...

    def plural(self, profile: str) -> str: ...

    def place(self, code: str) -> str: ...


VERDICTS: Mapping[Verdict, str] = {
    Verdict.ELIGIBLE: marked("Vous convient"),
    Verdict.TO_CHECK: marked("À vérifier"),
    Verdict.INELIGIBLE: marked("Ne convient pas"),
}
QUESTIONS: Mapping[str, str] = {
    "commune": marked("Dans quelle commune êtes-vous ?"),
    "profile": marked("Quelle sorte d’organisation êtes-vous ?"),
    "employees": marked("Combien de salariés avez-vous ? (zéro est une vraie réponse)"),
    "naf_section": marked("Quel est votre secteur d’activité ?"),
    "founded_on": marked("Depuis quand votre structure existe-t-elle ?"),
}
OUT_OF_SCOPE = marked(
    "Votre demande semble sortir de ce que nous connaissons, l’appui aux associations, aux petites "
    "entreprises et aux communes. Pour une démarche personnelle, votre mairie vous orientera ; "
    "pour une organisation, parlez-en à quelqu’un qui connaît votre territoire."
)
UNSURE = marked(
    "Nous n’avons pas trouvé de réponse sûre à ce besoin. Ne repartez pas les mains vides : "
    "parlez-en à quelqu’un qui connaît votre territoire."
)
UNVERIFIED = marked("Informations à vérifier auprès du porteur")
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()


def quoted(text: str, say: Say = typeset) -> str:
    """Between quotation marks, cut at a word past some length."""
    return say("« {words} »").format(words=shorten(text, LONGEST_QUOTE, placeholder="…"))


def day(value: date) -> str:
    """1er mars 2026, with spaces that do not break."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{NBSP}{MONTHS[value.month - 1]}{NBSP}{value.year}"


def english_day(value: date) -> str:
    return f"{value.day}{NBSP}{value:%B}{NBSP}{value.year}"


def number(count: int) -> str:
    """3 500, with a space that does not break."""
    return f"{count:,}".replace(",", NBSP)


@dataclass(frozen=True, slots=True)
class Wording:
    """Says an answer, with the labels of the frame and the names of places.

    `say` turns a French text into that of the screen's language, `day` says a date in it.
    """

    labels: Labels
    say: Say = typeset
    day: Callable[[date], str] = day

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
            return self.say("Près de chez vous : {name}").format(name=relay.name)
        return self.say("Votre interlocuteur local : {name}").format(name=relay.name)

    def next_step(self, offer: Offer) -> str:
        who = offer.provider.name or offer.title
        return offer.next_step or self.say("Prenez contact avec {who}.").format(who=who)

    def coverage(self, offer: Offer) -> str:
        """Where an offer applies: all of France, or the names of its territories."""
        if FRANCE in offer.territories:
            return self.say("France entière")
        return self.places(offer.territories) or self.say("territoire non précisé")

    def places(self, codes: Iterable[str]) -> str:
        return self.listed(map(self.labels.place, sorted(codes)))

    def audiences(self, offer: Offer) -> str:
        return self.listed(map(self.labels.plural, sorted(offer.audiences)))

    def sectors(self, offer: Offer) -> str:
        return self.listed(self.labels.label("naf_sections", c) for c in sorted(offer.naf_sections))

    def need_types(self, codes: Iterable[str]) -> str:
        return self.listed(self.labels.label("need_types", code).lower() for code in codes)

    def listed(self, items: Iterable[str]) -> str:
        """a, b et c."""
        *first, end = list(items) or [""]
        last = self.say("et")
        return f"{', '.join(first)} {last} {end}" if first else end

    def employees(self, count: int) -> str:
        if count == 0:
            return self.say("aucun salarié")
        said = self.say("{count} salarié") if count == 1 else self.say("{count} salariés")
        return said.format(count=count).replace(" ", NBSP)

    def duration(self, months: int) -> str:
        years, rest = divmod(months, 12)
        if rest or not years:
            said = self.say("{count} mois").format(count=months)
        else:
            unit = self.say("{count} an") if years == 1 else self.say("{count} ans")
            said = unit.format(count=years)
        return said.replace(" ", NBSP)


Evidence = tuple[str, ...]

REASONS: Mapping[str, Callable[[Wording, Evidence], str]] = {
    "precedent": lambda w, e: w.say("Retenue pour un besoin proche : {q}").format(
        q=quoted(e[0], w.say)
    ),
    "expression": lambda w, e: w.say("Proche de ce que disent d’autres : {q}").format(
        q=quoted(e[0], w.say)
    ),
    "need_type": lambda w, e: w.say("Répond à : {types}").format(types=w.need_types(e)),
    "words": lambda w, e: w.say("Vos mots s’y retrouvent : {words}").format(
        words=w.listed(quoted(word, w.say) for word in e)
    ),
    "territory": lambda w, e: w.say("Agit sur votre territoire : {places}").format(
        places=w.places(e)
    ),
    "profile": lambda w, e: w.say("S’adresse aux {who}").format(who=w.labels.plural(e[0])),
    "volunteers": lambda w, _: w.say("Ouvert aux structures sans salarié"),
    "urgency": lambda w, _: w.say("Prévu pour les situations urgentes"),
}


def _check_territory(w: Wording, offer: Offer, need: Need) -> str:
    if not offer.territories:
        return w.say("Territoire non précisé : à vérifier auprès du porteur")
    where = w.coverage(offer)
    if need.place is None:
        return w.say("Réservé à {where} : indiquez votre commune").format(where=where)
    return w.say("Ne couvre qu’une partie de {place} : {where}").format(
        place=need.place.name, where=where
    )


def _check_profile(w: Wording, offer: Offer, _: Need) -> str:
    if not offer.audiences:
        return w.say("Public non précisé : à vérifier auprès du porteur")
    return w.say("Réservé aux {who} : dites qui vous êtes").format(who=w.audiences(offer))


def _small_communes(w: Wording, offer: Offer) -> str:
    """The bound as people say it: 3499 at most is fewer than 3500."""
    most = offer.population_max or 0
    if most % 10 == 9:
        said, bound = w.say("Réservé aux communes de moins de {count} habitants"), most + 1
    else:
        said, bound = w.say("Réservé aux communes de {count} habitants au plus"), most
    return said.format(count=number(bound))


def _conditions(w: Wording, offer: Offer, _: Need) -> str:
    several = len(offer.conditions) > 1
    said = w.say("Conditions à vérifier : {those}") if several else w.say("À vérifier : {those}")
    return said.format(those=f"{NBSP}; ".join(offer.conditions))


CHECKS: Mapping[str, Callable[[Wording, Offer, Need], str]] = {
    "territory": _check_territory,
    "profile": _check_profile,
    "employees_min": lambda w, o, _: w.say("À partir de {n} : indiquez votre effectif").format(
        n=w.employees(o.employees_min or 0)
    ),
    "employees_max": lambda w, o, _: w.say("Jusqu’à {n} : indiquez votre effectif").format(
        n=w.employees(o.employees_max or 0)
    ),
    "employers_only": lambda w, *_: w.say("Réservé aux employeurs : indiquez votre effectif"),
    "sector": lambda w, o, _: w.say("Secteur demandé : {sectors}").format(sectors=w.sectors(o)),
    "age_min": lambda w, o, _: w.say(
        "À partir de {age} d’existence : indiquez la date de création"
    ).format(age=w.duration(o.age_months_min or 0)),
    "age_max": lambda w, o, _: w.say(
        "Jusqu’à {age} d’existence : indiquez la date de création"
    ).format(age=w.duration(o.age_months_max or 0)),
    "population_max": lambda w, o, _: w.say("{bound} : indiquez votre commune").format(
        bound=_small_communes(w, o)
    ),
    "conditions": _conditions,
    "status": lambda w, *_: w.say("Ouverture incertaine : à vérifier auprès du porteur"),
    "need_type": lambda w, *_: w.say("Thème non précisé : à vérifier auprès du porteur"),
}


def _yours(w: Wording, need: Need) -> str:
    count = need.actor.headcount
    if not count:
        return w.say("vous n’en avez aucun")
    return w.say("vous en avez {count}").format(count=count)


def _too_peopled(w: Wording, offer: Offer, need: Need) -> str:
    place, bound = need.place, _small_communes(w, offer)
    if place is None or place.population is None:
        return bound
    count = number(place.population)
    return w.say("{bound} ; {place} en compte {count}").format(
        bound=bound, place=place.name, count=count
    )


def _closed(w: Wording, offer: Offer, _: Need) -> str:
    if offer.status == "crisis-2020":
        return w.say("Mesure de la crise de 2020, aujourd’hui close")
    return w.say("Dispositif fermé")


FAULTS: Mapping[str, Callable[[Wording, Offer, Need], str]] = {
    "territory": lambda w, o, _: w.say("Réservé à {where}").format(where=w.coverage(o)),
    "profile": lambda w, o, _: w.say("Réservé aux {who}").format(who=w.audiences(o)),
    "employees_min": lambda w, o, n: w.say("À partir de {n} ; {yours}").format(
        n=w.employees(o.employees_min or 0), yours=_yours(w, n)
    ),
    "employees_max": lambda w, o, n: w.say("Jusqu’à {n} ; {yours}").format(
        n=w.employees(o.employees_max or 0), yours=_yours(w, n)
    ),
    "employers_only": lambda w, *_: w.say("Réservé aux employeurs ; vous n’avez pas de salarié"),
    "sector": lambda w, o, _: w.say("Réservé au secteur : {sectors}").format(sectors=w.sectors(o)),
    "age_min": lambda w, o, _: w.say("À partir de {age} d’existence").format(
        age=w.duration(o.age_months_min or 0)
    ),
    "age_max": lambda w, o, _: w.say("Jusqu’à {age} d’existence").format(
        age=w.duration(o.age_months_max or 0)
    ),
    "population_max": _too_peopled,
    "status": _closed,
    "not_yet": lambda w, o, _: w.say("N’ouvre que le {day}").format(
        day=w.day(o.valid_from or date.max)
    ),
    "over": lambda w, o, _: w.say("Terminé depuis le {day}").format(
        day=w.day(o.valid_to or date.min)
    ),
    "need_type": lambda w, o, _: w.say("Porte sur : {types}").format(
        types=w.need_types(o.need_types)
    ),
}
