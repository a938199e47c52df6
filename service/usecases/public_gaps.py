"""The gaps that everyone may see: no count under five, week by week. See triage/masking.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from data.divisions import Divisions, divisions
from data.engine import read
from data.store_gaps import Asked, load_asked
from matching.domain import FRANCE
from matching.supply import ANY, Offered, Supply
from service.catalogue import Catalogue
from service.days import PARIS, day_of
from service.triage.gaps import UNSAID, Cell, Demand, weight
from service.triage.masking import Shown, added, bars, cell, summed
from service.usecases.gaps import rows_of
from service.usecases.supplying import supply_of

Counts = Mapping[tuple[str, str], Shown]
"""(territory, need type) -> what is shown of its needs."""


@dataclass(frozen=True, slots=True)
class PublicGap:
    cell: Cell
    shown: Shown
    offered: Offered

    @property
    def weight(self) -> float:
        return weight(Demand(self.shown.low), self.offered)


@dataclass(frozen=True, slots=True)
class PublicRegister:
    """Needs received before `until`. `counts` holds the rows and every département."""

    territory: str
    need_type: str
    until: date
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    regions: tuple[str, ...]
    counts: Counts
    sums: Mapping[str, Shown]
    tiles: Mapping[str, Shown]
    profiles: Mapping[str, Shown | None]
    gaps: tuple[PublicGap, ...]
    supply: Supply

    def offered(self, territory: str, need_type: str) -> Offered:
        return self.supply.at(territory, need_type, ANY)


def read_public_register(
    catalogue: Catalogue, territory: str, need_type: str, *, now: datetime
) -> PublicRegister:
    """What may be told of the gaps. Counts stop at the last Monday: from one day to the next, a
    figure that appears would tell the one before.
    """
    land = divisions(catalogue.gazetteer)
    today = day_of(now)
    monday = today - timedelta(days=today.weekday())
    with read(catalogue.engine) as connection:
        until = datetime.combine(monday, time(), PARIS)
        asked = load_asked(connection, until=until)
    supply = supply_of(catalogue, today)
    columns = tuple(supply.need_types)
    leaves, wider = published(land, asked, columns)
    rows = rows_of(land, territory, (FRANCE,))
    shown = {
        (r, t): (leaves if _leaf(land, territory, r) else wider)[r, t]
        for r in rows
        for t in columns
    }
    of_type = (need_type,) if need_type else columns
    tiles = {code: added(leaves[code, t] for t in of_type) for code in land.tiles}
    by_profile = Counter(a.profile or UNSAID for a in asked)
    everyone = (*catalogue.frame.codes("profiles"), UNSAID)
    return PublicRegister(
        territory=territory,
        need_type=need_type,
        until=monday,
        rows=rows,
        columns=columns,
        regions=land.regions,
        counts=shown,
        sums={
            t: wider[territory, t] if (territory, t) in wider else shown[territory, t]
            for t in columns
        },
        tiles=tiles,
        profiles=bars({p: by_profile[p] for p in everyone}),
        gaps=_gaps(land, leaves, supply, territory, of_type),
        supply=supply,
    )


def published(
    land: Divisions, asked: list[Asked], need_types: tuple[str, ...]
) -> tuple[Counts, Counts]:
    """What is shown of each département (and of what has none), then of what these make up.

    A région is also a leaf: its needs of which no département is known; so is France.
    """
    counts = Counter((land.finest(a.departement, a.region), t) for a in asked for t in a.need_types)
    leaves = {(code, t): cell(counts[code, t]) for code in land.all for t in need_types}
    wider: dict[tuple[str, str], Shown] = {}
    for need_type in need_types:
        parts, whole = [], 0
        for region, inside in land.departements.items():
            # A région of one département is that département: nothing is counted beside it.
            codes = (*inside, region) if len(inside) > 1 else inside
            made = sum(counts[c, need_type] for c in codes)
            wider[region, need_type] = summed([leaves[c, need_type] for c in codes], made)
            parts.append(wider[region, need_type])
            whole += made
        others = (*land.collectivities, FRANCE)
        parts += [leaves[c, need_type] for c in others]
        whole += sum(counts[c, need_type] for c in others)
        wider[FRANCE, need_type] = summed(parts, whole)
    return leaves, wider


def _leaf(land: Divisions, territory: str, row: str) -> bool:
    """Is a row counted by itself, or as the sum of its départements?"""
    return row not in land.departements or (row == territory and len(land.departements[row]) > 1)


def _gaps(
    land: Divisions,
    leaves: Counts,
    supply: Supply,
    territory: str,
    need_types: tuple[str, ...],
) -> tuple[PublicGap, ...]:
    """Départements with enough needs to tell, and no offer of their own; the heaviest first."""
    found = []
    for (code, need_type), shown in leaves.items():
        offered = supply.at(code, need_type, ANY)
        local = offered.local + offered.partial
        here = territory in land.chain(code) and need_type in need_types and code != FRANCE
        if here and shown.exact and not local:
            found.append(PublicGap(Cell(code, need_type), shown, offered))
    return tuple(sorted(found, key=lambda g: (-g.weight, g.cell)))
