"""The country as maps divide it: régions, their départements, overseas collectivities, tiles."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from data.place_names import name_key
from data.territories import Gazetteer
from matching.domain import FRANCE


@dataclass(frozen=True, slots=True)
class Divisions:
    """`departements`: région -> its départements; `region_by`: the other way round.

    `collectivities` belong to no région.
    `tiles`: département or collectivity -> its (column, row) on the tile map.
    """

    departements: Mapping[str, tuple[str, ...]]
    region_by: Mapping[str, str]
    collectivities: tuple[str, ...]
    tiles: Mapping[str, tuple[int, int]]

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(self.departements)

    @property
    def all(self) -> tuple[str, ...]:
        """Every code that a need may be counted at, France first."""
        inside = (d for found in self.departements.values() for d in found)
        return (FRANCE, *self.regions, *inside, *self.collectivities)

    def finest(self, departement: str | None, region: str | None) -> str:
        """Where a need is counted: its département, else its région, else France.

        A région of one département is that département; a place without inhabitants is France.
        """
        if departement is not None:
            return departement if departement in self.tiles else FRANCE
        within = self.departements.get(region or "", ())
        return within[0] if len(within) == 1 else region or FRANCE

    def chain(self, code: str) -> tuple[str, ...]:
        """A code and what contains it, narrowest first, France last."""
        region = self.region_by.get(code)
        return tuple(dict.fromkeys(c for c in (code, region, FRANCE) if c is not None))

    def is_within(self, code: str, codes: Collection[str]) -> bool:
        """Is a division one of these, or within one?"""
        return any(around in codes for around in self.chain(code))


@lru_cache(maxsize=4)
def divisions(gazetteer: Gazetteer) -> Divisions:
    """The divisions of a gazetteer, by name within each."""
    tiles = shipped_tiles()
    regions: dict[str, list[str]] = {}
    collectivities: list[str] = []
    for code in sorted(tiles, key=lambda c: _sorted_name(gazetteer, c)):
        around = sorted(c for c in gazetteer.within(code) if c.startswith("REG-"))
        (regions.setdefault(around[0], []) if around else collectivities).append(code)
    named = sorted(regions, key=lambda c: (len(regions[c]) == 1, _sorted_name(gazetteer, c)))
    region_by = {code: region for region, found in regions.items() for code in found}
    within = {r: tuple(regions[r]) for r in named}
    return Divisions(within, region_by, tuple(collectivities), tiles)


def _sorted_name(gazetteer: Gazetteer, code: str) -> tuple[str, str]:
    return (name_key(gazetteer.get(code).name), code)


def shipped_tiles() -> dict[str, tuple[int, int]]:
    """Code -> (column, row) of every tile: a place of its own, near its neighbours on the map."""
    text = files("data.geography").joinpath("tile_grid.csv").read_text(encoding="utf-8")
    return {r["code"]: (int(r["column"]), int(r["row"])) for r in csv.DictReader(text.splitlines())}
