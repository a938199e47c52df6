"""What the open catalogue offers in each cell: counted once for a catalogue and a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from data.divisions import divisions
from data.territories import Gazetteer
from matching.domain import Offer, Place
from matching.index import ExactIndex
from matching.supply import Supply, matching_rows
from service.catalogue import Catalogue
from service.triage.gaps import Cell

_SPREAD = ("EPCI-", "AREA-")
"""Codes of what may lie across several départements."""


def supply_of(catalogue: Catalogue, today: date) -> Supply:
    """How many offers each cell has; kept until the catalogue or the day changes."""
    return _supply(catalogue.matcher.index, catalogue.gazetteer, today)


def offers_in(catalogue: Catalogue, cell: Cell, today: date) -> dict[str, list[Offer]]:
    """The offers that a cell has, by kind: local, partial, national."""
    index = catalogue.matcher.index
    place = _places(index, catalogue.gazetteer)[cell.territory]
    rows = matching_rows(index.columns, place, cell.need_type, cell.profile, today)
    return {kind: [index.offers[row] for row in found] for kind, found in rows.items()}


@lru_cache(maxsize=2)
def _supply(index: ExactIndex, gazetteer: Gazetteer, today: date) -> Supply:
    types = [t.code for t in index.need_types]
    return Supply.of(index.columns, _places(index, gazetteer), types, today)


@lru_cache(maxsize=2)
def _places(index: ExactIndex, gazetteer: Gazetteer) -> dict[str, Place]:
    """Each division as the rules read a place, with the codes that this catalogue bears alone.

    The same verdicts as with all codes (the gazetteer's own places), a hundred times sooner.
    """
    codes = divisions(gazetteer).all
    meeting: dict[str, set[str]] = {code: set() for code in codes}
    for borne in index.columns.territories.rows:
        for code in _met(gazetteer, borne) & meeting.keys():
            meeting[code].add(borne)
    places = {}
    for code in codes:
        within = gazetteer.within(code)
        overlapping = frozenset(meeting[code]) - within
        places[code] = Place(code, gazetteer.get(code).name, within, overlapping)
    return places


def _met(gazetteer: Gazetteer, borne: str) -> frozenset[str]:
    """What contains a code that an offer bears, or shares a part with it."""
    if borne not in gazetteer:
        return frozenset()
    around: Iterable[str] = gazetteer.overlapping(borne) if borne.startswith(_SPREAD) else ()
    return gazetteer.within(borne).union(around)
