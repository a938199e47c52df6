"""A process that reads a number, then writes the next, again and again: see test_writers.py."""

from __future__ import annotations

import sys

from sqlalchemy import text

from data.engine import open_engine, write


def count(url: str, times: int) -> None:
    """Add one, `times` times, each in a transaction of its own."""
    engine = open_engine(url)
    for _ in range(times):
        with write(engine) as connection:
            n = connection.scalar(text("select n from counter"))
            connection.execute(text("update counter set n = :next"), {"next": n + 1})
    engine.dispose()


if __name__ == "__main__":
    count(sys.argv[1], int(sys.argv[2]))
