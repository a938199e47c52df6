"""What a load showed, to read and to keep: a table, a dated page, and a picture through time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import log10

from rich.console import Console
from rich.table import Table

from service.pictures.drawing import box, picture, words
from service.pictures.scale import LINE, SHADES, SOFT
from tests.bench.dated import commit, machine, markdown
from tests.bench.load_report import (
    MOST_P99_MS,
    OVER_TIMES,
    Bar,
    Load,
    bars,
    ms,
    route_rows,
    statuses,
)

LEFT, WIDTH, HEIGHT, GAP, TOP = 80, 640, 170, 64, 40
SLICES = 120
LEAST_MS, MOST_MS = 1, 30_000
P99, P50, LIMIT = "#a3211a", SHADES[4], "#7a5b00"
HOLDS = {True: "yes", False: "**no**"}
Point = tuple[float, float]


def show(load: Load) -> list[Bar]:
    """Print the bars and the routes; the bars, so that a script may end as they do."""
    found, console = bars(load), Console()
    table = Table("Bar", "Promised", "Found", "Holds", title="Load")
    for one in found:
        table.add_row(one.name, one.promised, one.found, "yes" if one.holds else "[red]no[/]")
    console.print(table)
    times = Table("Asked", "How many", "p50", "p95", "p99", title="Waits, ms from when it was due")
    for row in route_rows(load):
        times.add_row(*row)
    console.print(times)
    console.print(statuses(load))
    return found


def page(load: Load, day: date, offers: int, workers: int, seed: int) -> str:
    """The page kept in docs/load/."""
    start, over, after, end = load.starts
    facts = (
        f"{load.rate:g} requests a second for {over - start:.0f} s, then {OVER_TIMES} times as "
        f"many for {after - over:.0f} s, then as before for {end - after:.0f} s",
        f"{offers:,} offers, {workers} workers (`aiguille serve`), SQLite, rates lifted, seed {seed}",
        f"{machine()}; the loader on the same cores, late by {late_ms(load):.0f} ms at p99",
        f"commit {commit()}",
    )
    rows = [(b.name, b.promised, b.found, HOLDS[b.holds]) for b in bars(load)]
    waits = [tuple(row) for row in route_rows(load)]
    return "\n".join(
        (
            f"# Load, {day}\n",
            "`make load`. Waits are from the moment a request was due, whenever it could be sent.\n",
            *(f"- {fact}" for fact in facts),
            "",
            *markdown(("Bar", "Promised", "Found", "Holds"), rows),
            "",
            *markdown(("Asked", "How many", "p50 ms", "p95 ms", "p99 ms"), waits),
            "",
            f"Statuses: {statuses(load)}.\n",
            f"![Waits and memory through time]({day}.svg)\n",
        )
    )


def late_ms(load: Load) -> float:
    late = sorted(s.late_s for s in load.seen)
    return 1000 * late[int(0.99 * (len(late) - 1))]


def drawing(load: Load) -> str:
    """Waits on a scale of powers of ten, above the memory of each worker, over the same time."""
    start, over, after, end = load.starts
    step = max((end - start) / SLICES, 1.0)
    moments = [start + n * step for n in range(int((end - start) / step))]
    served = {t: [s for s in load.between(t, t + step) if 0 < s.status < 400] for t in moments}

    def x(at: float) -> float:
        return LEFT + (at - start) / (end - start) * WIDTH

    def of_ms(wait: float) -> float:
        share = log10(min(max(wait, LEAST_MS), MOST_MS) / LEAST_MS) / log10(MOST_MS / LEAST_MS)
        return TOP + HEIGHT * (1 - share)

    most_mb = max(h.memory_mb for h in load.held) * 1.1
    floor = TOP + HEIGHT + GAP

    def of_mb(memory: float) -> float:
        return floor + HEIGHT * (1 - memory / most_mb)

    parts = [box(x(over), TOP, x(after) - x(over), HEIGHT, SHADES[1])]
    for wait in (1, 10, 100, 1000, 10_000):
        parts += rule(of_ms(wait), f"{wait} ms")
    for memory in (0, round(most_mb / 2, -1), round(most_mb / 1.1, -1)):
        parts += rule(of_mb(memory), f"{memory:g} MB")
    parts.append(path([(LEFT, of_ms(MOST_P99_MS)), (LEFT + WIDTH, of_ms(MOST_P99_MS))], LIMIT, 1))
    for percentile, colour in ((99, P99), (50, P50)):
        line = [(x(t + step / 2), of_ms(ms(s, percentile))) for t, s in served.items() if s]
        parts.append(path(line, colour, 2))
    for worker in sorted({h.worker for h in load.held}):
        own = [h for h in load.held if h.worker == worker and start <= h.at < end]
        parts.append(path([(x(h.at), of_mb(h.memory_mb)) for h in own], SHADES[4 + worker % 2], 2))
    bottom = floor + HEIGHT + 20
    parts += [
        words(f"p99 and p50 of what was served; {MOST_P99_MS} ms", LEFT, TOP - 12, bold=True),
        words(f"x {OVER_TIMES}", x(over) + 4, TOP + 16, size=12, fill=SOFT),
        words("memory of each worker", LEFT, floor - 12, bold=True),
        *(
            words(f"{at - start:.0f} s", x(at), bottom, size=12, fill=SOFT, anchor=anchor)
            for at, anchor in ((start, "middle"), (over, "end"), (after, "start"))
        ),
    ]
    told = f"{load.rate:g} requests a second, then {OVER_TIMES} times as many, then as before."
    return f"{picture('load', 'Load', told, (LEFT + WIDTH + 24, int(bottom) + 16), parts)}\n"


def rule(y: float, text: str) -> list[str]:
    return [
        path([(LEFT, y), (LEFT + WIDTH, y)], LINE, 1),
        words(text, LEFT - 8, y + 4, size=12, fill=SOFT, anchor="end"),
    ]


def path(points: Sequence[Point], colour: str, width: int) -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
