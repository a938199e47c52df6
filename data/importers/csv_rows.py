"""Numbered rows of a CSV file as people save it, one in memory at a time, whatever it holds."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from data.fields import Rejection
from matching.errors import AiguilleError

LONGEST_CELL = 1_000_000
LONGEST_ROW = 4_000_000
"""Characters: a cell may hold every expression of an offer. Past them a quote was left open."""
_STEP = 2**20


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]] | Rejection]:
    """Comma, semicolon or tab; UTF-8 with or without mark, else Windows-1252.

    A row too long is refused; what follows is read on from its next line.
    """
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=_encoding(path), newline="") as file:
        first = file.readline(LONGEST_ROW)
        file.seek(0)
        lines = _Lines(file)
        rows = csv.reader(lines, delimiter=max(";,\t", key=first.count))
        number = 0
        while True:
            number += 1
            lines.left = LONGEST_ROW
            try:
                yield number, next(rows)
            except StopIteration:
                return
            except csv.Error:
                told = f"ligne ou cellule de plus de {LONGEST_CELL} caractères : guillemet oublié ?"
                yield Rejection(number, "", "", told)


class _Lines:
    """Lines of a file, as many as one row may take. Not splitlines, which also cuts at U+2028."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.left = LONGEST_ROW

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(self.left + 1)
        if len(line) > self.left:
            while line and not line.endswith(("\n", "\r")):
                line = self._file.readline(LONGEST_ROW)
            raise csv.Error("row too long")
        if not line:
            raise StopIteration
        self.left -= len(line)
        return line


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as content:
                while read := content.read(_STEP):
                    decoder.decode(read)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise AiguilleError(
        f"« {path.name} » n’est ni en UTF-8 ni en Windows-1252 : enregistrez-le en « CSV UTF-8 ».",
        field="file",
    )
