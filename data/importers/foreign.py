"""Reading somebody else's format: each of its values becomes a field of ours, or is told lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from data.fields import Reading, Rejection, read_offers
from data.importers.json_records import records
from data.losses import Loss
from data.values import shown
from matching.domain import Offer
from matching.errors import AiguilleError


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that no field of ours holds; `message` says why, and where it went if it did."""

    value: object
    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A value without which the whole row is not ours to take."""

    value: object
    message: str


Said = tuple[str, Any] | Lost | Refused
"""What a value says: (field of ours, raw value), or why it says nothing."""

Row = Mapping[str, Any]
Teller = Callable[[Row, Reading], Iterator[tuple[str, Said]]]
"""Reads a row: (column or key of the format, what it says), in any order."""


def read_foreign(
    rows: Iterable[tuple[int, Row] | Rejection],
    tell: Teller,
    columns: Mapping[str, str],
    reading: Reading,
) -> Iterator[Offer | Rejection | Loss]:
    """Offers with their losses; rejections name the column of the format (`columns`: field -> it).

    `columns` maps at least `id`. Lists said for one field add up; else the last one stands.
    """
    losses: list[Loss] = []

    def ours() -> Iterator[tuple[int, Row] | Rejection]:
        for row in rows:
            if isinstance(row, Rejection):
                yield row
                continue
            line, cells = row
            told = list(tell(cells, reading))
            refused = [(c, s) for c, s in told if isinstance(s, Refused)]
            if refused:
                yield from (Rejection(line, c, shown(s.value), s.message) for c, s in refused)
                continue
            record = shown(cells.get(columns["id"]) or f"ligne {line}")
            losses.extend(Loss(record, c, s.value, s.message) for c, s in told if type(s) is Lost)
            yield line, _fields(s for _, s in told if isinstance(s, tuple))

    for found in read_offers(ours(), reading):
        if isinstance(found, Offer):
            yield found
            yield from losses
        else:
            yield replace(found, field=columns.get(found.field, found.field))
        losses.clear()


def json_rows(
    path: Path, key: str, told: str, *, of: str = ""
) -> Iterator[tuple[int, Row] | Rejection]:
    """The objects of a JSON file, or of its list `of`; `told` if the first has not this key."""
    found = records(path, {of})
    first = next(found, None)
    if first is None:
        return
    if not isinstance(first, Rejection) and key not in first.values:
        raise AiguilleError(f"« {path.name} » {told}", field="file")
    for record in chain((first,), found):
        yield record if isinstance(record, Rejection) else (record.line, record.values)


def _fields(said: Iterable[tuple[str, Any]]) -> Row:
    raw: dict[str, Any] = {}
    for field, value in said:
        before = raw.get(field)
        if isinstance(value, list) and isinstance(before, list):
            raw[field] = [*before, *(v for v in value if v not in before)]
        else:
            raw[field] = value
    return raw
