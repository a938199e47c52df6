"""What somebody of the desk may see and wants to see, and every SQL query of it but the inbox's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
)

from data.lanes import AT_WORK
from data.placing import within
from data.store_needs import StoredNeed, stored_need
from data.tables import needs
from matching.text import fold

DRAFT = "draft"
NOBODY = "-"
"""The assignee of what nobody has taken."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody may see: typed codes (`FR`: everywhere; areas stand by the codes that they
    list) and need types (empty: all).
    """

    territories: Collection[str]
    need_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Every filter that is given must hold. `state` is a state, or "open" for all at work.

    `territories` are codes as a scope's: a need is within one of them.
    `sent_from` and `sent_until` bound the moment it was sent; `words` are looked for in the
    person's words and in the reference.
    """

    state: str | None = None
    outcome: str | None = None
    territories: Collection[str] = ()
    need_type: str | None = None
    profile: str | None = None
    assignee: str | None = None
    sent_from: datetime | None = None
    sent_until: datetime | None = None
    words: str = ""


def count_by_state(
    connection: Connection, scope: Scope, wanted: Wanted
) -> Mapping[tuple[str, str | None], int]:
    """(state, outcome) -> how many needs; the filters on state and outcome are left out."""
    anywhere = replace(wanted, state=None, outcome=None)
    if words_of(wanted.words):
        rows = connection.execute(
            visible(scope, anywhere, needs.c.state, needs.c.outcome, needs.c.text, REFERENCE)
        )
        found: dict[tuple[str, str | None], int] = {}
        for state, outcome, text, reference in rows:
            if says(wanted.words, text, reference):
                found[state, outcome] = found.get((state, outcome), 0) + 1
        return found
    counted = visible(scope, anywhere, needs.c.state, needs.c.outcome, func.count())
    counted = counted.group_by(needs.c.state, needs.c.outcome)
    return {(state, outcome): n for state, outcome, n in connection.execute(counted)}


REFERENCE = func.coalesce(needs.c.reference, "")


def need_by_reference(connection: Connection, scope: Scope, reference: str) -> StoredNeed | None:
    """The need of a reference, if somebody of that scope may see it."""
    wanted = visible(scope, Wanted(), needs).where(needs.c.reference == reference.strip().upper())
    row = connection.execute(wanted).mappings().first()
    return None if row is None else stored_need(row)


class Neighbour(NamedTuple):
    """What tells whether a need was asked twice."""

    id: str
    key: str
    reference: str | None
    place_code: str | None
    sent_at: datetime
    text: str


def neighbours(
    connection: Connection,
    scope: Scope,
    places: Collection[str],
    *,
    since: datetime,
    until: datetime,
) -> list[Neighbour]:
    """The needs at work of these places, sent from one moment to another, in no order."""
    columns = (needs.c[name] for name in Neighbour._fields)
    query = visible(scope, Wanted(state="open"), *columns).where(
        needs.c.place_code.in_(sorted(places)), needs.c.sent_at.between(since, until)
    )
    return [Neighbour(*row) for row in connection.execute(query).all()]


def helped_needs(connection: Connection, need_types: Sequence[str], limit: int) -> list[str]:
    """The ids of the last needs of these types that were helped, from everywhere.

    What helped elsewhere may help here; who may read their words is for the caller to tell.
    """
    helped = (needs.c.state == "closed", needs.c.outcome == "helped", _about(need_types))
    query = select(needs.c.id).where(*helped).order_by(needs.c.closed_at.desc(), needs.c.id)
    return list(connection.scalars(query.limit(limit)))


def words_of(words: str) -> list[str]:
    """What is looked for, folded: each must be found, but single letters, which all texts have."""
    found = "".join(c if c.isalnum() else " " for c in fold(words)).split()
    return [word for word in found if len(word) > 1]


def says(words: str, text: str, reference: str) -> bool:
    """Are all these words in the text, accents and case aside, or are they its reference?"""
    folded = fold(f"{text} {reference}")
    return all(word in folded for word in words_of(words))


def visible(scope: Scope, wanted: Wanted, *columns: Any) -> Select[Any]:
    """Those columns of what somebody may see and wants to see.

    Of looked-for words the query tells no more than "maybe": `says` decides.
    """
    return select(*columns).where(_visible(scope), *_wanted(wanted))


def _visible(scope: Scope) -> ColumnElement[bool]:
    """What was sent, where somebody works, of what they follow: as `roles.sees` tells of one.

    A need of which no type was understood is for everyone of its territory.
    """
    followed = or_(_about(scope.need_types), _untyped()) if scope.need_types else true()
    return and_(needs.c.state != DRAFT, within(scope.territories), followed)


def _about(need_types: Sequence[str]) -> ColumnElement[bool]:
    """Is a need about one of these types?"""
    about = needs.c.about
    return or_(false(), *(about.contains(f'"{code}"', autoescape=True) for code in need_types))


def _untyped() -> ColumnElement[bool]:
    return or_(needs.c.about.in_(("null", "{}")), needs.c.about.contains('"need_types": []'))


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [
        *_wanted_state(wanted),
        *_wanted_facts(wanted),
        *(_like(word) for word in words_of(wanted.words)),
    ]


def _wanted_state(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state == "open":
        found.append(AT_WORK)
    elif wanted.state is not None:
        found.append(needs.c.state == wanted.state)
    if wanted.outcome is not None:
        found.append(needs.c.outcome == wanted.outcome)
    return found


def _wanted_facts(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.territories:
        found.append(within(wanted.territories))
    if wanted.need_type is not None:
        found.append(_about([wanted.need_type]))
    if wanted.profile is not None:
        found.append(needs.c.actor["kind"].as_string() == wanted.profile)
    if wanted.assignee is not None:
        taken = None if wanted.assignee == NOBODY else wanted.assignee
        found.append(needs.c.assignee.is_(None) if taken is None else needs.c.assignee == taken)
    if wanted.sent_from is not None:
        found.append(needs.c.sent_at >= wanted.sent_from)
    if wanted.sent_until is not None:
        found.append(needs.c.sent_at < wanted.sent_until)
    return found


def _like(word: str) -> ColumnElement[bool]:
    """May a text say this folded word? Any letter that an accent may cover is left open.

    Databases fold accents each in its own way: they choose widely, and `says` decides.
    """
    loose = word.replace("oe", "%").replace("ae", "%")
    loose = "".join("_" if c in "aceinouy" else c for c in loose)
    return or_(needs.c.text.ilike(f"%{loose}%"), needs.c.reference.ilike(f"%{loose}%"))
