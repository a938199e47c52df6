"""The catalyst's inbox: how many needs wait in each state, and those to look at first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import merge
from itertools import dropwhile, islice
from operator import attrgetter

from sqlalchemy import Connection

from data.engine import read
from data.lanes import AWAITED, QUIET, TO_CONTACT, TO_LOOK_AT, Lane
from data.store import listed
from data.store_desk import Scope, Wanted, count_by_state
from data.store_inbox import ended_needs, in_lane
from data.store_needs import StoredNeed, load_needs
from data.store_users import User, load_users
from service.catalogue import Catalogue
from service.days import day_of, start_of
from service.triage.clocks import DAY, Clocks, Due, due
from service.triage.order import (
    NEVER,
    NOTHING,
    PROMISES,
    WAITS,
    Rank,
    Ranked,
    Wait,
    first_sent,
    in_order,
    ranked,
    waits,
)
from service.triage.states import ENDED, OPEN
from service.usecases.browsing import BadCursor
from service.usecases.desk_need import nearby, scope_of

PAGE, TWINS = 50, 3
_YEARS = range(2000, 2200)
"""When something may be due: what lies beyond was never written by us."""


@dataclass(frozen=True, slots=True)
class Row:
    """A need as the inbox lists it; `twins` refer to the closest that may ask the same."""

    need: StoredNeed
    due: Due | None
    twins: Sequence[str]


@dataclass(frozen=True, slots=True)
class Inbox:
    """`counts`: (state, outcome) -> needs, under the other filters. `after`: the next page's."""

    counts: Mapping[tuple[str, str | None], int]
    rows: Sequence[Row]
    after: str | None
    users: Sequence[User]

    def count(self, state: str, outcome: str | None = None) -> int:
        """Needs of a state ("open": of all at work), of an outcome if it is given."""
        wanted = OPEN if state == "open" else (state,)
        found = self.counts.items()
        return sum(n for (s, o), n in found if s in wanted and outcome in (None, o))


def read_inbox(
    catalogue: Catalogue,
    user: User,
    wanted: Wanted,
    *,
    now: datetime,
    clocks: Clocks,
    after: str | None = None,
) -> Inbox:
    """A page of what the user sees and wants: what is due first, or what ended last."""
    scope, today = scope_of(user), day_of(now)
    with read(catalogue.engine) as connection:
        inside = listed(connection, wanted.territories)
        wanted = replace(wanted, territories=(*wanted.territories, *inside))
        counts = count_by_state(connection, scope, wanted)
        if wanted.state in ENDED:
            page, cursor = _ended(connection, scope, wanted, after)
        else:
            last = None if after is None else _rank(after)
            page, cursor = _Open(connection, scope, wanted, today, clocks, last).page()
        shown = load_needs(connection, [need.id for need in page])
        near = nearby(connection, scope, shown)
        users = load_users(connection)
    rows = [
        Row(
            need,
            due(need, today, clocks),
            [t.need.reference or "" for t in near.twins_of(need)[:TWINS]]
            if need.state in OPEN
            else (),
        )
        for need in shown
    ]
    return Inbox(counts, rows, cursor, [u for u in users if u.active])


@dataclass(frozen=True, slots=True)
class _Open:
    """Reads what is at work, after `last`: of each lane, no more than the page needs."""

    connection: Connection
    scope: Scope
    wanted: Wanted
    today: date
    clocks: Clocks
    last: Rank | None

    def page(self) -> tuple[list[StoredNeed], str | None]:
        found = merge(*self._lanes(), key=attrgetter("rank"))
        left = dropwhile(lambda one: self.last is not None and one.rank <= self.last, found)
        page = list(islice(left, PAGE + 1))
        cursor = None
        if len(page) > PAGE:
            by, since, key = page[PAGE - 1].rank
            cursor = _encoded((by.isoformat(), since.isoformat(), key))
        return [one.need for one in page[:PAGE]], cursor

    def _lanes(self) -> Iterator[Iterator[Ranked]]:
        if self.last is None or self.last.by != NEVER:
            yield self._promised(TO_LOOK_AT, self.clocks.first_look)
            yield self._promised(TO_CONTACT, self.clocks.contact)
            yield from map(self._awaited, waits(self.today, self.clocks))
        since = self.last.since if self.last and self.last.by == NEVER else None
        yield ranked(self._lane(QUIET, since), NOTHING, self.today, self.clocks)

    def _promised(self, lane: Lane, days: int) -> Iterator[Ranked]:
        since = start_of(first_sent(self.last.by, days)) if self.last else None
        found = ranked(self._lane(lane, since), PROMISES, self.today, self.clocks)
        return in_order(found, days)

    def _awaited(self, wait: Wait) -> Iterator[Ranked]:
        firsts = [wait.first] if wait.first else []
        if self.last is not None:
            firsts.append(self.last.by - wait.days * DAY)
        since = start_of(max(firsts)) if firsts else None
        until = start_of(wait.last + DAY) if wait.last else None
        return ranked(self._lane(AWAITED, since, until), WAITS, self.today, self.clocks)

    def _lane(
        self, lane: Lane, since: datetime | None, until: datetime | None = None
    ) -> Iterator[StoredNeed]:
        return in_lane(self.connection, lane, self.scope, self.wanted, since=since, until=until)


def _ended(
    connection: Connection, scope: Scope, wanted: Wanted, after: str | None
) -> tuple[list[StoredNeed], str | None]:
    start = None
    if after is not None:
        moment, key = _decoded(after, 2)
        start = (_moment(moment), key)
    page = list(islice(ended_needs(connection, scope, wanted, after=start), PAGE + 1))
    if len(page) <= PAGE:
        return page, None
    last = page[PAGE - 1]
    ended = last.closed_at or last.sent_at or last.created_at
    return page[:PAGE], _encoded((ended.isoformat(), last.key))


def _encoded(rank: Sequence[str]) -> str:
    return base64.urlsafe_b64encode("\n".join(rank).encode()).decode().rstrip("=")


def _rank(cursor: str) -> Rank:
    by, since, key = _decoded(cursor, 3)
    found = Rank(_moment(by).date(), _moment(since), key)
    if found.by != NEVER and found.by.year not in _YEARS:
        raise _wrong_cursor()
    return found


def _decoded(cursor: str, parts: int) -> tuple[str, ...]:
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        told = ""
    found = tuple(told.split("\n"))
    if len(found) != parts:
        raise _wrong_cursor()
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong_cursor() from None
    if found.tzinfo is not None:  # None of ours: moments are stored without a zone.
        raise _wrong_cursor()
    return found


def _wrong_cursor() -> BadCursor:
    return BadCursor("Page illisible : revenez au début de la liste.", field="apres")
