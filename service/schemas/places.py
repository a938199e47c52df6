"""Places and the lists of the frame."""

from __future__ import annotations

from typing import Self

from matching.domain import Place
from service.schemas.strict import Strict


class PlaceOut(Strict):
    code: str
    name: str
    notice: str | None

    @classmethod
    def of(cls, place: Place | None) -> Self | None:
        if place is None:
            return None
        return cls(code=place.code, name=place.name, notice=place.notice)


class TerritoryOut(Strict):
    code: str
    kind: str
    name: str
    label: str
    population: int
    postal_codes: list[str]


class Territories(Strict):
    territories: list[TerritoryOut]


class FrameCodeOut(Strict):
    code: str
    label: str
    definition: str


class FrameOut(Strict):
    version: str
    lists: dict[str, list[FrameCodeOut]]
