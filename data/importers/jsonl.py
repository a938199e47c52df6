"""Our own JSON Lines: one offer a line, keys are the fields of `matching.domain.Offer`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from data.fields import Reading, Rejection, read_offer
from matching.domain import Offer

LONGEST_LINE = 1_000_000


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection]:
    """Every line as an offer or its rejections; a broken line does not stop the others."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield from read_line(line, number, reading)


def read_line(line: bytes, number: int, reading: Reading) -> Iterator[Offer | Rejection]:
    if len(line) > LONGEST_LINE:
        message = f"ligne de {len(line)} octets, au plus {LONGEST_LINE}"
        yield Rejection(number, "", "", message)
        return
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        yield Rejection(number, "", "", f"JSON illisible ({error}) : une offre par ligne, en UTF-8")
        return
    if not isinstance(record, dict):
        yield Rejection(number, "", "", 'un objet JSON était attendu : {"id": …, "title": …}')
        return
    found = read_offer(record, number, reading)
    if isinstance(found, Offer):
        yield found
    else:
        yield from found
