"""Offers as the national schema "dispositif d'aide" 0.2 has them, core or for companies.

What is lost is what does not come back: each row is read again as it was written, and compared.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from data.cog import to_cog, writable
from data.criteria import lines_of
from data.dispositif_aide import (
    AID_TYPES,
    ALL_SECTORS,
    COMPANIES,
    CORE,
    NEVER,
    NO_CRITERION,
    SEPARATOR,
    TARGETS,
    UNSAID_TYPE,
)
from data.fields import Reading
from data.frames import load_frame
from data.importers.dispositif_aide import tell
from data.importers.foreign import read_foreign
from data.losses import Loss, LostField, tally
from data.records import to_record
from data.territories import Gazetteer
from data.values import harmless
from matching.domain import FRANCE, Offer

LONGEST_PROMISE, LONGEST_DESCRIPTION = 180, 5_000
OFFERS = uuid5(NAMESPACE_URL, "urn:aiguille:offre")
"""The namespace in which an identifier that is no UUID gets one, always the same."""
CLOSED = ("closed", "crisis-2020")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SIREN = re.compile(r"\d{9}")
_NO_FIELD = "le schéma n’a pas de champ pour cela"
WHY: Mapping[str, str] = {
    "id": "le schéma veut un UUID : celui que donne cet identifiant (UUIDv5)",
    "summary": "la promesse tient en 180 caractères",
    "description": "la description tient en 5000 caractères, et ne répète pas la promesse",
    "audiences": "public inconnu : le schéma en veut un, tous",
    "territories": "couverture inconnue : le schéma en veut une, la France entière",
    "status": "le schéma n’a pas d’état : ce qui y est publié est ouvert",
    "provider": "un porteur a un nom et un SIREN, pas d’autre identifiant",
    "conditions": "un critère tient sur une ligne",
}
"""Field -> why it does not come back as it was; else the schema has no column for it."""
NOT_WRITTEN = "offre fermée : le schéma n’a pas d’état, elle n’est pas exportée"


def write(
    offers: Iterable[Offer], path: Path, *, columns: Sequence[str], form: str
) -> tuple[LostField, ...]:
    """Every offer that is not closed, a row each, and what does not come back of them."""
    reading = Reading(load_frame(), Gazetteer.load())
    rows: list[dict[str, str]] = []
    losses: list[Loss] = []
    for offer in offers:
        if offer.status in CLOSED:
            losses.append(Loss(offer.id, "status", offer.status, NOT_WRITTEN))
            continue
        row = {c: cell for c in columns if c in _CELLS and (cell := _CELLS[c](offer, reading))}
        rows.append(row)
        losses += _losses(offer, row, reading)
    _WRITERS[form](rows, columns, path)
    return tally(losses)


def _write_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str], path: Path) -> None:
    """Commas, UTF-8, a header: as the schema asks. No cell starts a formula."""
    with path.open("w", encoding="utf-8", newline="") as out:
        sheet = csv.writer(out)
        sheet.writerow(columns)
        sheet.writerows([harmless(row.get(c, "")) for c in columns] for row in rows)


def _write_json(rows: Iterable[Mapping[str, str]], _: Sequence[str], path: Path) -> None:
    """An array of objects, values as in the CSV; numbers are numbers, what is empty is left out."""
    typed = [{c: int(v) if c in _NUMBERS else v for c, v in row.items()} for row in rows]
    path.write_text(json.dumps(typed, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


_WRITERS: Mapping[str, Callable[[Iterable[Mapping[str, str]], Sequence[str], Path], None]] = {
    "csv": _write_csv,
    "json": _write_json,
}
_NUMBERS = (
    "eligibilite_effectif_minimal",
    "eligibilite_effectif_maximal",
    "eligibilite_annees_existence_minimal",
)


def _losses(offer: Offer, row: Mapping[str, str], reading: Reading) -> Iterator[Loss]:
    (back, *_) = read_foreign([(1, row)], tell, {"id": "id"}, reading)
    record = to_record(offer)
    for field in fields(Offer):
        if not isinstance(back, Offer) or getattr(back, field.name) != getattr(offer, field.name):
            value = record[field.name]
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield Loss(offer.id, field.name, shown, WHY.get(field.name, _NO_FIELD))


def _identifier(offer: Offer, _: Reading) -> str:
    return offer.id if _UUID.fullmatch(offer.id) else str(uuid5(OFFERS, offer.id))


def _promise(offer: Offer, _: Reading) -> str:
    return offer.summary if len(offer.summary) <= LONGEST_PROMISE else ""


def _description(offer: Offer, _: Reading) -> str:
    text = offer.description or offer.summary or offer.title
    return text[:LONGEST_DESCRIPTION]


def _criteria(offer: Offer, reading: Reading) -> str:
    """A bullet each: the conditions, and the facts that no column says, or not exactly."""
    targeted = {p for profiles in map(TARGETS.get, _targeted(offer)) for p in profiles or ()}
    said = {
        f
        for f, whole in (
            ("audiences", offer.audiences == targeted),
            ("territories", all(map(writable, offer.territories))),
        )
        if whole
    }
    lines = [*lines_of(offer, reading, said=said), *offer.conditions]
    return "\n".join(f"• {line}" for line in lines or [NO_CRITERION])


def _holder(offer: Offer, _: Reading) -> str:
    facts: dict[str, object] = {"nom": offer.provider.name}
    if _SIREN.fullmatch(offer.provider.id):
        facts["siren"] = offer.provider.id
    return json.dumps([facts | {"roles": ["instructeur"]}], ensure_ascii=False)


def _targeted(offer: Offer) -> list[str]:
    """The targets that hold an audience of the offer; all of them when it says none."""
    named = [t for t, profiles in TARGETS.items() if offer.audiences.intersection(profiles)]
    return named or list(TARGETS)


def _coverage(offer: Offer, reading: Reading) -> str:
    ours = offer.territories or {FRANCE}
    codes = {cog for code in ours for cog in to_cog(code, reading.gazetteer)}
    return SEPARATOR.join(sorted(codes))


def _years(offer: Offer, _: Reading) -> str:
    """Whole years alone: a year more would refuse some, a year less take some."""
    years, months = divmod(offer.age_months_min or 0, 12)
    return str(years) if offer.age_months_min is not None and not months else ""


def _sectors(offer: Offer, _: Reading) -> str:
    names = (load_frame().label("naf_sections", c) for c in sorted(offer.naf_sections))
    return SEPARATOR.join(names) or ALL_SECTORS


_CELLS: Mapping[str, Callable[[Offer, Reading], str]] = {
    "id": _identifier,
    "titre": lambda o, _: o.title,
    "promesse": _promise,
    "description": _description,
    "eligibilite": _criteria,
    "types_aides": lambda o, _: AID_TYPES.get(o.kind or "", UNSAID_TYPE),
    "porteurs": _holder,
    "url_source": lambda o, _: o.url or "",
    "cibles": lambda o, _: SEPARATOR.join(_targeted(o)),
    "eligibilite_geographique": _coverage,
    "date_ouverture": lambda o, _: f"{o.valid_from}T00:00:00Z" if o.valid_from else "",
    "date_cloture": lambda o, _: f"{o.valid_to}T23:59:59Z" if o.valid_to else "",
    "date_mise_a_jour": lambda o, _: f"{o.checked_on or NEVER}T00:00:00Z",
    "eligibilite_effectif_minimal": lambda o, _: _number(o.employees_min),
    "eligibilite_effectif_maximal": lambda o, _: _number(o.employees_max),
    "eligibilite_annees_existence_minimal": _years,
    "ciblage_secteur_activite": _sectors,
    "ciblage_naf": lambda o, _: SEPARATOR.join(sorted(o.naf_sections)),
}
"""Column -> its cell; nothing of ours fills those of the schema that are not here."""


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


EXPORTERS = {
    f"dispositif-aide{kind}-{form}": partial(write, columns=columns, form=form)
    for kind, columns in (("", CORE), ("-entreprises", CORE + COMPANIES))
    for form in _WRITERS
}
