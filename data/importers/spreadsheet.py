"""Spreadsheets (csv, xlsx, ods): one offer a row under the headers of `data.fields`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

from data.fields import FIELDS, REQUIRED, Reading, Rejection, read_offers
from data.values import shown, slug
from matching.domain import Offer
from matching.errors import AiguilleError

LARGEST = 64 * 2**20
_BY_HEADER: Mapping[str, str] = {
    **{slug(f.name): f.name for f in FIELDS.values()},
    **{slug(f.header): f.name for f in FIELDS.values()},
}

Row = Sequence[Any]


class WrongHeaders(AiguilleError):
    """A sheet whose columns are not those of the template."""


def read_csv(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """The rows of a CSV, under our headers."""
    return _read(csv_rows(path), reading)


def csv_rows(path: Path) -> Iterator[list[str]]:
    """Comma, semicolon or tab; UTF-8 with or without mark, else Windows-1252."""
    content = _checked(path).read_bytes()
    text = _decoded(content, path.name)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    # A cell may hold every expression of an offer: more than the 128 KiB that csv allows.
    csv.field_size_limit(LARGEST)
    # Not splitlines: it also cuts at U+2028 and its like, which a cell may hold.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def read_workbook(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """The first sheet of an xlsx or ods workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(_checked(path))
        return _read(workbook.get_sheet_by_index(0).to_python(skip_empty_area=False), reading)
    except (CalamineError, OSError) as error:
        raise AiguilleError(
            f"« {path.name} » n’est pas un classeur lisible ({error}) : enregistrez-le en .xlsx, "
            ".ods ou .csv.",
            field="file",
        ) from error


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AiguilleError(
        f"« {name} » n’est ni en UTF-8 ni en Windows-1252 : enregistrez-le en « CSV UTF-8 ».",
        field="file",
    )


def _checked(path: Path) -> Path:
    size = path.stat().st_size
    if size > LARGEST:
        raise AiguilleError(
            f"« {path.name} » pèse {size // 2**20} Mo, au plus {LARGEST // 2**20} Mo : "
            "découpez-le, ou importez du JSON Lines.",
            field="file",
        )
    return path


def _read(rows: Iterable[Row], reading: Reading) -> Iterator[Offer | Rejection]:
    numbered = enumerate(rows, start=1)
    columns = _columns(next(numbered, (1, []))[1])
    filled = ((n, row) for n, row in numbered if any(cell not in {"", None} for cell in row))
    return read_offers((_row(columns, row, n) for n, row in filled), reading)


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


def _row(columns: Sequence[str], row: Row, number: int) -> tuple[int, dict[str, Any]] | Rejection:
    """The cells by field. A filled cell under no header is told: the row may have slipped."""
    values: dict[str, Any] = {}
    for name, value in zip_longest(columns[: len(row)], map(_cell, row), fillvalue=""):
        if name:
            values[name] = value
        elif value not in {"", None}:
            message = "cette cellule n’a pas d’en-tête : la ligne est-elle décalée ?"
            return Rejection(number, "", shown(value), message)
    return number, values


def _cell(value: Any) -> Any:
    """Cells come as text, numbers, dates or truths; 3.0 typed in a text column is "3"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, timedelta) else value
