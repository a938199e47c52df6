"""The gaps that everyone may see: the last weekly counts, and the offers there are today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data.divisions import Divisions, divisions
from data.engine import read
from data.store_gap_counts import first_monday, load_gap_counts
from matching.domain import FRANCE, PROFILES
from matching.supply import ANY, Offered, Supply
from service.catalogue import Catalogue
from service.triage.gaps import UNSAID, Cell, Demand, Gap, ranked
from service.usecases.gap_register import rows_of
from service.usecases.supplying import supply_of
from service.usecases.weekly_counts import rest_of

FEW = 5
"""A view with fewer figures is told in sentences: a table would be a wall of nothing."""


@dataclass(frozen=True, slots=True)
class PublicRegister:
    """Needs received before `monday`, counted since `since`: None before the first counts.

    Every number is "at least so many", and 0 where nothing is told. `counts`: (row, need type);
    the row of the territory that is looked at holds what none of the others tells. `gaps`: the
    départements with a number, and no offer of their own.
    """

    territory: str
    need_type: str
    monday: date | None
    since: date | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    regions: tuple[str, ...]
    counts: Mapping[tuple[str, str], int]
    tiles: Mapping[str, int]
    profiles: Mapping[str, int]
    gaps: tuple[Gap, ...]
    supply: Supply

    def offered(self, territory: str, need_type: str) -> Offered:
        return self.supply.at(territory, need_type, ANY)

    def total(self, need_type: str) -> int:
        return sum(self.counts[row, need_type] for row in self.rows)

    @property
    def told(self) -> tuple[Cell, ...]:
        """The cells of this view that have a number, the largest first."""
        found = [(-n, Cell(*key)) for key, n in self.counts.items() if n and self._wanted(key[1])]
        return tuple(cell for _, cell in sorted(found))

    @property
    def told_rows(self) -> tuple[str, ...]:
        """The rows where something is told, of any theme."""
        return tuple(r for r in self.rows if any(self.counts[r, t] for t in self.columns))

    @property
    def told_columns(self) -> tuple[str, ...]:
        return tuple(t for t in self.columns if self.total(t))

    @property
    def few(self) -> bool:
        """Is there too little to draw?"""
        return len(self.told) < FEW

    @property
    def drawn_tiles(self) -> bool:
        return sum(n > 0 for n in self.tiles.values()) >= FEW

    def _wanted(self, need_type: str) -> bool:
        return self.need_type in ("", need_type)


def read_public_register(
    catalogue: Catalogue, territory: str, need_type: str, *, today: date
) -> PublicRegister:
    """What may be told of the gaps: the counts of the week, whatever happened to needs since."""
    land = divisions(catalogue.gazetteer)
    with read(catalogue.engine) as connection:
        kept = load_gap_counts(connection)
        since = first_monday(connection)
    told = kept.places if kept else {}
    supply = supply_of(catalogue, today)
    columns = tuple(supply.need_types)
    rows = rows_of(land, territory, (FRANCE,))
    counts = {
        (row, t): sum(told.get(t, {}).get(name, 0) for name in _groups(land, territory, row))
        for row in rows
        for t in columns
    }
    of_type = (need_type,) if need_type else columns
    tiles = {code: sum(told.get(t, {}).get(code, 0) for t in of_type) for code in land.tiles}
    return PublicRegister(
        territory=territory,
        need_type=need_type,
        monday=kept.monday if kept else None,
        since=since,
        rows=rows,
        columns=columns,
        regions=land.regions,
        counts=counts,
        tiles=tiles,
        profiles={p: kept.profiles.get(p, 0) if kept else 0 for p in (*PROFILES, UNSAID)},
        gaps=_gaps(land, told, supply, territory, of_type),
        supply=supply,
    )


def _groups(land: Divisions, territory: str, row: str) -> tuple[str, ...]:
    """The groups that make up a row; none of them is in another row."""
    inside = land.departements.get(row, ())
    drilled = row == territory and len(inside) > 1
    return (*(() if drilled else inside), row, rest_of(row))


def _gaps(
    land: Divisions,
    told: Mapping[str, Mapping[str, int]],
    supply: Supply,
    territory: str,
    need_types: tuple[str, ...],
) -> tuple[Gap, ...]:
    demand = {
        Cell(code, need_type): Demand(needs)
        for need_type in need_types
        for code, needs in told.get(need_type, {}).items()
        if code in land.tiles and territory in land.chain(code)
    }
    # None of these needs is told to lack an answer: a gap is where no offer is local.
    return tuple(ranked(demand, lambda c: supply.at(*c), {}))
