"""Our own JSON Lines: one offer a line, keys are the fields of `matching.domain.Offer`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from data.fields import Reading, Rejection, read_offers
from data.importers.json_records import line_records
from matching.domain import Offer


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """Every line as an offer or its rejections; a broken line does not stop the others."""
    with path.open("rb") as lines:
        yield from read_lines(lines, reading)


def read_lines(lines: BinaryIO | Iterable[bytes], reading: Reading) -> Iterator[Offer | Rejection]:
    found = line_records(lines)
    return read_offers(
        (r if isinstance(r, Rejection) else (r.line, r.values) for r in found), reading
    )
