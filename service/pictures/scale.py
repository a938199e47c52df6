"""Colours for counts: one hue from light to dark, so that greys and any eyes keep the order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

SHADES = ("#ffffff", "#e2eef0", "#b9d6db", "#86b6bf", "#2f7483", "#14424c")
"""The first is for none. On each, `INK` or `PAPER` reads with a contrast of 4.5 or more."""
INK, PAPER, LINE, EDGE, SOFT = ("#1c2b30", "#ffffff", "#c3ced1", "#6c7f86", "#4a5b62")
_FIRST_DARK = 4
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """`bounds`: the least count of each shade past the first; ascending, at most five."""

    bounds: tuple[int, ...]

    @classmethod
    def of(cls, counts: Iterable[int], least: int = 1) -> Scale:
        """Bounds that are round numbers from `least` on, spread over the counts by a factor."""
        most = max(*counts, least, 0)
        shades = len(SHADES) - 1
        wanted = (least * (most / least) ** (step / shades) for step in range(shades))
        bounds = sorted({_round(value) for value in wanted})
        return cls(tuple(b for b in bounds if b <= most))

    def shade(self, count: int) -> int:
        """The position in SHADES of a count."""
        if count <= 0:
            return 0
        step = max(bisect_right(self.bounds, count), 1)
        # Few bounds are spread from the lightest shade to the darkest.
        return 1 + (step - 1) * (len(SHADES) - 2) // max(len(self.bounds) - 1, 1)

    def fill(self, count: int) -> str:
        return SHADES[self.shade(count)]

    def ink(self, count: int) -> str:
        """The colour in which a number is read on the shade of a count."""
        return PAPER if self.shade(count) >= _FIRST_DARK else INK

    def legend(self, none: str) -> tuple[tuple[str, str], ...]:
        """(colour, "5–9") of each shade, the lightest first; `none` says what white means."""
        ends = (*(b - 1 for b in self.bounds[1:]), None)
        found = [(SHADES[0], none)]
        for low, high in zip(self.bounds, ends, strict=True):
            said = f"{low}+" if high is None else f"{low}–{high}" if high > low else str(low)
            found.append((self.fill(low), said))
        return tuple(found)


def _round(value: float) -> int:
    """The nearest of 1, 2, 5, 10, 20, 50..."""
    tens = 1
    while value >= 10 * tens:
        tens *= 10
    return min((s * tens for s in (*_STEPS, 10)), key=lambda n: abs(n - value))
