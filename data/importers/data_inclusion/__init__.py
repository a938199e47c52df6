"""data.inclusion v1: services, and the structures that deliver them.

One JSON holds both lists (`{"structures": […], "services": […]}`); or services are a file of their
own (a JSON list, a page of the API, JSON Lines, CSV), and structures are inside each service
(`structure`) or in the file beside it that says `structures` where its name says `services`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.fields import Reading, Rejection, read_offers
from data.importers.csv_rows import csv_rows
from data.importers.data_inclusion.codes import Codes
from data.importers.data_inclusion.facts import Facts, bare, facts_of, quoted
from data.importers.data_inclusion.valid import valid_service
from data.importers.json_records import Record, records
from data.losses import Loss
from data.values import shown
from matching.domain import Offer

SERVICES, STRUCTURES = "services", "structures"
LISTS = (SERVICES, STRUCTURES, "items")
_SETS = frozenset(
    "thematiques publics modes_accueil zone_eligibilite modes_mobilisation mobilisable_par"
    " reseaux_porteurs".split()
)
_NAMED = ("id", "nom")


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection | Loss]:
    """Offers, what is refused, and what no field of an offer holds."""
    names: dict[str, str] = {}
    yield from _structures(path, names)
    losses: list[Loss] = []
    for found in read_offers(_services(path, names, Codes(reading), losses), reading):
        yield found
        if isinstance(found, Offer):
            yield from losses
        losses.clear()


def _structures(path: Path, names: dict[str, str]) -> Iterator[Rejection | Loss]:
    """Fill the names of structures by id; of a structure, an offer holds nothing more."""
    beside = path.with_name(path.name.replace(SERVICES, STRUCTURES))
    apart = beside != path and beside.is_file()
    for found in _records(beside if apart else path):
        if isinstance(found, Rejection):
            if apart:
                yield found
        elif apart or found.of == STRUCTURES:
            names[str(found.values.get("id"))] = str(found.values.get("nom") or "")
            yield from _of_structure(found.values)


def _of_structure(structure: Mapping[str, Any]) -> Iterator[Loss]:
    record = bare(str(structure.get("id")))
    for field, value in structure.items():
        if field not in _NAMED and value not in (None, "", []):
            told = "d’un porteur, une offre dit le nom et l’identifiant"
            yield Loss(record, f"structure.{field}", quoted(field, value), told)


def _services(
    path: Path, names: Mapping[str, str], codes: Codes, losses: list[Loss]
) -> Iterator[tuple[int, Facts] | Rejection]:
    for found in _records(path):
        if isinstance(found, Rejection):
            yield found
            continue
        if found.of == STRUCTURES:
            continue
        service, wrong, refused = valid_service(found.values, found.line)
        if refused:
            yield from refused
            continue
        structure = service.pop("structure", None) or {}
        name = structure.get("nom") or names.get(service["structure_id"])
        if not name:
            told = "structure absente : joignez les structures au fichier, ou à côté de lui"
            yield Rejection(found.line, "structure_id", shown(service["structure_id"]), told)
            continue
        facts, lost = facts_of(service, name, codes)
        losses += [*wrong, *_of_structure(structure), *lost]
        yield found.line, facts


def _records(path: Path) -> Iterator[Record | Rejection]:
    if path.suffix.lower() != ".csv":
        yield from records(path, LISTS)
        return
    rows = csv_rows(path)
    first = next(rows)
    headers = [] if isinstance(first, Rejection) else [h.strip() for h in first[1]]
    for row in rows:
        if isinstance(row, Rejection):
            yield row
        elif any(row[1]):
            cells = zip(headers, row[1], strict=False)
            yield Record(row[0], {name: _cell(name, cell) for name, cell in cells if cell})


def _cell(name: str, cell: str) -> Any:
    """A list is JSON, or codes between commas, with braces or without; no code has a comma."""
    if name not in _SETS:
        return cell
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = cell.strip("{}[]").replace("|", ",").split(",")
    items = found if isinstance(found, list) else [cell]
    return [str(item).strip(" '\"") for item in items]
