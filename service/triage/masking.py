"""Counts that a public page may show: no cell under five can be read, nor worked out.

Cells of at least `LEAST` needs are shown as they are, the others as "< 5", zero included. What
would give them away is a sum: total - shown = hidden. So a sum is shown exactly only where what it
hides stays open, else as "at least" so many. A reader who knows these rules and every figure still
finds two values or more possible for each hidden count (tests/service/test_masking.py tries all).

Only sums along one hierarchy (département, région, France, for one need type) may be exact. Bars by
profile cut a total another way: they are shown so that who knew it could work none of them out.
Every other sum is a sum of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.typography import NBSP

LEAST = 5


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """What a reader learns of a count: it lies from `low` to `high` inclusive."""

    low: int
    high: int

    @property
    def exact(self) -> bool:
        return self.low == self.high

    @property
    def hidden(self) -> bool:
        """Is nothing told but how much it may be at most?"""
        return self.low == 0 and not self.exact

    @property
    def label(self) -> str:
        if self.exact:
            return str(self.low)
        if self.hidden:
            return f"<{NBSP}{LEAST}" if self.high < LEAST else "–"
        return f"≥{NBSP}{self.low}"


HIDDEN = Shown(0, LEAST - 1)


def cell(count: int) -> Shown:
    return Shown(count, count) if count >= LEAST else HIDDEN


def summed(parts: Sequence[Shown], count: int) -> Shown:
    """What may be shown of the `count` that these parts make together.

    With k parts open by 0 to 4 needs each and s needs in them: exact when 5 <= s <= 4k - 2, so
    that every part may still take several values; below, "s is at most 4" is all that is said;
    above, that s is 4k - 1 or 4k. Parts known otherwise give their own bounds and no more.
    """
    low, high = sum(p.low for p in parts), sum(p.high for p in parts)
    opened = [p for p in parts if not p.exact]
    if any(p.high - p.low != LEAST - 1 for p in opened):
        return Shown(low, high)
    hidden, most = count - low, high - low
    if not opened:
        return Shown(count, count)
    if hidden < LEAST:
        return Shown(low, min(low + LEAST - 1, high))
    return Shown(high - 1, high) if hidden > most - 2 else Shown(count, count)


def added(parts: Iterable[Shown]) -> Shown:
    """The sum of what is shown: tells nothing that its parts do not."""
    found = list(parts)
    return Shown(sum(p.low for p in found), sum(p.high for p in found))


def bars(counts: Mapping[str, int]) -> dict[str, Shown | None]:
    """Counts that cut one total, that a reader may know.

    Where the total would tell a count under five, the smallest of the others are withheld with
    it; None then says only that a count is not shown, never which of them was under five.
    """
    shown = {code: cell(count) for code, count in counts.items()}
    under = [code for code in counts if shown[code].hidden]
    withheld = list(under)
    while len(withheld) < len(counts) and _told([counts[c] for c in withheld]):
        # Equals together: which of them is shown would tell.
        least = min(count for code, count in counts.items() if code not in withheld)
        withheld += [c for c in counts if counts[c] == least and c not in withheld]
    if len(withheld) == len(under):
        return dict(shown)
    return {code: None if code in withheld else found for code, found in shown.items()}


def _told(hidden: Sequence[int]) -> bool:
    """Can one of these be worked out from their sum?"""
    if not hidden:
        return False
    most = max(*hidden, LEAST - 1) * len(hidden)
    return len(hidden) == 1 or sum(hidden) in {0, most}
