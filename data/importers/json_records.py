"""Records of a JSON file, one in memory at a time: a line each, a list, or lists under names."""

from __future__ import annotations

import codecs
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from data.fields import Rejection
from data.values import shown

LONGEST_RECORD = 1_000_000
"""Bytes."""
DEEPEST = 32
MOST_VALUES = 50_000
"""Bounds of one record: past them it is not data but an attack, and is refused."""
LINES = (".jsonl", ".ndjson")
_OVER = object()
"""What stands for a value past the bounds."""
_OPENS = ("start_map", "start_array")
_CLOSES = ("end_map", "end_array")
_STEP = 65_536
_TOO_BIG = (
    f"enregistrement trop grand : au plus {LONGEST_RECORD} octets, {MOST_VALUES} valeurs et "
    f"{DEEPEST} niveaux"
)
UNREAD = "rien de ce qui suit n’est lu"
"""Ends the message of what stops the reading of a document."""
_BROKEN = f"JSON illisible à partir d’ici : {UNREAD}"
_NOT_JSON = "JSON illisible : un objet par ligne, entre accolades"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its line or its rank from 1, and the list that it is in, "" when it has none."""

    line: int
    values: dict[str, Any]
    of: str = ""


def records(path: Path, lists: Collection[str]) -> Iterator[Record | Rejection]:
    """Those of JSON Lines, of a list, or of the lists of these names; an object alone is one."""
    with path.open("rb") as file:
        yield from line_records(file) if path.suffix in LINES else _document(file, lists)


def line_records(lines: BinaryIO | Iterable[bytes]) -> Iterator[Record | Rejection]:
    """A record a line; a broken line does not stop the others."""
    for number, line in enumerate(_bounded(lines), start=1):
        if len(line) > LONGEST_RECORD:
            yield Rejection(number, "", "", _TOO_BIG)
        elif line.strip():
            yield _line_record(line, number)


def _bounded(lines: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """Each line, cut past the longest record: what is past is not kept."""
    if not hasattr(lines, "readline"):
        yield from lines
        return
    while line := lines.readline(LONGEST_RECORD + 1):
        yield line
        while len(line) > LONGEST_RECORD and not line.endswith(b"\n"):
            line = lines.readline(LONGEST_RECORD + 1)


def _line_record(line: bytes, number: int) -> Record | Rejection:
    try:
        found = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Rejection(number, "", "", "la ligne n’est pas en UTF-8 : enregistrez-la ainsi")
    # ValueError is wider than JSONDecodeError: a number of 5000 digits raises it too.
    except (ValueError, RecursionError):
        return Rejection(number, "", "", _NOT_JSON)
    if not isinstance(found, dict):
        return Rejection(number, "", "", 'un objet JSON était attendu : {"id": …, "title": …}')
    if _too_deep(found):
        return Rejection(number, "", "", _TOO_BIG)
    return Record(number, found)


def _too_deep(value: object) -> bool:
    layer = [value]
    for _ in range(DEEPEST):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(layer)


Event = tuple[str, Any]


class _TooLong(Exception):
    """A record is longer than any may be."""


class _Counted:
    """A file whose bytes are counted since the last record."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        self.since = 0

    def read(self, size: int) -> bytes:
        found = self._file.read(size)
        self.since += len(found)
        if self.since > LONGEST_RECORD + 2 * _STEP:
            raise _TooLong
        return found


def _document(file: BinaryIO, lists: Collection[str]) -> Iterator[Record | Rejection]:
    """Of a document that breaks, what comes before is read: what follows means nothing any more."""
    import ijson

    counted = _Counted(file)
    number = 0
    try:
        events = ijson.basic_parse(counted, buf_size=_STEP)
        for found in _found(iter(events), lists):
            counted.since = 0
            number = found.line
            yield found
    # A number of 5,000 digits, or with such an exponent, is neither int nor Decimal.
    except (ijson.JSONError, ValueError, ArithmeticError):
        yield Rejection(number + 1, "", "", _BROKEN)
    except _TooLong:
        yield Rejection(number + 1, "", "", f"{_TOO_BIG} ; {UNREAD}")


def _found(events: Iterator[Event], lists: Collection[str]) -> Iterator[Record | Rejection]:
    event, value = next(events)
    if event == "start_array":
        yield from _items(events, "")
    elif event == "start_map":
        alone: dict[str, Any] | None = {}
        for _, key in events:
            if key is None:  # the map ends
                break
            event, value = next(events)
            if key in lists and event == "start_array":
                alone = None
                yield from _items(events, key)
                continue
            built = _built(events, event, value)
            if alone is not None:
                alone[key] = built
        if alone is not None:
            yield _checked(_OVER if _OVER in alone.values() else alone, 1, "")
    else:
        yield _checked(value, 1, "")


def _items(events: Iterator[Event], of: str) -> Iterator[Record | Rejection]:
    for number, (event, value) in enumerate(events, start=1):
        if event == "end_array":
            return
        yield _checked(_built(events, event, value), number, of)


def _built(events: Iterator[Event], event: str, value: Any) -> Any:
    """The value that begins with an event, all of whose events are taken."""
    from ijson.common import ObjectBuilder

    builder = ObjectBuilder()
    depth, seen, over = 0, 0, False
    while True:
        depth += (event in _OPENS) - (event in _CLOSES)
        seen += 1
        over = over or depth > DEEPEST or seen > MOST_VALUES
        if not over:
            builder.event(event, float(value) if isinstance(value, Decimal) else value)
        if depth == 0:
            return _OVER if over else builder.value
        event, value = next(events)


def _checked(value: object, number: int, of: str) -> Record | Rejection:
    if value is _OVER:
        return Rejection(number, of, "", _TOO_BIG)
    if not isinstance(value, dict):
        return Rejection(number, of, shown(value), "un objet JSON était attendu, entre accolades")
    return Record(number, value, of)
