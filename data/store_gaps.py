"""Every SQL query on gaps: what is asked where, what became of each hole, what came after."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    cast,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from data.placing import within
from data.store_needs import StoredNeed, stored_need
from data.tables import matches, needs
from data.tables_people import audit, contacts, gaps, rematches
from matching.domain import FRANCE

DRAFT = "draft"
GAP_OPENED, GAP_VANISHED = "gap-opened", "gap-vanished"
"""Lines of the log on the gaps that everyone may see."""
NOT_COUNTED = ("out-of-scope", "duplicate")
_c = needs.c


class Asked(NamedTuple):
    """One need, for counting: where, about what, by whom; `unmet` when no answer was sufficient,
    `renewed` when a later offer answers it, `sent` when the desk may read it.
    """

    need_id: str
    at: datetime
    departement: str | None
    region: str | None
    need_types: frozenset[str]
    profile: str | None
    unmet: bool
    renewed: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class KeptGap:
    """What somebody made of a hole: its state, a note for colleagues, when it last changed."""

    territory: str
    need_type: str
    profile: str
    state: str
    note: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Rematch:
    """A later offer that answers a need; `told`: its holder was written to about it."""

    need_id: str
    offer_id: str
    rank: int
    score: float
    at: datetime
    told: bool = False


def load_asked(connection: Connection, *, territories: Collection[str] = (FRANCE,)) -> list[Asked]:
    """The needs that count, within these territories: sent, or never sent for want of an answer.

    Oldest first. What was merged into another, closed as a duplicate or as out of scope does not
    count, nor does a need of which nothing was understood, nor one never sent that repeats another.
    """
    query = _for_the_desk()
    if FRANCE not in territories:
        query = query.where(within(territories))
    return _load_asked(connection, query)


def load_told(connection: Connection, until: datetime) -> list[Asked]:
    """Those of them that everyone is told of: sent, or to which somebody said that no answer suits.

    Asked before `until`, and saying what no other of their place had said.
    """
    told = or_(_c.state != DRAFT, _c.unmet.is_not(None)) & _c.repeated.is_(False)
    return _load_asked(connection, _asked_where(told & _kept() & (_c.created_at < until)))


def _load_asked(connection: Connection, query: Select[Any]) -> list[Asked]:
    # Few needs have a later answer: asked for apart, and not of each need.
    renewed = frozenset(connection.scalars(select(rematches.c.need_id).distinct()))
    # Read as text: the same few types and actors come again and again.
    return [
        Asked(i, at, departement, region, _types(types), _profile(actor), unmet, i in renewed, sent)
        for i, at, departement, region, types, actor, unmet, sent in connection.execute(query)
        if _types(types)
    ]


@cache
def _for_the_desk() -> Select[Any]:
    """Made once: making it takes as long as reading two hundred needs."""
    return _asked_where(counts_for_the_desk())


def _asked_where(where: ColumnElement[bool]) -> Select[Any]:
    columns = (
        _c.id,
        _c.created_at,
        _c.departement,
        _c.region,
        _c.about,
        cast(_c.actor, Text),
        # A need that was not closed has no outcome: never NULL, where a comparison would be.
        func.coalesce(_lacking() & _c.outcome.is_distinct_from("helped"), false()),
        _c.state != DRAFT,
    )
    return select(*columns).where(where).order_by(_c.created_at, _c.id)


@lru_cache(maxsize=1024)
def _types(text: str | None) -> frozenset[str]:
    """The need types of a list, of a mapping by type, or of a correction, in JSON."""
    said = json.loads(text) if text else None
    return frozenset(said.get("need_types", said) if isinstance(said, dict) else said or ())


@lru_cache(maxsize=1024)
def _profile(text: str) -> str | None:
    kind = json.loads(text)["kind"]
    return None if kind is None else str(kind)


def counts_for_the_desk() -> ColumnElement[bool]:
    """Of a need: is it sent, or without an answer, and not said twice?"""
    lacking = _lacking() & _c.repeated.is_not(True)
    return or_(_c.state != DRAFT, lacking) & _kept()


def _kept() -> ColumnElement[bool]:
    kept = or_(_c.outcome.is_(None), _c.outcome.not_in(NOT_COUNTED))
    return _c.merged_into.is_(None) & kept


def _lacking() -> ColumnElement[bool]:
    """No answer was sufficient: somebody said so, or the matcher was not sure."""
    return or_(_c.unmet.is_not(None), _c.sure.is_(False), _c.outcome == "not-helped")


def register_stamp(connection: Connection) -> tuple[object, ...]:
    """Another value whenever what the register reads has changed.

    Each change of a need adds one to its version, a new one is the latest, one erased is missing.
    """
    parts = (
        select(
            func.count(), func.sum(_c.version), func.max(_c.created_at), func.count(_c.repeated)
        ),
        select(func.count()).select_from(rematches),
        select(func.count(), func.max(gaps.c.changed_at)),
    )
    return tuple(value for part in parts for value in connection.execute(part).one())


def load_gaps(connection: Connection) -> dict[tuple[str, str, str], KeptGap]:
    """Every hole somebody spoke of, by its cell."""
    columns = (gaps.c[name] for name in KeptGap.__slots__)
    found = (KeptGap(*row) for row in connection.execute(select(*columns)))
    return {(g.territory, g.need_type, g.profile): g for g in found}


def save_gap(
    connection: Connection, cell: tuple[str, str, str], *, state: str, note: str, at: datetime
) -> None:
    """Keep the state and note of a hole, new or known."""
    territory, need_type, profile = cell
    where = (
        (gaps.c.territory == territory)
        & (gaps.c.need_type == need_type)
        & (gaps.c.profile == profile)
    )
    values = {"state": state, "note": note, "changed_at": at}
    if connection.execute(update(gaps).where(where).values(values)).rowcount == 0:
        named = {"territory": territory, "need_type": need_type, "profile": profile}
        connection.execute(insert(gaps).values(opened_at=at, **named, **values))


def load_gap_history(
    connection: Connection, cell: tuple[str, str, str]
) -> list[tuple[datetime, str, str]]:
    """(when, who, what) was done to a hole, oldest first."""
    c = audit.c
    query = select(c.at, c.actor, c.action, c.detail).where(c.action.like("gap-%"))
    rows = connection.execute(query.order_by(c.id))
    names = ("territory", "need_type", "profile")
    return [
        (at, actor, action)
        for at, actor, action, detail in rows
        if tuple(detail.get(n) for n in names) == cell
    ]


def open_gaps(connection: Connection) -> frozenset[tuple[str, str]]:
    """(territory, need type) of the gaps for everyone that opened, and have not vanished since."""
    c = audit.c
    query = select(c.action, c.detail).where(c.action.in_((GAP_OPENED, GAP_VANISHED)))
    last = {
        (detail["territory"], detail["need_type"]): action
        for action, detail in connection.execute(query.order_by(c.id))
    }
    return frozenset(cell for cell, action in last.items() if action == GAP_OPENED)


def load_lacking(connection: Connection) -> list[StoredNeed]:
    """The needs that a new offer may help: open, or left without a sufficient answer.

    A need whose words were erased can no more be matched.
    """
    still_open = _c.state.not_in((DRAFT, "closed", "expired"))
    unhelped = or_(_c.outcome.is_(None), _c.outcome.not_in((*NOT_COUNTED, "helped")))
    query = select(needs).where(
        or_(still_open, _lacking()), unhelped, _c.merged_into.is_(None), _c.text != ""
    )
    return [stored_need(row) for row in connection.execute(query.order_by(_c.id)).mappings()]


def known_answers(connection: Connection, need_ids: Sequence[str]) -> dict[str, set[str]]:
    """Need -> the offers it was already answered with, at first or again."""
    found: dict[str, set[str]] = {need_id: set() for need_id in need_ids}
    for table in (matches, rematches):
        for need_id, offer_id in connection.execute(select(table.c.need_id, table.c.offer_id)):
            if need_id in found:
                found[need_id].add(offer_id)
    return found


def save_rematches(connection: Connection, found: Iterable[Rematch]) -> None:
    rows = [{name: getattr(one, name) for name in Rematch.__slots__} for one in found]
    if rows:
        connection.execute(insert(rematches), rows)


def load_rematches(connection: Connection) -> dict[str, list[Rematch]]:
    """Need -> the later offers that answer it, best first."""
    c = rematches.c
    query = select(*(c[name] for name in Rematch.__slots__)).order_by(c.need_id, c.rank)
    found: dict[str, list[Rematch]] = {}
    for row in connection.execute(query):
        found.setdefault(row[0], []).append(Rematch(*row))
    return found


def may_be_written_to(connection: Connection, need_ids: Sequence[str]) -> set[str]:
    """Those of these needs whose holder sent them, left an address, and was told of no answer."""
    told = exists().where(rematches.c.need_id == contacts.c.need_id, rematches.c.told)
    query = select(contacts.c.need_id).where(contacts.c.email.is_not(None), ~told)
    return set(connection.scalars(query)) & set(need_ids)


def still_there(connection: Connection, need_ids: Iterable[str]) -> list[str]:
    """Those of these needs that were not erased meanwhile, nor their words."""
    known = set(connection.scalars(select(_c.id).where(_c.text != "")))
    return [i for i in need_ids if i in known]


def references(
    connection: Connection, need_ids: Sequence[str]
) -> Mapping[str, tuple[str, str, str]]:
    """Need -> its key, reference and state, of those that were sent."""
    query = select(_c.id, _c.key, _c.reference, _c.state).where(_c.state != DRAFT)
    wanted = set(need_ids)
    return {i: (k, r or "", s) for i, k, r, s in connection.execute(query) if i in wanted}
