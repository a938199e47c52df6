"""The work that is due in the house: rows of the outbox that send no mail, done kind by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Engine

from data.engine import read, write
from data.outbox import Row, claim, done, due, failed

Doer = Callable[[Sequence[Row], datetime], Mapping[str, int]]
"""Does at once all the rows of its kind, and counts what it did; doing it twice changes nothing."""

log = structlog.get_logger("aiguille.work")


def work_due(
    engine: Engine, doers: Mapping[str, Doer], clock: Callable[[], datetime]
) -> Mapping[str, int]:
    """Do what is due and whose kind has a doer; what was done, counted.

    What goes wrong is logged by its type and tried again later, and holds up no other kind.
    """
    counts: Counter[str] = Counter()
    with read(engine) as connection:
        rows = due(connection, clock(), work=True)
    for kind in doers.keys() & {row.kind for row in rows}:
        with write(engine) as connection:
            mine = [r for r in rows if r.kind == kind and claim(connection, r, clock())]
        if mine:
            counts.update(_done(engine, doers[kind], mine, clock))
    return counts


def _done(
    engine: Engine, do: Doer, rows: Sequence[Row], clock: Callable[[], datetime]
) -> Mapping[str, int]:
    try:
        counts = do(rows, clock())
    except Exception as error:
        code = type(error).__name__
        log.warning("unfinished", kind=rows[0].kind, code=code)
        with write(engine) as connection:
            for row in rows:
                failed(connection, row.id, clock(), code)
        return {"unfinished": len(rows)}
    with write(engine) as connection:
        for row in rows:
            done(connection, row.id, clock())
    return counts
