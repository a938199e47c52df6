"""Rows of a workbook as JSON lines: a program of its own, run by `data.importers.workbooks`.

A workbook of 5 kB may say "row 1,048,576, column 16,384": the library then asks for 500 GB, and its
allocator ends the process. So it is opened apart, within bounds, by a process that may die. It
imports nothing of ours. A row is a list; in its place, a text says why there is none.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

MOST_MEMORY = 256 * 2**20
MOST_SECONDS = 60


def main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, OSError) as error:
        sys.stdout.write(json.dumps(str(error)))
        return
    for row in sheet.iter_rows():
        sys.stdout.write(json.dumps(row, default=_said) + "\n")


def _said(value: object) -> str:
    """A date as ISO says it: the hour that a workbook adds to a day is nothing."""
    if isinstance(value, datetime):
        value = value.date() if value.time() == time() else value
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main(sys.argv[1])
