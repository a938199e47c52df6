"""Spreadsheets (csv, xlsx, ods): one offer a row under the headers of `data.fields`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from data.fields import FIELDS, REQUIRED, Reading, Rejection, read_offers
from data.importers.csv_rows import csv_rows
from data.importers.workbooks import workbook_rows_of
from data.values import shown, slug, typed
from matching.domain import Offer
from matching.errors import AiguilleError

_BY_HEADER: Mapping[str, str] = {
    **{slug(f.name): f.name for f in FIELDS.values()},
    **{slug(f.header): f.name for f in FIELDS.values()},
}

Row = Sequence[Any]


class WrongHeaders(AiguilleError):
    """A sheet whose columns are not those of the template."""


def read_csv(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """A file of `data.importers.csv_rows`, headers first."""
    return _read((_typed(found) for found in csv_rows(path)), reading)


def read_workbook(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """The first sheet of an xlsx or ods workbook."""
    return _read(enumerate(workbook_rows_of(path), start=1), reading)


def _typed(found: tuple[int, Row] | Rejection) -> tuple[int, Row] | Rejection:
    return found if isinstance(found, Rejection) else (found[0], [typed(c) for c in found[1]])


def _read(
    rows: Iterable[tuple[int, Row] | Rejection], reading: Reading
) -> Iterator[Offer | Rejection]:
    numbered = iter(rows)
    first = next(numbered, (1, ()))
    columns = _columns(() if isinstance(first, Rejection) else first[1])
    return read_offers((_row(columns, found) for found in numbered if _filled(found)), reading)


def _filled(found: tuple[int, Row] | Rejection) -> bool:
    return isinstance(found, Rejection) or any(cell not in {"", None} for cell in found[1])


def _columns(headers: Row) -> list[str]:
    names = [str(h).strip() for h in headers]
    found = [_BY_HEADER.get(slug(n), "") for n in names]
    unknown = [n for n, f in zip(names, found, strict=True) if n and not f]
    missing = [FIELDS[name].header for name in REQUIRED if name not in found]
    twice = sorted({FIELDS[f].header for f in found if f and found.count(f) > 1})
    problems = [
        f"{label} : {', '.join(values)}"
        for label, values in (
            ("colonnes manquantes", missing),
            ("colonnes inconnues", unknown),
            ("colonnes en double", twice),
        )
        if values
    ]
    if problems:
        raise WrongHeaders(
            f"En-têtes incorrects. {' ; '.join(problems)}. Partez du modèle : aiguille template.",
            field="file",
        )
    return found


def _row(
    columns: Sequence[str], found: tuple[int, Row] | Rejection
) -> tuple[int, dict[str, Any]] | Rejection:
    """The cells by field. A filled cell under no header is told: the row may have slipped."""
    if isinstance(found, Rejection):
        return found
    number, row = found
    values: dict[str, Any] = {}
    for name, value in zip_longest(columns[: len(row)], map(_cell, row), fillvalue=""):
        if name:
            values[name] = value
        elif value not in {"", None}:
            message = "cette cellule n’a pas d’en-tête : la ligne est-elle décalée ?"
            return Rejection(number, "", shown(value), message)
    return number, values


def _cell(value: Any) -> Any:
    """Cells come as texts, numbers or truths; 3.0 typed in a text column is "3"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strip() if isinstance(value, str) else value
