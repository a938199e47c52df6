"""IMPORTERS: one file per format, each an iterator of what it finds over a path.

A row gives an `Offer` or its `Rejection`s, and a `Loss` for each value that no field could hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from data.fields import Reading, Rejection
from data.importers import (
    aides_territoires,
    data_inclusion,
    dispositif_aide,
    hsds,
    jsonl,
    spreadsheet,
)
from data.losses import Loss
from matching.domain import Offer
from matching.errors import AiguilleError

Importer = Callable[[Path, Reading], Iterator[Offer | Rejection | Loss]]

IMPORTERS: Mapping[str, Importer] = {
    "jsonl": jsonl.read,
    "csv": spreadsheet.read_csv,
    "xlsx": spreadsheet.read_workbook,
    "ods": spreadsheet.read_workbook,
    "data-inclusion": data_inclusion.read,
    "hsds": hsds.read,
    **dispositif_aide.IMPORTERS,
    "aides-territoires": aides_territoires.read,
}


def importer(name: str) -> Importer:
    if name not in IMPORTERS:
        raise AiguilleError(
            f"Format inconnu : « {name} ». Formats possibles : {', '.join(IMPORTERS)}.",
            field="format",
        )
    return IMPORTERS[name]
