"""Facts that the words themselves say, each with its words: who asks, how many, what sector, where.

Few patterns, each of them sure: what is read here is shown back, and a fact that the person
states always wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from matching.domain import Need, Place, Said

_TRUCK = r"(?:food[- ]?truck|camion[- ](?:à )?(?:pizzas?|snack|restaurant))"

KINDS: Mapping[str, str] = {
    "association": r"(?:notre|mon|nôtre) (?:petite? )?(?:asso(?:ciation)?|club|amicale|ludothèque"
    r"|comité des fêtes|chorale|troupe|harmonie)\b|(?:nous sommes|on est) une "
    r"(?:petite )?asso(?:ciation)?\b|(?:président|trésori|secrétair)\w* (?:d.une?|de notre) "
    r"(?:petite? )?(?:asso(?:ciation)?|club)\b",
    "collectivite": r"je suis (?:la |le )?maire\b|notre (?:commune|mairie|conseil municipal"
    r"|communauté de communes|intercommunalité)\b|secrétaire de mairie|élue? municipale?\b"
    r"|(?:adjointe?|conseill(?:er|ère)) (?:au maire|municipale?)\b",
    "tpe": r"\bma (?:boulangerie|boutique|librairie|pizzeria|boucherie|brasserie)\b"
    r"|(?<!dans )\bmon (?:restaurant|salon de coiffure|garage|magasin|commerce|bar)\b",
    "independant": r"(?:auto|micro)[- ]?(?:entrepreneur|entrepreneuse|entreprise)\b|\bfreelance\b"
    r"|(?:je suis|je travaille|mise?|installée?) à mon compte\b|en libéral\b"
    r"|je suis (?:travailleu(?:r|se) )?indépendante?\b(?! d[e’'])"
    r"|je (?:fais|vends sur) les marchés\b"
    r"|(?:(?<![ei]r )\bmon|(?:j.ai |je tiens |(?:gérante?|patronn?e?) d.)un) (?:petit )?"
    rf"{_TRUCK}\b",
    "porteur-de-projet": r"je (?:veux|voudrais|souhaite|compte|rêve de|cherche à) (?:créer|monter"
    r"|lancer|ouvrir|reprendre|m.installer|me mettre à mon compte)\b"
    r"|j.ai (?:un projet|l.idée) de\b",
    "cooperative": r"(?:notre|ma) (?:scop|scic)\b",
    "fondation": r"notre (?:fondation|fonds de dotation)\b",
}
SECTORS: Mapping[str, str] = {
    "A": r"ferme|exploitation agricole|vignoble|élevage",
    "C": r"boulangerie|pâtisserie|brasserie artisanale",
    "G": r"librairie|épicerie|boutique|magasin|garage|commerce",
    "I": rf"{_TRUCK}|restaurant|pizzeria|crêperie|hôtel|gîte|camping|café|bar",
    "P": r"école de musique|auto-école",
    "Q": r"crèche|halte-garderie|ehpad|centre social|centre d.hébergement|épicerie sociale",
    "R": r"compagnie|troupe|théâtre|festival|musée|harmonie|chorale|club|cinéma",
    "S": r"salon de coiffure|institut de beauté|pressing",
}
"""NAF section -> what people call the place they run."""
_SECTORS_SAID = {
    section: rf"(?<!dans )\b(?:ma|mon|notre) (?:petite? )?(?:{names})\b"
    for section, names in SECTORS.items()
}
_NUMBERS = {
    word: n
    for n, word in enumerate(
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
        " seize".split()
    )
} | {"une": 1, "vingt": 20, "trente": 30}
_STAFF = r"(?:salariée?s?|employée?s?|permanente?s?|équivalents? temps plein|etp)\b"
_HEADCOUNT = re.compile(
    rf"(?:nous sommes|on est|nous (?:n.)?avons|on (?:n.)?a|je n.ai|j.ai|j.emploie|nous employons"
    rf"|on emploie|avec|compte)"
    rf" (?:à peine |seulement |que )?(\d{{1,4}}|{'|'.join(_NUMBERS)}) {_STAFF}",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:aucune?|pas de|pas un seul|sans|zéro) (?:salariée?s?|employée?s?)\b|(?:tous|toutes|que des"
    r"|uniquement des|100 ?%) bénévoles\b",
    re.IGNORECASE,
)


def read_said(text: str) -> tuple[Said, ...]:
    """The kind of actor and its sector when the words say exactly one, and its headcount."""
    found = [*_the_one("profile", KINDS, text), *_the_one("naf_section", _SECTORS_SAID, text)]
    counted, nobody = _HEADCOUNT.search(text), _NOBODY.search(text)
    if counted and not nobody:
        number = counted[1].lower()
        count = int(number) if number.isdigit() else _NUMBERS[number]
        found.append(Said("employees", str(count), counted[0]))
    elif nobody and not counted:
        found.append(Said("employees", "0", nobody[0]))
    return tuple(found)


def _the_one(fact: str, patterns: Mapping[str, str], text: str) -> list[Said]:
    """The one value whose pattern the text holds; none when it holds several."""
    found = [
        Said(fact, value, match[0])
        for value, pattern in patterns.items()
        if (match := re.search(pattern, text, re.IGNORECASE))
    ]
    return found if len(found) == 1 else []


PlaceReader = Callable[[str], tuple[Place, str] | None]
"""The place that a text names, and the words that do."""


def with_said(
    need: Need, read_place: PlaceReader = lambda _: None
) -> tuple[Need, tuple[Said, ...]]:
    """The need with the facts that it did not state and that its words say, and these facts."""
    actor, place = need.actor, need.place
    added = []
    for said in read_said(need.text):
        if said.fact == "profile" and actor.kind is None:
            actor = replace(actor, kind=said.value)
            added.append(said)
        if said.fact == "employees" and actor.headcount is None and actor.volunteer_only is None:
            actor = replace(actor, employees=int(said.value))
            added.append(said)
        if said.fact == "naf_section" and actor.naf_section is None:
            actor = replace(actor, naf_section=said.value)
            added.append(said)
    if place is None and (named := read_place(need.text)) is not None:
        place, words = named
        added.append(Said("commune", place.name, words))
    return replace(need, actor=actor, place=place), tuple(added)
