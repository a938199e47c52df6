"""IMPORTERS: one file per format, each an iterator of `Offer | Rejection` over a path."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from data.fields import Reading, Rejection
from data.importers import jsonl, spreadsheet
from matching.domain import Offer
from matching.errors import AiguilleError

Importer = Callable[[Path, Reading], Iterator[Offer | Rejection]]

IMPORTERS: Mapping[str, Importer] = {
    "jsonl": jsonl.read,
    "csv": spreadsheet.read_csv,
    "xlsx": spreadsheet.read_workbook,
    "ods": spreadsheet.read_workbook,
}


def importer(name: str) -> Importer:
    if name not in IMPORTERS:
        raise AiguilleError(
            f"Format inconnu : « {name} ». Formats possibles : {', '.join(IMPORTERS)}.",
            field="format",
        )
    return IMPORTERS[name]
