"""The shipped inventory: real offers as records of ours, and the needs people bring to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files

from data.fields import Reading, Rejection
from data.importers.jsonl import read_lines
from matching.domain import Offer

SOURCE = "inventaire"


def shipped_offers(reading: Reading) -> Iterator[Offer | Rejection]:
    """The offers of offers.jsonl, each with its field expressions of expressions.jsonl."""
    said = _expressions()
    lines = files("data.inventory").joinpath("offers.jsonl").read_bytes().splitlines()
    for found in read_lines(lines, reading):
        if isinstance(found, Offer) and found.id in said:
            yield replace(found, expressions=said[found.id])
        else:
            yield found


def _expressions() -> Mapping[str, tuple[str, ...]]:
    path = files("data.inventory").joinpath("expressions.jsonl")
    if not path.is_file():
        return {}
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {r["id"]: tuple(r["expressions"]) for r in records}
