"""How local a territory is, and how near it is to a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matching.domain import FRANCE, Place

LOCALITY: Mapping[str, float] = {
    "REG": 0.4,
    "AREA": 0.4,
    "DEP": 0.7,
    "EPCI": 0.85,
    "COM": 1.0,
}
"""How local a territory is, by the type of its code; France is 0."""


def locality(code: str) -> float:
    """How local the territory of a typed code is: 0 for France, 1 for a commune."""
    return LOCALITY.get(code.partition("-")[0], 0)


def nearness(territories: Iterable[str], place: Place | None) -> float:
    """How local the closest of these codes that holds the place is; 0 for none, or France."""
    within = frozenset() if place is None else place.within - {FRANCE}
    return max(map(locality, within & set(territories)), default=0)
