"""What was measured, as a table on the screen and as a dated page with its picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rich.table import Table

from tests.bench.dated import markdown
from tests.bench.peers.measure import Row
from tests.bench.peers.one import DEPTHS, ROUNDS

FEW, MANY = DEPTHS
HEADS = (
    "Engine",
    f"{FEW} asked: p50, p99 (ms)",
    f"recall@{FEW}",
    f"{MANY} asked: p50, p99 (ms)",
    f"recall@{FEW} in {MANY}",
    "Filter violations",
    "Build (s)",
    "Peak memory (MB)",
)
ASKED = f"""\
**The question.** The first offers for a need by meaning and by words, among those that no rule
excludes: territory, profile, headcount, sector, age, population, status, dates and need types, with
a fact that is missing on either side never excluding (`eligible` or `to_check`). As one conjunction
with an index a term (`data/indexes/filters.py`), every engine can say all of it. A violation is an
offer given that our rules exclude.

**The catalogue** is `varied_offers` (seed 0) without expressions; **the needs** are `drawn_needs`
(seed 0). Vectors: LSA of 128 numbers, fitted on the first 10,000 offers, computed once, given to
all. Words: our own French tokens, computed once, given to all. A need's vector and tokens are not
timed.

**Figures.** Each engine in a process of its own, one after the other, one BLAS thread (an engine's
own threads are its own). A latency is the fastest of {ROUNDS} asks of the same need, after three
others. Recall is that of the exact index's first {FEW}: in as many, then in {MANY}, as many as a
ranker would read again (decision 12). Engines that fuse by rank do not order as a sum of z-scores
does, so that they may miss nothing and yet be below 1 at {FEW}: *bm25s + numpy, by rank* says by how
much. Memory is the peak of the process, that of a server's backend added; the catalogue handed to
each, and what is imported to read it, is in it.
"""


def shown(offers: int, rows: Sequence[Row]) -> Table:
    table = Table(*HEADS, title=f"{offers:,} offers")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def page(
    date: str, seen: Sequence[str], by_size: Mapping[int, Sequence[Row]], needs: Mapping[int, int]
) -> str:
    """`seen`: machine, commit and the like, a line each."""
    return "\n".join(_lines(date, seen, by_size, needs)) + "\n"


def _lines(date, seen, by_size, needs) -> Iterator[str]:
    yield f"# The same question, through other engines: {date}\n"
    yield f"`make bench-peers DATE={date}`. What that run was is what it says, and no more:\n"
    yield from (f"- {one}" for one in seen)
    yield f"\n{ASKED}"
    yield f"![Latencies of each engine]({date}.svg)"
    for offers, rows in by_size.items():
        handed = max(row.handed_mb for row in rows)
        yield f"\n## {offers:,} offers, {needs[offers]} needs\n"
        yield f"Handed to each process: {handed:.0f} MB.\n"
        yield from markdown(HEADS, map(_cells, rows))
        behind = list(_ahead(rows))
        yield "\nWhere Aiguille is behind" + (":\n" if behind else ": nowhere.")
        yield from behind
    yield "\n## What each was asked\n"
    yield from (f"- **{row.name}.** {row.how}" for row in next(iter(by_size.values())))


FIGURES: Mapping[str, Callable[[Row], float]] = {
    f"p50 of {FEW}, ms": lambda row: row.by_depth[FEW].p50_ms,
    f"p99 of {FEW}, ms": lambda row: row.by_depth[FEW].p99_ms,
    f"p50 of {MANY}, ms": lambda row: row.by_depth[MANY].p50_ms,
    f"p99 of {MANY}, ms": lambda row: row.by_depth[MANY].p99_ms,
    "build, s": lambda row: row.build_s,
    "peak memory, MB": lambda row: row.peak_mb,
}
"""What is better small."""


def _ahead(rows: Sequence[Row]) -> Iterator[str]:
    """A line a figure that some other engine has smaller than the first, which is ours."""
    ours, *others = [row for row in rows if row.by_depth]
    for name, figure in FIGURES.items():
        ahead = [f"{o.name} {figure(o):.1f}" for o in others if figure(o) < figure(ours)]
        if ahead:
            yield f"- {name}: {figure(ours):.1f}; " + ", ".join(ahead)


def _cells(row: Row) -> list[str]:
    if row.absent:
        return [row.name, row.absent, *[""] * (len(HEADS) - 2)]
    few, many = row.by_depth[FEW], row.by_depth[MANY]
    return [
        row.name,
        f"{few.p50_ms:.1f}, {few.p99_ms:.1f}",
        f"{few.recall:.3f}",
        f"{many.p50_ms:.1f}, {many.p99_ms:.1f}",
        f"{many.recall:.3f}",
        str(few.violations + many.violations),
        f"{row.build_s:.1f}",
        f"{row.peak_mb:.0f}",
    ]
