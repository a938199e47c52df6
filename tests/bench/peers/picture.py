"""Latencies as SVG: a line from the median to the 99th percentile, on a scale of tens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10

from service.pictures.drawing import box, picture, words
from service.pictures.scale import EDGE, LINE
from tests.bench.peers.measure import Row

WIDTH, LEFT, RIGHT, HEAD, STEP, FOOT = 880, 210, 190, 64, 30, 40
OURS, THEIRS = "#0b5d4e", "#3b4a8f"


def latencies(by_size: Mapping[int, Sequence[Row]], depth: int) -> str:
    """One panel a size of catalogue; beside each line, how much was found and wrongly given."""
    told = {n: [row for row in rows if row.by_depth] for n, rows in by_size.items()}
    seen = [row.by_depth[depth] for rows in told.values() for row in rows]
    low = floor(log10(min(m.p50_ms for m in seen)))
    high = max(ceil(log10(max(m.p99_ms for m in seen))), low + 1)

    def across(ms: float) -> float:
        return LEFT + (log10(ms) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts, top = [], 0.0
    for offers, rows in told.items():
        parts += _panel(f"{offers:,} offers, {depth} asked for", rows, depth, top, across)
        bottom = top + HEAD + STEP * len(rows)
        for power in range(low, high + 1):
            x = round(across(10.0**power), 1)
            parts.insert(0, box(x, top + HEAD - 14, 1, bottom - top - HEAD, LINE))
            parts.append(words(f"{10.0**power:g} ms", x, bottom + 4, size=12, anchor="middle"))
        top = bottom + FOOT
    return str(
        picture(
            "peers",
            "How long a filtered hybrid search takes",
            "For each engine, a line from the median to the 99th percentile of its latencies.",
            (WIDTH, round(top)),
            [box(0, 0, WIDTH, top, "#ffffff", "#ffffff"), *parts],
        )
    )


def _panel(title, rows, depth, top, across):
    yield words(title, 12, top + 26, bold=True)
    for number, row in enumerate(rows):
        one, y = row.by_depth[depth], top + HEAD + STEP * number
        first, last = round(across(one.p50_ms), 1), round(across(one.p99_ms), 1)
        fill = OURS if number == 0 else THEIRS
        yield words(row.name, LEFT - 12, y + 5, anchor="end", bold=number == 0)
        yield box(first, y - 3, max(last - first, 1), 6, fill, fill)
        yield box(first - 3, y - 7, 6, 14, fill, EDGE)
        said = f"{one.p50_ms:.1f} / {one.p99_ms:.1f} ms, recall {one.recall:.3f}"
        yield words(said, last + 10, y + 5, size=12)
