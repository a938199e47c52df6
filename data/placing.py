"""Where a need is, and which needs are within a territory: the one rule of who may see them.

A need keeps the code of its place and of what surely contains it, level by level. An ad-hoc area
has no column: who follows one follows the codes that it lists (`data.store.listed`).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, false, or_, true

from data.tables import needs
from matching.domain import FRANCE, Place

LEVELS = {"commune": "COM-", "epci": "EPCI-", "departement": "DEP-", "region": "REG-"}
"""Column of a need -> how the codes that it holds begin."""

_READ_BY = {
    needs.c.region: ("REG-",),
    needs.c.departement: ("DEP-",),
    needs.c.epci: ("EPCI-",),
    needs.c.commune: ("COM-",),
    # A place narrower than a commune, or an area.
    needs.c.place_code: ("COM-", "AREA-"),
}


def placed(place: Place | None) -> dict[str, str | None]:
    """The columns of a need that is there."""
    if place is None:
        return dict.fromkeys(("place_code", *LEVELS))
    return {"place_code": place.code, **{n: _around(place, start) for n, start in LEVELS.items()}}


def _around(place: Place, start: str) -> str | None:
    """What contains a place, at one level; a part of a commune is a commune by its code alone."""
    found = sorted(c for c in place.within if c.startswith(start))
    return next((c for c in found if c != place.code), found[0] if found else None)


def within(codes: Collection[str]) -> ColumnElement[bool]:
    """Is a need within one of these territories? As `StoredNeed.territories` tells of one."""
    if FRANCE in codes:
        return true()
    at_levels = (
        column.in_(here)
        for column, starts in _READ_BY.items()
        if (here := sorted(c for c in codes if c.startswith(starts)))
    )
    return or_(false(), *at_levels)
