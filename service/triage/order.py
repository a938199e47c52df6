"""The order of the inbox: what is due first, and of what is due together, what runs longest.

A clock runs from one moment: of two needs in the same case, who started later is due later. So the
lists of `data.lanes`, which indexes hold in the order of that moment, are in this order already,
but for the holidays that some départements have more; the inbox merges them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from heapq import heappop, heappush
from typing import NamedTuple

from data.store_needs import StoredNeed
from service.days import day_of
from service.triage.clocks import (
    DAY,
    SUBDIVISIONS,
    Clocks,
    What,
    due,
    runs_from,
    working_days_after,
)

PROMISES: frozenset[What | None] = frozenset({"first-look", "contact"})
WAITS: frozenset[What | None] = frozenset({"reminder", "closing"})
NOTHING: frozenset[What | None] = frozenset({None})
NEVER = date.max
"""When something is due of a need that awaits nothing."""


class Rank(NamedTuple):
    """Where a need stands: when it is due, from when that was counted, then its key."""

    by: date
    since: datetime
    key: str


class Ranked(NamedTuple):
    rank: Rank
    need: StoredNeed


class Wait(NamedTuple):
    """Needs that wait since a day from `first` to `last`: their next date is `days` later."""

    days: int
    first: date | None
    last: date | None


def ranked(
    needs: Iterable[StoredNeed], whats: frozenset[What | None], today: date, clocks: Clocks
) -> Iterator[Ranked]:
    """Those of which one of these things is due next, each with its rank."""
    for need in needs:
        found = due(need, today, clocks)
        what = found.what if found else None
        if what in whats:
            since = runs_from(need) if what in WAITS else need.sent_at
            by = found.by if found else NEVER
            yield Ranked(Rank(by, since or need.created_at, need.key), need)


def in_order(promised: Iterable[Ranked], days: int) -> Iterator[Ranked]:
    """Promises of so many working days, that come in the order of their sending, by rank.

    The holidays of a département only put a promise off: without them it is a floor, which rises
    along the list, and what is under the floor of the next need is in its place.
    """
    ahead: list[Ranked] = []
    for one in promised:
        floor = one.rank._replace(by=working_days_after(day_of(one.rank.since), days))
        while ahead and ahead[0].rank < floor:
            yield heappop(ahead)
        heappush(ahead, one)
    while ahead:
        yield heappop(ahead)


def first_sent(by: date, days: int) -> date:
    """The first day whose sendings may be promised, in so many working days, for a day or later."""
    day = by
    while any(working_days_after(day - DAY, days, place) >= by for place in (None, *SUBDIVISIONS)):
        day -= DAY
    return day


def waits(today: date, clocks: Clocks) -> list[Wait]:
    """What waits, by what comes next: each reminder that has not come, then the closing."""
    found, last = list[Wait](), None
    for days in clocks.reminders:
        first = today - (days - 1) * DAY
        found.append(Wait(days, first, last))
        last = first - DAY
    return [*found, Wait(clocks.closing, None, last)]
