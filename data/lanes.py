"""The inbox as lists that indexes hold in order: in each, what comes next was counted from one
moment, so that who waits since longer is due sooner.

The states are written in the queries as in the indexes: a parameter would hide that they agree.
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

    moment: ColumnElement[object]
    only: ColumnElement[bool]


def _in(states: tuple[str, ...]) -> ColumnElement[bool]:
    return _c.state.in_([literal_column(f"'{state}'") for state in states])


AT_WORK = _in(OPEN)
_UNANSWERED = and_(AT_WORK, _c.contacted_at.is_(None))

TO_LOOK_AT = Lane(_c.sent_at, and_(_UNANSWERED, _c.seen_at.is_(None)))
TO_CONTACT = Lane(_c.sent_at, and_(_UNANSWERED, _c.seen_at.is_not(None)))
AWAITED = Lane(func.coalesce(_c.moved_at, _c.contacted_at, _c.sent_at), _in(WAITING))
QUIET = Lane(
    func.coalesce(_c.sent_at, _c.created_at),
    and_(
        AT_WORK,
        or_(_c.sent_at.is_(None), _c.contacted_at.is_not(None) & _in(_UNDECIDED)),
    ),
)
"""What awaits nothing from anyone."""
OVER = Lane(func.coalesce(_c.closed_at, _c.sent_at, _c.created_at), _in(ENDED))

LANES = {
    "to_look_at": TO_LOOK_AT,
    "to_contact": TO_CONTACT,
    "awaited": AWAITED,
    "quiet": QUIET,
    "over": OVER,
}
for _name, _lane in LANES.items():
    Index(
        f"ix_needs_{_name}",
        _lane.moment,
        _c.key,
        sqlite_where=_lane.only,
        postgresql_where=_lane.only,
    )
