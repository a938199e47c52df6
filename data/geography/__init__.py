"""The shipped territories, read from the files that `build` makes (see SOURCES.md)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files


def shipped_rows() -> list[Sequence[str]]:
    """Code, kind, name, key, population, postal codes and parents of every territory."""
    packed = files("data.geography").joinpath("territories.tsv.gz").read_bytes()
    return [line.split("\t") for line in gzip.decompress(packed).decode().split("\n")]


def shipped_areas() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Code, name and codes of every ad-hoc area."""
    text = files("data.geography").joinpath("areas.jsonl").read_text(encoding="utf-8")
    for record in map(json.loads, text.splitlines()):
        yield record["code"], record["name"], tuple(record["codes"])
