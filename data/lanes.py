"""The inbox as lists that indexes hold in order: in each, what comes next was counted from one
moment, so that who waits since longer is due sooner.

Each index tells what a wide scope or a filter leaves out (other régions, states and types); of a
narrow one, the index on its territories is read, and what it finds is sorted. The states are
written in the queries as in the indexes: a parameter would hide that they agree.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Index, and_, func, literal_column, or_

from data.tables import needs

OPEN = ("new", "qualifying", "proposed", "transmitted", "waiting")
WAITING = ("proposed", "transmitted", "waiting")
"""The states where somebody's answer is awaited: the person's, or a provider's."""
ENDED = ("closed", "expired")
_UNDECIDED = tuple(state for state in OPEN if state not in WAITING)
_c = needs.c


class Lane(NamedTuple):
    """Needs, and the moment that they are in the order of."""

    name: str
    moment: ColumnElement[object]
    only: ColumnElement[bool]

    @property
    def index_name(self) -> str:
        return f"ix_needs_{self.name}"


def _in(states: tuple[str, ...]) -> ColumnElement[bool]:
    return _c.state.in_([literal_column(f"'{state}'") for state in states])


AT_WORK = _in(OPEN)
_UNANSWERED = and_(AT_WORK, _c.contacted_at.is_(None))

TO_LOOK_AT = Lane("to_look_at", _c.sent_at, and_(_UNANSWERED, _c.seen_at.is_(None)))
TO_CONTACT = Lane("to_contact", _c.sent_at, and_(_UNANSWERED, _c.seen_at.is_not(None)))
AWAITED = Lane("awaited", func.coalesce(_c.moved_at, _c.contacted_at, _c.sent_at), _in(WAITING))
QUIET = Lane(
    "quiet",
    func.coalesce(_c.sent_at, _c.created_at),
    and_(
        AT_WORK,
        or_(_c.sent_at.is_(None), _c.contacted_at.is_not(None) & _in(_UNDECIDED)),
    ),
)
"""What awaits nothing from anyone."""
OVER = Lane("over", func.coalesce(_c.closed_at, _c.sent_at, _c.created_at), _in(ENDED))

LANES = (TO_LOOK_AT, TO_CONTACT, AWAITED, QUIET, OVER)
for _lane in LANES:
    Index(
        _lane.index_name,
        _lane.moment,
        _c.key,
        _c.state,
        _c.region,
        _c.departement,
        _c.about,
        sqlite_where=_lane.only,
        postgresql_where=_lane.only,
    )
