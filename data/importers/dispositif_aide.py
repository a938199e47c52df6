"""The national schema "dispositif d'aide" 0.2, core or for companies, from its CSV or its JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from stdnum.fr import siren

from data.cog import from_cog, without
from data.criteria import fact_of
from data.dispositif_aide import (
    COLUMN_OF,
    COMPANIES,
    CORE,
    GENERIC,
    KINDS,
    NEVER,
    NO_CRITERION,
    REQUIRED,
    SEE_CRITERIA,
    SEPARATOR,
    TARGETS,
    UNSAID_TYPE,
)
from data.fields import Reading, Rejection
from data.importers.csv_rows import csv_rows
from data.importers.foreign import Lost, Refused, Row, Said, json_rows, read_foreign
from data.importers.spreadsheet import WrongHeaders
from data.losses import Loss
from data.values import slug, typed
from matching.domain import Offer

LONGEST_CONDITION, MOST_CONDITIONS = 200, 20
_BULLET = " \t•·▪◦*–—-;"
LONGEST_LOOSE = 5_000
_LOOSE_HOLDER = re.compile(r"\{[^{}]*\}")
_LOOSE_FACT = re.compile(r"""(nom|siren|roles|rôles)\s*:\s*(\[[^\]]*\]|(['"]).*?\3(?=\s*[,}]))""")
_FIELD_OF = {column: field for field, column in COLUMN_OF.items()}
_NO_FIELD = "aucun champ de nos offres ne le dit"


def read_csv(path: Path, reading: Reading) -> Iterator[Offer | Rejection | Loss]:
    """A row a dispositif. A file without the required columns says which."""
    rows = csv_rows(path)
    first = next(rows, (1, []))
    headers = [] if isinstance(first, Rejection) else [h.strip() for h in first[1]]
    missing = [c for c in REQUIRED if c not in headers]
    if missing:
        old = " : ce fichier suit la version 0.1" if "id_aide" in headers else ""
        raise WrongHeaders(
            f"Colonnes manquantes{old} : {', '.join(missing)}. Le schéma « dispositif d’aide » 0.2 "
            f"demande : {', '.join(CORE)}.",
            field="file",
        )
    filled = (r for r in rows if isinstance(r, Rejection) or any(map(str.strip, r[1])))
    cells = (r if isinstance(r, Rejection) else (r[0], _cells(headers, r[1])) for r in filled)
    return read_foreign(cells, tell, COLUMN_OF, reading)


def read_json(path: Path, reading: Reading) -> Iterator[Offer | Rejection | Loss]:
    """An array of objects whose keys are the columns; lists may be lists. Lines are ranks."""
    told = (
        "n’est pas un fichier du schéma « dispositif d’aide » 0.2 : une liste d’objets était "
        'attendue, [{"id": …, "titre": …}].'
    )
    return read_foreign(json_rows(path, "titre", told), tell, COLUMN_OF, reading)


def _cells(headers: list[str], row: list[str]) -> Row:
    extra = [cell for cell in row[len(headers) :] if cell]
    said = zip(headers, row, strict=False)
    cells = {header: typed(cell).strip() for header, cell in said if header}
    return cells | ({"": SEPARATOR.join(extra)} if extra else {})


def tell(row: Row, reading: Reading) -> Iterator[tuple[str, Said]]:
    """What each column of a row says, in the fields of an offer.

    A criterion that says a fact exactly stands for the column that says it less well.
    """
    facts, criteria = _criteria(row, reading)
    yield "", ("status", "open")
    yield from (("eligibilite", fact) for fact in facts.items())
    fit = len(criteria) <= MOST_CONDITIONS and all(len(c) <= LONGEST_CONDITION for c in criteria)
    yield "eligibilite", ("conditions", criteria if fit else [SEE_CRITERIA])
    for column in (*_READERS, *(c for c in row if c not in _READERS)):
        if (value := row.get(column)) in (None, "", []) or _FIELD_OF.get(column) in facts:
            continue
        if column in _READERS:
            yield from ((column, said) for said in _READERS[column](value, row, reading))
        elif column != "eligibilite":
            known = column in CORE or column in COMPANIES
            yield column, Lost(value, _NO_FIELD if known else "colonne hors du schéma 0.2")
    if not fit:
        text = "\n".join(f"• {c}" for c in criteria)
        whole = f"{row.get('description') or ''}\n\nCritères d’éligibilité\n{text}".strip()
        yield "eligibilite", ("description", whole)
        yield "eligibilite", Lost(text, "trop long pour des conditions : mis dans la description")


def _criteria(row: Row, reading: Reading) -> tuple[dict[str, Any], list[str]]:
    """The facts that criteria of ours say, and the other criteria, one a line."""
    value = row.get("eligibilite") or ""
    lines = value if isinstance(value, list) else str(value).splitlines()
    facts, criteria = dict[str, Any](), list[str]()
    for text in (str(line).strip(_BULLET) for line in lines):
        if fact := fact_of(text, reading):
            facts[fact[0]] = fact[1]
        elif text and text != NO_CRITERION:
            criteria.append(text)
    return facts, criteria


def _items(value: Any) -> list[str]:
    """The values of a cell cut at each "|", or of a list."""
    items = value if isinstance(value, list) else str(value).split(SEPARATOR)
    return [text for item in items if (text := str(item).strip())]


def _as(field: str) -> Any:
    return lambda value, *_: iter([(field, value)])


def _description(value: Any, row: Row, _: Reading) -> Iterator[Said]:
    """Required, it may but repeat what another column says."""
    if value not in (row.get("promesse"), row.get("titre")):
        yield "description", value


def _types(value: Any, *_: Any) -> Iterator[Said]:
    types = [slug(t) for t in _items(value) if t != UNSAID_TYPE]
    precise = [t for t in types if t not in GENERIC] or types
    kinds = dict.fromkeys(KINDS.get(t, GENERIC.get(t, "")) for t in precise)
    for code in precise:
        if not KINDS.get(code, GENERIC.get(code)):
            yield Lost(code, "type d’aide sans équivalent dans notre référentiel")
    known = [kind for kind in kinds if kind]
    if len(known) > 1:
        yield "kind", "programme"
        yield Lost(value, "plusieurs types : l’offre est un programme")
    elif known:
        yield "kind", known[0]


def _holders(value: Any, *_: Any) -> Iterator[Said]:
    """Who delivers the offer is who examines requests, else the first."""
    holders = value if isinstance(value, list) else _parsed(str(value))
    named = [h for h in holders if isinstance(h, dict) and str(h.get("nom") or "").strip()]
    if not named:
        yield Refused(value, 'attendu : [{"nom": "…", "siren": "…", "roles": ["instructeur"]}]')
        return
    chosen = next((h for h in named if "instructeur" in str(_roles(h))), named[0])
    number = str(chosen.get("siren") or "").replace(" ", "")
    name = str(chosen["nom"]).strip()
    facts = {"name": name}
    if siren.is_valid(number):
        facts["id"] = number
    elif number:
        yield Lost(number, "ce n’est pas un numéro SIREN")
    elif not slug(name):  # a name without a letter that an identifier takes
        facts["id"] = f"porteur-{sha256(name.encode()).hexdigest()[:12]}"
    yield "provider", facts
    others = [str(h["nom"]) for h in named if h is not chosen]
    if others:
        yield Lost(", ".join(others), "une offre a un seul porteur : celui qui instruit")


def _parsed(text: str) -> list[Any]:
    """JSON, or the looser notation of the schema's own example: {nom: 'ADEME', roles: [...]}."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        loose = (_LOOSE_FACT.findall(h) for h in _LOOSE_HOLDER.findall(text[:LONGEST_LOOSE]))
        return [{name: value.strip("'\"") for name, value, _ in facts} for facts in loose]
    return found if isinstance(found, list) else [found]


def _roles(holder: Mapping[str, Any]) -> Any:
    return holder.get("roles") or holder.get("rôles")


def _targets(value: Any, *_: Any) -> Iterator[Said]:
    for target in _items(value):
        profiles = TARGETS.get(target.lower())
        if profiles is None:
            yield Lost(target, f"cible inconnue ; cibles possibles : {', '.join(TARGETS)}")
        else:
            yield "audiences", list(profiles)


def _places(value: Any, row: Row, reading: Reading) -> Iterator[Said]:
    """The territories covered, less those excluded."""
    covered, excluded = set[str](), set[str]()
    for column, codes in ((value, covered), (_excluded(row), excluded)):
        for text in _items(column):
            code = from_cog(text, reading.gazetteer)
            if code is None:
                yield Lost(text, "code qui n’est pas celui d’un territoire de France")
            else:
                codes.add(code)
    kept, too_fine = without(covered, excluded, reading.gazetteer)
    yield "territories", sorted(kept)
    for code in sorted(too_fine):
        label = reading.gazetteer.get(code).label
        yield "conditions", [f"ne pas être à {label}"]
        yield Lost(code, "exclusion plus fine qu’un département : mise dans les conditions")


def _excluded(row: Row) -> Any:
    return row.get("eligibilite_geographique_exclusions") or ""


def _day(field: str) -> Any:
    """The day as it is written, whatever the hour: those of one day are told in many ways."""

    def read(value: Any, *_: Any) -> Iterator[Said]:
        day = str(value).strip()[:10]
        if day != NEVER:
            yield field, day

    return read


def _years(value: Any, *_: Any) -> Iterator[Said]:
    text = str(value).strip().removesuffix(".0")
    yield "age_months_min", str(int(text) * 12) if text.isdecimal() and len(text) < 4 else value


def _sizes(value: Any, *_: Any) -> Iterator[Said]:
    said = ", ".join(_items(value))
    yield "conditions", [f"être une entreprise de catégorie {said} au sens de l’Insee"[:200]]


def _forms(begin: str) -> Any:
    def read(value: Any, *_: Any) -> Iterator[Said]:
        condition = f"{begin} {', '.join(_items(value))}"
        if len(condition) <= LONGEST_CONDITION:
            yield "conditions", [condition]
        else:
            yield "conditions", [SEE_CRITERIA]
            yield Lost(value, "trop long pour une condition à vérifier")

    return read


def _sectors(value: Any, *_: Any) -> Iterator[Said]:
    if not slug(str(value)).startswith("tous-secteurs"):
        yield Lost(value, "secteurs visés d’abord : ce n’est pas une limite")


_READERS: Mapping[str, Any] = {
    "id": _as("id"),
    "titre": _as("title"),
    "promesse": _as("summary"),
    "description": _description,
    "types_aides": _types,
    "porteurs": _holders,
    "url_source": _as("url"),
    "cibles": _targets,
    "eligibilite_geographique": _places,
    "eligibilite_geographique_exclusions": lambda *_: iter(()),
    "date_ouverture": _day("valid_from"),
    "date_cloture": _day("valid_to"),
    "date_mise_a_jour": _day("checked_on"),
    "eligibilite_effectif_minimal": _as("employees_min"),
    "eligibilite_effectif_maximal": _as("employees_max"),
    "eligibilite_categorie_taille_entreprise": _sizes,
    "eligibilite_annees_existence_minimal": _years,
    "eligibilite_forme_juridique": _forms("avoir l’une de ces formes juridiques :"),
    "eligibilite_forme_juridique_exclusions": _forms("n’être d’aucune de ces formes juridiques :"),
    "ciblage_secteur_activite": _sectors,
}
"""Column -> what its value says. Those of the schema that are not here are told lost."""

IMPORTERS = {
    f"dispositif-aide{kind}-{form}": read
    for kind in ("", "-entreprises")
    for form, read in (("csv", read_csv), ("json", read_json))
}
"""Which of the two schemas a file follows, its columns say."""
