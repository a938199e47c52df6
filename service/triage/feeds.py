"""What becomes of the offers that a feed no longer has: a grace; a person when they are many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

GRACE = 3
"""Successful runs in which an offer must be absent, one after the other, to be withdrawn."""

RETRIES = tuple(timedelta(minutes=m) for m in (5, 30, 2 * 60, 12 * 60))
"""How long after each failure in a row a feed is tried again, unless it is due sooner."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`absences`: offer -> runs in a row without it, this one counted; `withdrawn` are no more.

    `held`: more than half of the live offers are absent, and nobody said that it is right; then
    nothing of the run counts.
    """

    absent: int
    held: bool
    absences: Mapping[str, int]
    withdrawn: tuple[str, ...]


def judged(
    live: Collection[str],
    seen: Collection[str],
    absences: Mapping[str, int],
    *,
    accepted: bool = False,
) -> Judgement:
    """Judge a run that has `seen` some of the live offers of its feed.

    `absences` are those of the run before. What a person `accepted` goes at once.
    """
    absent = sorted(set(live) - set(seen))
    many = 2 * len(absent) > len(live)
    if many and not accepted:
        return Judgement(len(absent), True, absences, ())
    if many:
        return Judgement(len(absent), False, {}, tuple(absent))
    counts = {offer_id: absences.get(offer_id, 0) + 1 for offer_id in absent}
    over = tuple(offer_id for offer_id in absent if counts[offer_id] >= GRACE)
    left = {offer_id: n for offer_id, n in counts.items() if n < GRACE}
    return Judgement(len(absent), False, left, over)


def next_wait(every: timedelta, failures: int) -> timedelta:
    """How long until the next run, after so many failures in a row."""
    return every if not failures else min(every, RETRIES[min(failures, len(RETRIES)) - 1])


def is_late(read_at: datetime, every: timedelta, now: datetime) -> bool:
    """Has a feed not been read for twice its rhythm? `read_at`: its last success, or its birth."""
    return now - read_at > 2 * every
