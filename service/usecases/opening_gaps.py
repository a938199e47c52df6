"""A gap opens when it comes among those that everyone may see: looked at once a week, as they are.

So partners are told nothing that `/raquette` does not show: no count under five, and no hint of one
from one day to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from data.audit import append
from data.engine import read, write
from data.outbox import Row, queue
from data.store_gap_counts import load_gap_counts
from data.store_gaps import GAP_OPENED, GAP_VANISHED, open_gaps
from matching.domain import FRANCE
from service.catalogue import Catalogue
from service.days import day_of
from service.usecases.public_gaps import read_public_register


def queue_gaps(connection: Connection, now: datetime) -> None:
    """Ask for the look of the week, once, whoever asks."""
    today = day_of(now)
    monday = today - timedelta(days=today.weekday())
    queue(connection, "gaps", at=now, key=f"gaps:{monday}")


def gaps_due(
    engine: Engine,
    catalogue: Callable[[], Catalogue],
    rows: Sequence[Row],  # noqa: ARG001 - one look answers them all
    now: datetime,
) -> Mapping[str, int]:
    """Tell the log which gaps opened and which are no more; how many opened."""
    with read(engine) as connection:
        counts = load_gap_counts(connection)
    told = counts is not None and any(counts.places.values())
    # Opening a catalogue takes its time: not where no count is told.
    gaps = read_public_register(catalogue(), FRANCE, "", today=day_of(now)).gaps if told else ()
    shown = {(gap.cell.territory, gap.cell.need_type) for gap in gaps}
    with write(engine) as connection:
        known = open_gaps(connection)
        changes = [(GAP_OPENED, cell) for cell in sorted(shown - known)]
        changes += [(GAP_VANISHED, cell) for cell in sorted(known - shown)]
        for action, (territory, need_type) in changes:
            cell = {"territory": territory, "need_type": need_type}
            append(connection, at=now, actor="system", action=action, **cell)
    return {"gaps": len(shown - known)}
