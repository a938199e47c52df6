"""FIELDS: what each field of an offer may hold, how it is read, and its column in a spreadsheet.

One table serves every importer: a value is a JSON value or the text of a cell. A new field is one
row. Readers raise ValueError with a French message that says what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.frames import Frame
from data.territories import TYPED, Gazetteer
from data.values import (
    SEPARATOR,
    count,
    day,
    identifier,
    many,
    plain_text,
    required_text,
    shown,
    slug,
    truth,
    url,
)
from matching.domain import Offer, Provider, Relay
from matching.errors import AiguilleError


@dataclass(frozen=True, slots=True)
class Rejection:
    """A value that was refused: `line` counts from 1 as the file shows it."""

    line: int
    field: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What readers may ask: which codes exist, which places."""

    frame: Frame
    gazetteer: Gazetteer


Reader = Callable[[Any, Reading], Any]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    header: str
    read: Reader
    help: str
    example: str = ""


def _alone(read: Callable[[object], Any]) -> Reader:
    """A reader that asks nothing of the frame nor of the gazetteer."""
    return lambda value, _: read(value)


def _text(most: int) -> Reader:
    return lambda value, _: plain_text(value, most)


def _code(list_name: str) -> Reader:
    def read(value: object, reading: Reading) -> str:
        known = reading.frame.codes(list_name)
        if not isinstance(value, str) or value not in known:
            told = f"code inconnu « {shown(value)} » ; codes possibles : {', '.join(known)}"
            raise ValueError(told)
        return value

    return read


def _codes(list_name: str, kind: Callable[[list[str]], Any]) -> Reader:
    one = _code(list_name)
    return lambda value, reading: kind([one(v, reading) for v in many(value)])


def _odd(value: object, reading: Reading) -> tuple[int, ...]:
    return tuple(int(_code("odd")(str(v), reading)) for v in many(value))


def _phrases(most: int) -> Reader:
    return lambda value, _: tuple(plain_text(v, most) for v in many(value))


def _urls(value: object, _: Reading) -> tuple[str, ...]:
    return tuple(url(v) for v in many(value))


def _territories(value: object, reading: Reading) -> frozenset[str]:
    """Typed codes as they are (an unknown one is widened later, and told), or names of places."""
    return frozenset(
        text if TYPED.fullmatch(text) else reading.gazetteer.resolve(text).code
        for text in (plain_text(v, 200) for v in many(value))
    )


def _provider(value: object, _: Reading) -> Provider:
    """An object or a cell "name|id"; without id, the name folded is the id."""
    facts = _facts(value, ("name", "id"))
    name = required_text(facts.get("name"))
    provider_id = plain_text(facts.get("id") or slug(name), 200)
    if not provider_id:
        raise ValueError(f"« {shown(name)} » n’a ni lettre latine ni chiffre : ajoutez-en une")
    return Provider(provider_id, name)


def _relay(value: object, _: Reading) -> Relay:
    """An object or a cell "name|offer_id|url", of which the name alone is required."""
    facts = _facts(value, ("name", "offer_id", "url"))
    offer_id, address = facts.get("offer_id"), facts.get("url")
    return Relay(
        required_text(facts.get("name")),
        identifier(offer_id) if offer_id else None,
        url(address) if address else None,
    )


def _facts(value: object, known: tuple[str, ...]) -> Mapping[str, Any]:
    """The facts of an object, or of a cell that gives them in the order of `known`."""
    if isinstance(value, str):
        parts = value.split(SEPARATOR)
        if len(parts) > len(known):
            raise ValueError(f"au plus {len(known)} valeurs : {SEPARATOR.join(known)}")
        return dict(zip(known, map(str.strip, parts), strict=False))
    facts = value if isinstance(value, dict) else {"name": value}
    unknown = [shown(key) for key in facts if key not in known]
    if unknown:
        told = f"clé inconnue : {', '.join(unknown)} ; attendues : {', '.join(known)}"
        raise ValueError(told)
    return facts


_ROWS = (
    Field(
        "id", "identifiant", _alone(identifier), "Identifiant stable et unique", "mon-dispositif"
    ),
    Field(
        "title",
        "titre",
        _alone(required_text),
        "Nom de l’offre",
        "Appui aux associations de la vallée",
    ),
    Field("summary", "résumé", _text(600), "Une phrase : qui est aidé, et par quoi"),
    Field("description", "description", _text(20_000), "60 à 150 mots, en mots simples"),
    Field("provider", "porteur", _provider, "Organisme qui délivre l’offre", "Maison de la vallée"),
    Field("kind", "genre", _code("kinds"), "Un code du référentiel", "accompagnement"),
    Field(
        "axis",
        "axe",
        lambda v, r: v if v == "both" else _code("axes")(v, r),
        "urgence, redeveloppement ou both",
    ),
    Field("temporalities", "temporalités", _codes("temporalities", tuple), "Codes du référentiel"),
    Field(
        "need_types",
        "besoins",
        _codes("need_types", tuple),
        "Codes, le principal en tête",
        "benevolat|gouvernance",
    ),
    Field(
        "audiences", "publics", _codes("profiles", frozenset), "Codes du référentiel", "association"
    ),
    Field("employees_min", "effectif min", _alone(count), "Nombre de salariés au moins"),
    Field("employees_max", "effectif max", _alone(count), "Nombre de salariés au plus"),
    Field(
        "volunteer_only_ok",
        "sans salarié",
        _alone(truth),
        "oui : ouvert sans salarié ; non : employeurs seuls",
        "oui",
    ),
    Field(
        "naf_sections",
        "secteurs",
        _codes("naf_sections", frozenset),
        "Sections NAF, si l’offre s’y limite",
    ),
    Field("age_months_min", "ancienneté min", _alone(count), "Mois d’existence au moins"),
    Field("age_months_max", "ancienneté max", _alone(count), "Mois d’existence au plus"),
    Field("population_max", "habitants max", _alone(count), "Habitants de la commune au plus"),
    Field(
        "conditions",
        "conditions",
        _phrases(200),
        "Ce qu’il reste à vérifier, à l’infinitif : être en quartier prioritaire",
    ),
    Field(
        "territories",
        "territoires",
        _territories,
        "Codes (FR, REG-76, DEP-48, COM-48095) ou noms",
        "DEP-48",
    ),
    Field("relay", "relais", _relay, "Réseau local qui délivre l’offre"),
    Field(
        "national_offer",
        "offre nationale",
        _alone(identifier),
        "Identifiant de l’offre dont celle-ci est la forme locale",
    ),
    Field("channel", "canal", _code("channels"), "numerique, presentiel ou mixte", "mixte"),
    Field("cost", "coût", _code("costs"), "Un code du référentiel", "gratuit"),
    Field("nature", "nature", _code("natures"), "Un code du référentiel"),
    Field("levers", "leviers", _codes("levers", tuple), "Codes du référentiel"),
    Field("echelon", "échelon", _code("echelons"), "Échelon d’action du porteur", "departemental"),
    Field("odd", "odd", _odd, "Numéros de 1 à 17"),
    Field("status", "statut", _code("statuses"), "open, closed, crisis-2020 ou unknown", "open"),
    Field("valid_from", "ouvre le", _alone(day), "Premier jour", "01/01/2026"),
    Field("valid_to", "ferme le", _alone(day), "Dernier jour"),
    Field("successor", "successeur", _alone(identifier), "Identifiant de l’offre qui la remplace"),
    Field(
        "next_step",
        "première démarche",
        _text(600),
        "Que faire d’abord",
        "Prenez rendez-vous par courriel.",
    ),
    Field("url", "adresse web", _alone(url), "Page à montrer", "https://exemple.fr"),
    Field("sources", "sources", _urls, "Pages d’où viennent les faits"),
    Field("verified", "vérifiée", _alone(truth), "oui si une page confirme nom, porteur et public"),
    Field("checked_on", "vérifiée le", _alone(day), "Date de la dernière vérification"),
    Field("provenance", "provenance", _text(300), "D’où vient la fiche"),
    Field("licence", "licence", _text(200), "Licence de la fiche", "etalab-2.0"),
    Field(
        "expressions",
        "expressions",
        _phrases(1000),
        "Besoins tels que les gens les disent",
        "Plus personne ne veut reprendre le bureau",
    ),
    Field(
        "generalist", "généraliste", _alone(truth), "oui si l’offre oriente quel que soit le besoin"
    ),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _ROWS}
REQUIRED = ("id", "title", "provider")

_PAIRS = (
    ("employees_min", "employees_max"),
    ("age_months_min", "age_months_max"),
    ("valid_from", "valid_to"),
)


def read_offers(
    rows: Iterable[tuple[int, Mapping[str, Any]] | Rejection], reading: Reading
) -> Iterator[Offer | Rejection]:
    """Offers from numbered raw rows; an identifier given again is refused, with both lines."""
    lines: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Rejection):
            yield row
            continue
        line, raw = row
        found = read_offer(raw, line, reading)
        if not isinstance(found, Offer):
            yield from found
        elif (first := lines.setdefault(found.id, line)) != line:
            message = f"cet identifiant est déjà à la ligne {first} : gardez une seule ligne"
            yield Rejection(line, "id", found.id, message)
        else:
            yield found


def read_offer(raw: Mapping[str, Any], line: int, reading: Reading) -> Offer | list[Rejection]:
    """An offer from raw values by field name, or all that is wrong with them."""
    values: dict[str, Any] = {}
    wrong: list[Rejection] = []
    for name, value in raw.items():
        if name not in FIELDS:
            told = f"champ inconnu ; attendus : {', '.join(FIELDS)}"
            wrong.append(Rejection(line, shown(name), shown(value), told))
        elif value is not None and value != "":
            try:
                values[name] = FIELDS[name].read(value, reading)
            except (ValueError, AiguilleError) as error:
                wrong.append(Rejection(line, name, shown(value), str(error)))
    missing = [n for n in REQUIRED if n not in values and not _told(wrong, n)]
    wrong += [Rejection(line, n, "", "ce champ est obligatoire") for n in missing]
    for low, high in _PAIRS:
        if low in values and high in values and values[low] > values[high]:
            message = f"« {low} » dépasse « {high} » : corrigez l’un des deux"
            wrong.append(Rejection(line, low, str(values[low]), message))
    return wrong or Offer(**values)


def _told(wrong: list[Rejection], field: str) -> bool:
    return any(r.field == field for r in wrong)
