"""Offers as a spreadsheet under the headers of `data.fields`, and the empty template."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from data.fields import FIELDS
from data.records import to_record
from data.values import SEPARATOR
from matching.domain import Offer

HEADERS = [field.header for field in FIELDS.values()]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(offers: Iterable[Offer], path: Path) -> None:
    """Semicolons and a mark, as French spreadsheets open it; a formula is led by an apostrophe."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out, delimiter=";")
        sheet.writerow(HEADERS)
        sheet.writerows([_harmless(c) for c in _cells(offer)] for offer in offers)


def write_xlsx(offers: Iterable[Offer], path: Path) -> None:
    """Every cell is a text, so that nothing is run nor reformatted."""
    _write_sheets(path, [list(_cells(o)) for o in offers])


def write_template(path: Path) -> None:
    """An empty sheet with an example row, and a second sheet that explains each column."""
    _write_sheets(path, [[field.example for field in FIELDS.values()]], explained=True)


def _write_sheets(path: Path, rows: list[list[str]], *, explained: bool = False) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet("Offres")
        for column, header in enumerate(HEADERS):
            sheet.write_string(0, column, header, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
        if explained:
            notes = workbook.add_worksheet("Mode d’emploi")
            for number, field in enumerate(FIELDS.values()):
                for column, cell in enumerate((field.header, field.help, field.example)):
                    notes.write_string(number, column, cell)


def _cells(offer: Offer) -> Iterable[str]:
    record = to_record(offer)
    return (_cell(record[name]) for name in FIELDS)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return str(value["name"])
    if isinstance(value, list):
        return SEPARATOR.join(map(str, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
