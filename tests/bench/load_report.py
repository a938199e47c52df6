"""What a load showed, against what was promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.load_client import Seen
from tests.bench.load_site import Held

MOST_P99_MS = 250
MOST_GROWTH = 0.05
MOST_RECOVERY_S = 5
OVER_TIMES, OVER_S, AFTER_S, WARM_S = 10, 30, 30, 30
WINDOW_S = 5
"""Over how long a p99 is read, to say that it is back."""
SPARE_DESCRIPTORS = 8
"""What an open connection or two, and a job that runs, may add."""
TOLD = (429, 503)


@dataclass(frozen=True, slots=True)
class Load:
    """What was asked and seen, and what workers held. `starts`: of the steady part, the overload,
    what came after, and the end.
    """

    rate: float
    starts: tuple[float, float, float, float]
    seen: Sequence[Seen]
    held: Sequence[Held]

    def part(self, number: int) -> list[Seen]:
        """What was due in the steady part (0), the overload (1), or after it (2)."""
        return self.between(self.starts[number], self.starts[number + 1])

    def between(self, start: float, end: float) -> list[Seen]:
        return [s for s in self.seen if start <= s.at < end]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something promised, what was found, and whether it holds."""

    name: str
    promised: str
    found: str
    holds: bool


def bars(load: Load) -> list[Bar]:
    steady, over, after = (load.part(n) for n in range(3))
    failed = sum(failure(s.status) for s in steady)
    p99 = ms(steady, 99)
    growth, before, now = memory_growth(load)
    few, many = descriptors(load)
    told = [s for s in over if s.status in TOLD]
    untold = sum(not s.retry_after for s in told)
    broken = sum(failure(s.status) and s.status not in TOLD for s in (*over, *after))
    back_s = recovery_s(load)
    back = "not within the time looked at" if back_s is None else f"{back_s:.0f} s"
    return [
        Bar("no failure", "no 5xx, no connection lost", f"{failed} of {len(steady)}", not failed),
        Bar("p99", f"under {MOST_P99_MS} ms", f"{p99:.0f} ms", p99 < MOST_P99_MS),
        Bar(
            "memory, the worker that grew most",
            f"grows under {MOST_GROWTH:.0%}",
            f"{growth:+.1%} ({before:.0f} to {now:.0f} MB)",
            growth < MOST_GROWTH,
        ),
        Bar("file descriptors", "flat", f"{few} then {many}", many <= few + SPARE_DESCRIPTORS),
        Bar(
            f"{OVER_TIMES} times as much is shed",
            "429 or 503, each with Retry-After",
            f"{len(told) / max(len(over), 1):.0%} of {len(over)}, {untold} without",
            bool(told) and not untold,
        ),
        Bar("nothing else fails then", "0", str(broken), not broken),
        Bar(
            "recovers",
            f"p99 under {MOST_P99_MS} ms within {MOST_RECOVERY_S} s",
            back,
            back_s is not None and back_s <= MOST_RECOVERY_S,
        ),
    ]


def failure(status: int) -> bool:
    return status == 0 or status >= 500


def ms(seen: Sequence[Seen], percentile: float) -> float:
    return float(np.percentile([s.waited_s * 1000 for s in seen], percentile)) if seen else 0.0


def memory_growth(load: Load) -> tuple[float, float, float]:
    """(share, MB, MB) of the worker that grew most, over the steady part."""
    grown = ends(load, lambda h: h.memory_mb)
    return max((after / before - 1, before, after) for before, after in grown)


def descriptors(load: Load) -> tuple[int, int]:
    """Of the worker that opened most, over the steady part."""
    few, many = max(ends(load, lambda h: h.descriptors), key=lambda both: both[1] - both[0])
    return int(few), int(many)


def ends(load: Load, read: Callable[[Held], float]) -> list[tuple[float, float]]:
    """Of each worker, the medians of the first tenth of the steady part and of its last."""
    return [
        (
            float(np.median([read(h) for h in tenth(load, worker, 0)])),
            float(np.median([read(h) for h in tenth(load, worker, 9)])),
        )
        for worker in sorted({h.worker for h in load.held})
    ]


def tenth(load: Load, worker: int, number: int) -> list[Held]:
    start, step = load.starts[0], (load.starts[1] - load.starts[0]) / 10
    low, high = start + number * step, start + (number + 1) * step
    return [h for h in load.held if h.worker == worker and low <= h.at < high]


def recovery_s(load: Load) -> float | None:
    """Seconds after the overload from which all are served, and a p99 of some seconds holds."""
    _, _, start, end = load.starts
    for second in range(int(end - start) - WINDOW_S + 1):
        window = load.between(start + second, start + second + WINDOW_S)
        if ms(window, 99) < MOST_P99_MS and all(0 < s.status < 400 for s in window):
            return float(second)
    return None


def route_rows(load: Load) -> list[tuple[str, str, str, str, str]]:
    """(what, how many, p50, p95, p99) of each route of the steady part, of all, and of the rest."""
    steady, over, after = (load.part(n) for n in range(3))
    parts = {r: [s for s in steady if s.route == r] for r in sorted({s.route for s in steady})}
    parts["all, as promised"] = steady
    parts[f"{OVER_TIMES} times as much: served"] = [s for s in over if not failure(s.status)]
    parts[f"{OVER_TIMES} times as much: refused"] = [s for s in over if s.status in TOLD]
    parts["afterwards: served"] = [s for s in after if not failure(s.status)]
    return [
        (name, str(len(p)), *(f"{ms(p, percentile):.0f}" for percentile in (50, 95, 99)))
        for name, p in parts.items()
    ]


def statuses(load: Load) -> str:
    names = ("steady", "overload", "afterwards")
    counts = [Counter(s.status for s in load.part(n)) for n in range(3)]
    return "; ".join(
        f"{name}: " + ", ".join(f"{count} x {status}" for status, count in sorted(found.items()))
        for name, found in zip(names, counts, strict=True)
    )
