"""EXPORTERS: one file per format, each writes offers to a path that its importer reads back.

It returns what its format could not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from data.exporters import data_inclusion, dispositif_aide, hsds, jsonl, spreadsheet
from data.losses import LostField
from matching.domain import Offer
from matching.errors import AiguilleError

Exporter = Callable[[Iterable[Offer], Path], tuple[LostField, ...]]

EXPORTERS: Mapping[str, Exporter] = {
    "jsonl": jsonl.write,
    "csv": spreadsheet.write_csv,
    "xlsx": spreadsheet.write_xlsx,
    "data-inclusion": data_inclusion.write,
    "hsds": hsds.write,
    **dispositif_aide.EXPORTERS,
}


def exporter(name: str) -> Exporter:
    if name not in EXPORTERS:
        raise AiguilleError(
            f"Format inconnu : « {name} ». Formats possibles : {', '.join(EXPORTERS)}.",
            field="format",
        )
    return EXPORTERS[name]
