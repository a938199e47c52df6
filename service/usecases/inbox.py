"""The catalyst's inbox: how many needs wait in each state, and those to look at first."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from data.engine import read
from data.store import listed
from data.store_desk import (
    Neighbour,
    Scope,
    Wanted,
    count_by_state,
    ended_needs,
    neighbours,
    open_needs,
)
from data.store_needs import StoredNeed, load_needs
from data.store_users import User, load_users
from service.catalogue import Catalogue
from service.days import day_of
from service.triage.clocks import Clocks, Due, due
from service.triage.states import OPEN
from service.triage.twins import twins_of
from service.usecases.browsing import BadCursor
from service.usecases.desk_need import scope_of

PAGE = 50
_ENDED = ("closed", "expired")


@dataclass(frozen=True, slots=True)
class Row:
    """A need as the inbox lists it; `twins` are references of needs that may ask the same."""

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
        walk = _ended if wanted.state in _ENDED else _open
        page, cursor = walk(connection, scope, wanted, today, clocks, after)
        near = _nearby(connection, scope, page)
        users = load_users(connection)
    rows = [
        Row(
            need,
            due(need, today, clocks),
            [t.need.reference or "" for t in twins_of(need, near.get(need.place_code, ()))]
            if need.state in OPEN
            else (),
        )
        for need in page
    ]
    return Inbox(counts, rows, cursor, [u for u in users if u.active])


def _open(
    connection: Connection,
    scope: Scope,
    wanted: Wanted,
    today: date,
    clocks: Clocks,
    after: str | None,
) -> tuple[list[StoredNeed], str | None]:
    """What is due first comes first; what awaits nothing comes last, the oldest first."""
    ranks, ids = [], dict[str, str]()
    for need in open_needs(connection, scope, wanted):
        found = due(need, today, clocks)
        by = found.by if found else date.max
        ranks.append((by, need.sent_at or need.created_at, need.key))
        ids[need.key] = need.id
    ranks.sort()
    if after is not None:
        by_text, sent_text, key = _decoded(after, 3)
        last = (_moment(by_text).date(), _moment(sent_text), key)
        ranks = [rank for rank in ranks if rank > last]
    shown, more = ranks[:PAGE], len(ranks) > PAGE
    page = load_needs(connection, [ids[key] for _, _, key in shown])
    cursor = None
    if more:
        by, sent, key = shown[-1]
        cursor = _encoded((by.isoformat(), sent.isoformat(), key))
    return page, cursor


def _ended(
    connection: Connection,
    scope: Scope,
    wanted: Wanted,
    _today: date,
    _clocks: Clocks,
    after: str | None,
) -> tuple[list[StoredNeed], str | None]:
    start = None
    if after is not None:
        moment, key = _decoded(after, 2)
        start = (_moment(moment), key)
    page = ended_needs(connection, scope, wanted, after=start, limit=PAGE + 1)
    if len(page) <= PAGE:
        return page, None
    last = page[PAGE - 1]
    ended = last.closed_at or last.sent_at or last.created_at
    return page[:PAGE], _encoded((ended.isoformat(), last.key))


def _nearby(
    connection: Connection, scope: Scope, page: Sequence[StoredNeed]
) -> Mapping[str | None, list[Neighbour]]:
    """The needs at work by place, of the places of a page."""
    places = {n.place_code for n in page if n.place_code and n.state in OPEN}
    found: dict[str | None, list[Neighbour]] = {}
    for need in neighbours(connection, scope, sorted(places)):
        found.setdefault(need.place_code, []).append(need)
    return found


def _encoded(rank: Sequence[str]) -> str:
    return base64.urlsafe_b64encode("\n".join(rank).encode()).decode().rstrip("=")


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
