"""Pages of the API of Aides-territoires, 1.6 and the keys its successor adds: each aid an offer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urljoin

from data.aides_territoires import (
    AUDIENCES,
    CATEGORIES,
    COLLECTIVITIES,
    COMMUNE,
    FARMER,
    FARMERS,
    IN_DESCRIPTION,
    LICENCE,
    LOST,
    SAID_TWICE,
    SITE,
    TYPES,
    folded,
)
from data.fields import Reading, Rejection
from data.importers.foreign import Lost, Refused, Row, Said, json_rows, read_foreign
from data.losses import Loss
from data.perimeters import codes_of
from data.plain_html import plain_lines
from data.values import url
from matching.domain import FRANCE, Offer

COLUMNS: Mapping[str, str] = {
    "id": "id",
    "title": "name",
    "description": "description",
    "provider": "financers",
    "audiences": "targeted_audiences",
    "kind": "aid_types",
    "need_types": "categories",
    "territories": "perimeter",
    "valid_from": "start_date",
    "valid_to": "submission_deadline",
    "url": "origin_url",
    "next_step": "application_url",
    "checked_on": "date_updated",
}
"""Field of an offer -> the key it comes from."""
SEE_CRITERIA = "remplir les critères d’éligibilité de l’aide"
LONGEST_SUMMARY, LONGEST_DESCRIPTION, LONGEST_LINK = 300, 20_000, 500
_SEPARATORS = re.compile(r"\s*(?:\||/)\s*")


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection | Loss]:
    """The aids of a page, or an aid a line. Lines are ranks."""
    told = (
        "n’est pas une page de l’API d’Aides-territoires : "
        '{"count": …, "next": …, "results": [{"id": …, "name": …}]} était attendu.'
    )
    return read_foreign(
        map(_named, json_rows(path, "name", told, of="results")), tell, COLUMNS, reading
    )


def _named(found: tuple[int, Row] | Rejection) -> tuple[int, Row] | Rejection:
    """The same aid, under an identifier that is its alone."""
    if isinstance(found, Rejection):
        return found
    number, aid = found
    known = aid.get("id") not in (None, "")
    return number, {**aid, "id": f"aides-territoires-{aid['id']}" if known else ""}


def tell(aid: Row, reading: Reading) -> Iterator[tuple[str, Said]]:
    """What each key of an aid says, in the fields of an offer."""
    page = urljoin(SITE, str(aid.get("url") or ""))
    yield "id", ("id", aid["id"])
    yield "name", ("title", plain_lines(str(aid.get("name") or "")))
    yield "url", ("sources", [page])
    yield "", ("provenance", "Aides-territoires")
    unknown_licence = aid.get("import_share_licence") == "unknown"
    yield "import_share_licence", ("licence", "" if unknown_licence else LICENCE)
    yield "is_live", ("status", "closed" if aid.get("is_live") is False else "open")
    for key, field in (
        ("start_date", "valid_from"),
        ("submission_deadline", "valid_to"),
        ("date_updated", "checked_on"),
    ):
        yield key, (field, str(aid.get(key) or "")[:10])
    for told in (_provider, _audiences, _types, _categories, _perimeter, _links, _text):
        yield from told(aid, reading)
    for key, value in aid.items():
        if value not in (None, "", [], False) and key not in READ:
            # What a contact says is somebody's: it is not shown, even as an example.
            shown = "(masqué)" if key == "contact" else value
            yield key, Lost(shown, LOST.get(key, "clé inconnue de cet import"))


def _names(aid: Row, key: str) -> list[str]:
    value = aid.get(key) or []
    return [str(v).strip() for v in (value if isinstance(value, list) else [value]) if v]


def _provider(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    """The first who finances, else the first who examines requests."""
    first, *others = [*_names(aid, "financers"), *_names(aid, "instructors"), ""]
    if not first:
        yield "financers", Refused("", "aucun porteur : un financeur était attendu")
        return
    yield "financers", ("provider", {"name": first})
    if others := _names(aid, "financers")[1:]:
        yield (
            "financers",
            Lost(", ".join(others), f"une offre a un seul porteur : {IN_DESCRIPTION}"),
        )


def _audiences(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    names = _names(aid, "targeted_audiences")
    keys = [folded(n) for n in names]
    profiles = {p for key in keys for p in AUDIENCES.get(key, ())}
    if not profiles and FARMER in keys:
        profiles = set(FARMERS)
        yield "targeted_audiences", ("naf_sections", ["A"])
        names.pop(keys.index(FARMER))
    if names and not profiles:
        message = "aucun de ces publics n’est du référentiel : l’aide n’est pas reprise"
        yield "targeted_audiences", Refused(", ".join(names), message)
        return
    yield "targeted_audiences", ("audiences", sorted(profiles))
    if profiles == {"collectivite"} and COMMUNE not in keys:
        kinds = ", ".join(n for n in names if folded(n) in COLLECTIVITIES)
        yield "targeted_audiences", ("conditions", [f"être l’un de ceux-ci : {kinds}"[:200]])
    for name in names:
        if folded(name) not in AUDIENCES:
            yield "targeted_audiences", Lost(name, "public sans équivalent dans le référentiel")


def _types(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    names = _names(aid, "aid_types")
    found = [TYPES.get(folded(n), ("", "", "")) for n in names]
    for name, (kind, _cost, _need) in zip(names, found, strict=True):
        if not kind:
            yield "aid_types", Lost(name, "type d’aide sans équivalent dans le référentiel")
    kinds, costs, needs = (
        list(dict.fromkeys(codes[part] for codes in found if codes[part])) for part in range(3)
    )
    if len(kinds) > 1:
        yield "aid_types", ("kind", "programme")
        yield "aid_types", Lost(", ".join(names), "plusieurs types : l’offre est un programme")
    elif kinds:
        yield "aid_types", ("kind", kinds[0])
    free = ["gratuit"] if kinds == ["accompagnement"] and aid.get("is_charged") is False else []
    for cost in (["payant"] if aid.get("is_charged") is True else [*costs, *free])[:1]:
        yield "is_charged", ("cost", cost)
    yield "aid_types", ("need_types", needs)


def _categories(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    """A category is the last words: themes and categories both may hold the separator."""
    for name in _names(aid, "categories"):
        words = _SEPARATORS.split(name)
        endings = (folded(" ".join(words[start:])) for start in range(len(words)))
        need = next((CATEGORIES[e] for e in endings if e in CATEGORIES), None)
        if need is None:
            yield "categories", Lost(name, "thème qui n’est pas un type de besoin")
        else:
            yield "categories", ("need_types", [need])


def _perimeter(aid: Row, reading: Reading) -> Iterator[tuple[str, Said]]:
    """The territories of a perimeter; France and a condition when no territory has its name."""
    said = str(aid.get("perimeter") or "").strip()
    if not said:
        return
    if codes := codes_of(said, str(aid.get("perimeter_scale") or ""), reading.gazetteer):
        yield "perimeter", ("territories", list(codes))
        return
    yield "perimeter", ("territories", [FRANCE])
    yield "perimeter", ("conditions", [f"être sur le territoire : {said}"[:200]])
    yield "perimeter", Lost(said, "périmètre inconnu : élargi à la France, et mis en condition")


def _links(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    """The provider's own page is the one to show; requests are made at `application_url`."""
    page = urljoin(SITE, str(aid.get("url") or ""))
    origin = aid.get("origin_url")
    if origin and not _is_url(origin):
        yield "origin_url", Lost(origin, "ce n’est pas une adresse web")
        origin = None
    yield "origin_url", ("url", origin or page)
    if (application := aid.get("application_url")) and not _is_url(application):
        yield "application_url", Lost(application, "ce n’est pas une adresse web")
    elif application and len(application) <= LONGEST_LINK:
        yield "application_url", ("next_step", f"Faites votre demande en ligne : {application}")


def _is_url(value: object) -> bool:
    try:
        url(value)
    except ValueError:
        return False
    return True


def _text(aid: Row, _: Reading) -> Iterator[tuple[str, Said]]:
    """The description, then all that only a text can hold, while it fits."""
    description = plain_lines(str(aid.get("description") or ""))
    summary = description.partition("\n")[0]
    if len(summary) > LONGEST_SUMMARY:
        summary = f"{summary[:LONGEST_SUMMARY].rpartition(' ')[0]}…"
    yield "description", ("summary", summary)
    eligibility = plain_lines(str(aid.get("eligibility") or ""))
    if eligibility:
        yield "eligibility", ("conditions", [SEE_CRITERIA])
    whole = ""
    for key, text in (
        ("description", description),
        *((key, text) for key, text in _facts(aid)),
        ("eligibility", eligibility and f"Critères d’éligibilité\n{eligibility}"),
    ):
        longer = f"{whole}\n\n{text}".strip()
        if text and len(longer) > LONGEST_DESCRIPTION:
            yield key, Lost(text, "trop long pour la description : lisez la page")
        elif text:
            whole = longer
    yield "description", ("description", whole)


def _facts(aid: Row) -> Iterator[tuple[str, str]]:
    for key, words in (("name_initial", "Nom d’origine"), ("short_title", "Titre court")):
        if aid.get(key):
            yield key, f"{words} : {plain_lines(str(aid[key]))}"
    low, high = aid.get("subvention_rate_lower_bound"), aid.get("subvention_rate_upper_bound")
    if high:
        between = f"de {low} % à {high} %" if low else f"jusqu’à {high} %"
        yield "subvention_rate_upper_bound", f"Taux de subvention : {between}"
    elif low:
        yield "subvention_rate_lower_bound", f"Taux de subvention : au moins {low} %"
    if comment := aid.get("subvention_comment"):
        yield "subvention_comment", plain_lines(str(comment))
    for key, words in (
        ("loan_amount", "Montant du prêt"),
        ("recoverable_advance_amount", "Montant de l’avance récupérable"),
    ):
        if aid.get(key):
            yield key, f"{words} : {aid[key]} €"
    for key, words, least in (
        ("financers", "Financeurs", 2),
        ("instructors", "Qui instruit", 1),
        ("programs", "Programmes", 1),
    ):
        if len(names := _names(aid, key)) >= least:
            yield key, f"{words} : {', '.join(names)}"


READ = frozenset(
    "id url name financers description eligibility perimeter perimeter_scale origin_url categories"
    " application_url targeted_audiences aid_types is_charged start_date submission_deadline"
    " import_share_licence date_updated is_live".split()
).union(SAID_TWICE)
"""Keys that are read above, or need not be. All others are told lost."""
