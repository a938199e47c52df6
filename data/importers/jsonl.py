"""Our own JSON Lines: one offer a line, keys are the fields of `matching.domain.Offer`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from data.fields import Reading, Rejection, read_offers
from matching.domain import Offer

LONGEST_LINE = 1_000_000


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """Every line as an offer or its rejections; a broken line does not stop the others."""
    with path.open("rb") as lines:
        yield from read_lines(lines, reading)


def read_lines(lines: Iterable[bytes], reading: Reading) -> Iterator[Offer | Rejection]:
    numbered = enumerate(lines, start=1)
    return read_offers((_row(line, n) for n, line in numbered if line.strip()), reading)


def _row(line: bytes, number: int) -> tuple[int, dict[str, Any]] | Rejection:
    if len(line) > LONGEST_LINE:
        message = f"ligne de {len(line)} octets, au plus {LONGEST_LINE}"
        return Rejection(number, "", "", message)
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Rejection(number, "", "", "la ligne n’est pas en UTF-8 : enregistrez-la ainsi")
    # ValueError is wider than JSONDecodeError: a number of 5000 digits raises it too.
    except (ValueError, RecursionError):
        return Rejection(number, "", "", "JSON illisible : une offre par ligne, entre accolades")
    if not isinstance(record, dict):
        return Rejection(number, "", "", 'un objet JSON était attendu : {"id": …, "title": …}')
    return number, record
