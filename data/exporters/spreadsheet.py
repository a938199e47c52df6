"""Offers as a spreadsheet under the headers of `data.fields`, and the empty template."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from data.fields import FIELDS
from data.losses import LostField
from data.records import to_record
from data.values import SEPARATOR, harmless, slug
from matching.domain import Offer
from matching.errors import AiguilleError

HEADERS = [field.header for field in FIELDS.values()]
LONGEST_CELL = 32_767
"""Characters that a cell of a workbook holds: past them the text would be cut."""


class DoesNotFit(AiguilleError):
    """An offer that a spreadsheet cannot say whole."""


def write_csv(offers: Iterable[Offer], path: Path) -> tuple[LostField, ...]:
    """Semicolons and a mark, as French spreadsheets open it; a formula is led by an apostrophe."""
    _write_csv(path, [_cells(o) for o in offers])
    return ()


def write_xlsx(offers: Iterable[Offer], path: Path) -> tuple[LostField, ...]:
    """Every cell is a text, so that nothing is run nor reformatted."""
    rows = [_cells(o) for o in offers]
    for row in rows:
        for name, cell in zip(FIELDS, row, strict=True):
            if len(cell) > LONGEST_CELL:
                raise _does_not_fit(row[0], name, f"dépasse {LONGEST_CELL} caractères")
    _write_sheets(path, rows)
    return ()


def write_template(path: Path) -> None:
    """The headers and an example row; a workbook also explains each column on a second sheet."""
    example = [field.example for field in FIELDS.values()]
    if path.suffix == ".csv":
        _write_csv(path, [example])
    elif path.suffix == ".xlsx":
        _write_sheets(path, [example], explained=True)
    else:
        raise AiguilleError(
            f"« {path.name} » : le modèle s’écrit en .xlsx ou en .csv.", field="file"
        )


def _write_csv(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        sheet = csv.writer(out, delimiter=";")
        sheet.writerow(HEADERS)
        sheet.writerows([harmless(cell) for cell in row] for row in rows)


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


def _cells(offer: Offer) -> list[str]:
    """The cells of an offer; whoever is named and more is "name|id", "name|offer_id|url"."""
    record = to_record(offer)
    provider, relay = offer.provider, offer.relay
    known = provider.id == slug(provider.name)
    record["provider"] = [provider.name] if known else [provider.name, provider.id]
    record["relay"] = [relay.name, relay.offer_id or "", relay.url or ""] if relay else None
    for name, value in record.items():
        if isinstance(value, list) and any(SEPARATOR in str(item) for item in value):
            raise _does_not_fit(offer.id, name, f"contient « {SEPARATOR} »")
    return [_cell(record[name]) for name in FIELDS]


def _does_not_fit(offer_id: str, field: str, why: str) -> DoesNotFit:
    header = FIELDS[field].header
    return DoesNotFit(
        f"Offre « {offer_id} » : la colonne « {header} » {why}. Exportez en jsonl.", field=field
    )


def _cell(value: object) -> str:
    if isinstance(value, list):
        return SEPARATOR.join(map(str, value)).rstrip(SEPARATOR)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)
