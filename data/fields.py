"""FIELDS: what each field of an offer may hold, how it is read, and its column in a spreadsheet.

One table serves every importer: a value is a JSON value or the text of a cell. A new field is one
row. Readers raise ValueError with a French message that says what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from data.frames import Frame
from data.territories import TYPED, Gazetteer
from matching.domain import Offer, Provider, Relay
from matching.errors import AiguilleError

SEPARATOR = "|"
MOST_ITEMS = 500
_ID = re.compile(r"[A-Za-z0-9][\w.:-]{0,199}")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TRUTHS = {"oui": True, "vrai": True, "true": True, "1": True}
_TRUTHS |= {"non": False, "faux": False, "false": False, "0": False}


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


def plain_text(value: object, most: int) -> str:
    """A text without control characters nor lone surrogates, at most `most` characters."""
    if not isinstance(value, str):
        raise ValueError(f"un texte était attendu, pas « {value} »")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t\r" for c in value):
        raise ValueError("le texte contient un caractère interdit (contrôle) : retirez-le")
    if len(value) > most:
        raise ValueError(f"{len(value)} caractères, au plus {most} : raccourcissez")
    return value.strip()


def _text(most: int) -> Reader:
    return lambda value, _: plain_text(value, most)


def _identifier(value: object, _: Reading) -> str:
    text = plain_text(value, 200)
    if not _ID.fullmatch(text):
        raise ValueError("attendu : lettres, chiffres, tirets, points (par exemple « fdva2 »)")
    return text


def _required(value: object, reading: Reading) -> str:
    text = _text(300)(value, reading)
    if not text:
        raise ValueError("ce champ est obligatoire")
    return str(text)


def _many(value: object) -> list[Any]:
    items = value.split(SEPARATOR) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError(f"une liste était attendue (séparez par « {SEPARATOR} »)")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"{len(items)} valeurs, au plus {MOST_ITEMS}")
    stripped = (i.strip() if isinstance(i, str) else i for i in items)
    return [i for i in stripped if i != ""]


def _code(list_name: str) -> Reader:
    def read(value: object, reading: Reading) -> str:
        known = reading.frame.codes(list_name)
        if value not in known:
            raise ValueError(f"code inconnu « {value} » ; codes possibles : {', '.join(known)}")
        return str(value)

    return read


def _codes(list_name: str, kind: Callable[[list[str]], Any]) -> Reader:
    one = _code(list_name)
    return lambda value, reading: kind([one(v, reading) for v in _many(value)])


def _odd(value: object, reading: Reading) -> tuple[int, ...]:
    return tuple(int(_code("odd")(str(v), reading)) for v in _many(value))


def _expressions(value: object, _: Reading) -> tuple[str, ...]:
    return tuple(plain_text(v, 1000) for v in _many(value))


def _count(value: object, _: Reading) -> int:
    number = float(value) if isinstance(value, str | int | float) and value is not True else -1.0
    if number < 0 or number != int(number) or number > 10_000_000:
        raise ValueError(f"un nombre entier positif était attendu, pas « {value} »")
    return int(number)


def _truth(value: object, _: Reading) -> bool:
    if isinstance(value, bool):
        return value
    if (found := _TRUTHS.get(str(value).strip().lower())) is None:
        raise ValueError(f"« oui » ou « non » était attendu, pas « {value} »")
    return found


def _day(value: object, _: Reading) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if french := _FRENCH_DAY.fullmatch(text):
        text = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"une date était attendue (2026-03-31 ou 31/03/2026), pas « {text} »"
        ) from None


def _url(value: object, _: Reading) -> str:
    text = plain_text(value, 2000)
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or any(c.isspace() for c in text)
    ):
        raise ValueError(f"une adresse http(s) était attendue, pas « {text} »")
    return text


def _urls(value: object, reading: Reading) -> tuple[str, ...]:
    return tuple(_url(v, reading) for v in _many(value))


def _territories(value: object, reading: Reading) -> frozenset[str]:
    """Typed codes as they are (an unknown one is widened later, and told), or names of places."""
    return frozenset(
        text if TYPED.fullmatch(text) else reading.gazetteer.resolve(text).code
        for text in (plain_text(v, 200) for v in _many(value))
    )


def _provider(value: object, _: Reading) -> Provider:
    """A name, or an object with `id` and `name`; without id, the name folded is the id."""
    if isinstance(value, dict):
        name = plain_text(value.get("name"), 300)
        return Provider(plain_text(value.get("id") or slug(name), 200), name)
    name = plain_text(value, 300)
    return Provider(slug(name), name)


def _relay(value: object, reading: Reading) -> Relay:
    if not isinstance(value, dict):
        return Relay(plain_text(value, 300))
    offer_id, url = value.get("offer_id"), value.get("url")
    return Relay(
        plain_text(value.get("name"), 300),
        None if offer_id is None else _identifier(offer_id, reading),
        None if url is None else _url(url, reading),
    )


def slug(name: str) -> str:
    """A name as an identifier: "Ville de Lille" -> "ville-de-lille"."""
    folded = unicodedata.normalize("NFKD", name.lower())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in folded if not unicodedata.combining(c)))
    return "-".join(words)[:200]


_ROWS = (
    Field("id", "identifiant", _identifier, "Identifiant stable et unique", "mon-dispositif"),
    Field("title", "titre", _required, "Nom de l’offre", "Appui aux associations de la vallée"),
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
    Field("employees_min", "effectif min", _count, "Nombre de salariés au moins"),
    Field("employees_max", "effectif max", _count, "Nombre de salariés au plus"),
    Field(
        "volunteer_only_ok",
        "sans salarié",
        _truth,
        "oui : ouvert sans salarié ; non : employeurs seuls",
        "oui",
    ),
    Field(
        "naf_sections",
        "secteurs",
        _codes("naf_sections", frozenset),
        "Sections NAF, si l’offre s’y limite",
    ),
    Field("age_months_min", "ancienneté min", _count, "Mois d’existence au moins"),
    Field("age_months_max", "ancienneté max", _count, "Mois d’existence au plus"),
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
        _identifier,
        "Identifiant de l’offre dont celle-ci est la forme locale",
    ),
    Field("channel", "canal", _code("channels"), "numerique, presentiel ou mixte", "mixte"),
    Field("cost", "coût", _code("costs"), "Un code du référentiel", "gratuit"),
    Field("nature", "nature", _code("natures"), "Un code du référentiel"),
    Field("levers", "leviers", _codes("levers", tuple), "Codes du référentiel"),
    Field("echelon", "échelon", _code("echelons"), "Échelon d’action du porteur", "departemental"),
    Field("odd", "odd", _odd, "Numéros de 1 à 17"),
    Field("status", "statut", _code("statuses"), "open, closed, crisis-2020 ou unknown", "open"),
    Field("valid_from", "ouvre le", _day, "Premier jour", "01/01/2026"),
    Field("valid_to", "ferme le", _day, "Dernier jour"),
    Field("successor", "successeur", _identifier, "Identifiant de l’offre qui la remplace"),
    Field(
        "next_step",
        "première démarche",
        _text(600),
        "Que faire d’abord",
        "Prenez rendez-vous par courriel.",
    ),
    Field("url", "adresse web", _url, "Page à montrer", "https://exemple.fr"),
    Field("sources", "sources", _urls, "Pages d’où viennent les faits"),
    Field("verified", "vérifiée", _truth, "oui si une page confirme nom, porteur et public"),
    Field("checked_on", "vérifiée le", _day, "Date de la dernière vérification"),
    Field("provenance", "provenance", _text(300), "D’où vient la fiche"),
    Field("licence", "licence", _text(200), "Licence de la fiche", "etalab-2.0"),
    Field(
        "expressions",
        "expressions",
        _expressions,
        "Besoins tels que les gens les disent",
        "Plus personne ne veut reprendre le bureau",
    ),
    Field("generalist", "généraliste", _truth, "oui si l’offre oriente quel que soit le besoin"),
)
FIELDS: Mapping[str, Field] = {field.name: field for field in _ROWS}

_PAIRS = (
    ("employees_min", "employees_max"),
    ("age_months_min", "age_months_max"),
    ("valid_from", "valid_to"),
)


def read_offer(raw: Mapping[str, Any], line: int, reading: Reading) -> Offer | list[Rejection]:
    """An offer from raw values by field name, or all that is wrong with them."""
    values: dict[str, Any] = {}
    wrong: list[Rejection] = []
    for name, value in raw.items():
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            wrong.append(
                Rejection(line, name, _shown(value), f"champ inconnu ; attendus : {known}")
            )
        elif value is not None and value != "":
            try:
                values[name] = FIELDS[name].read(value, reading)
            except (ValueError, AiguilleError) as error:
                wrong.append(Rejection(line, name, _shown(value), str(error)))
    missing = [n for n in ("id", "title", "provider") if n not in values and not _told(wrong, n)]
    wrong += [Rejection(line, n, "", "ce champ est obligatoire") for n in missing]
    for low, high in _PAIRS:
        if low in values and high in values and values[low] > values[high]:
            message = f"« {low} » dépasse « {high} » : corrigez l’un des deux"
            wrong.append(Rejection(line, low, str(values[low]), message))
    return wrong or Offer(**values)


def _told(wrong: list[Rejection], field: str) -> bool:
    return any(r.field == field for r in wrong)


def _shown(value: object) -> str:
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= 80 else f"{text[:80]}…"
