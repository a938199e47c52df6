"""The gap register, as a catalyst of some scope sees it: counted, ranked, ready to be drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, partial

from data.divisions import Divisions, divisions
from data.engine import read
from data.store_gaps import Asked, load_gaps, register_stamp
from matching.domain import FRANCE
from matching.supply import ANY, Offered, Supply
from service.catalogue import Catalogue
from service.triage.gaps import UNSAID, Cell, Demand, Gap, counted, ranked, total
from service.typography import marked
from service.usecases.gaps import Scope, counted_at, load_followed
from service.usecases.supplying import supply_of

EACH = "each"
"""In place of a profile, as a filter: every profile apart."""

SENDINGS: Mapping[str, str] = {
    "sent": marked("Envoyés"),
    "unsent": marked("Jamais envoyés"),
}
"""Whether needs were sent, as a filter -> its name on screen. Nobody reads those that were not."""


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Every filter that is given must hold. `territory`: a région or a département; `sending`: one
    of `SENDINGS`.
    """

    territory: str = FRANCE
    need_type: str = ""
    profile: str = ""
    state: str = ""
    sending: str = ""

    @property
    def one_profile(self) -> str:
        """The profile of the cells that the pictures show."""
        return self.profile if self.profile not in ("", EACH) else ANY

    def chooses(self, asked: Asked) -> bool:
        """Is a need counted, by who asks and whether they sent it?"""
        who = self.profile in ("", EACH, asked.profile or UNSAID)
        return who and self.sending in ("", "sent" if asked.sent else "unsent")


@dataclass(frozen=True, slots=True)
class Register:
    """`cells`: by row of the heat table and column; `tiles` counts needs by département.

    `regions` and `columns` are the régions and need types to choose from; `seen` holds the
    départements of the view. `partly`: of some, the scope holds a part, and counts that part alone.
    """

    wanted: GapFilter
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    regions: tuple[str, ...]
    cells: tuple[tuple[tuple[Demand, Offered], ...], ...]
    tiles: Mapping[str, Demand]
    profiles: Mapping[str, Demand]
    gaps: tuple[Gap, ...]
    renewed: tuple[Gap, ...]
    total: Demand
    supply: Supply
    seen: frozenset[str]
    partly: bool

    def offered(self, territory: str, need_type: str) -> Offered:
        return self.supply.at(territory, need_type, self.wanted.one_profile)


def read_register(
    catalogue: Catalogue, scope: Scope, wanted: GapFilter, *, today: date
) -> Register:
    """The gaps that a scope sees, ranked, with the counts that the pictures draw.

    Counted again when something changed that is counted, and not at each reading.
    """
    with read(catalogue.engine) as connection:
        stamp = register_stamp(connection)
    return _register(catalogue, scope, wanted, today, stamp)


@lru_cache(maxsize=8)
def _register(
    catalogue: Catalogue,
    scope: Scope,
    wanted: GapFilter,
    today: date,
    stamp: tuple[object, ...],  # noqa: ARG001  what is kept is kept under it
) -> Register:
    land, where = divisions(catalogue.gazetteer), counted_at(catalogue, scope)
    with read(catalogue.engine) as connection:
        asked = load_followed(connection, scope)
        kept = load_gaps(connection)
    supply = supply_of(catalogue, today)
    rows = rows_of(land, wanted.territory, where)
    columns = tuple(t for t in supply.need_types if scope.about(t))
    # Needs are many, and the places where they are counted are few.
    finest, row_of = cache(land.finest), cache(partial(_row_of, land, rows))
    here = [
        (a, place, row)
        for a in asked
        if wanted.chooses(a)
        if (row := row_of(place := finest(a.departement, a.region)))
    ]
    typed = [one for one in here if not wanted.need_type or wanted.need_type in one[0].need_types]
    listed = frozenset((wanted.need_type,) if wanted.need_type else columns)
    cells = counted(
        (Cell(place, t, (a.profile or UNSAID) if wanted.profile else ANY), a)
        for a, place, _ in typed
        for t in a.need_types
        if t in listed
    )
    gaps = ranked(cells, lambda c: supply.at(*c), kept)
    demand = counted(((row, t), a) for a, _, row in here for t in a.need_types)
    tiles = [c for c in land.tiles if land.is_within(c, where)]
    none = Demand()
    return Register(
        wanted=wanted,
        rows=rows,
        columns=columns,
        regions=tuple(r for r in land.regions if land.is_within(r, where)),
        cells=tuple(
            tuple((demand.get((r, t), none), supply.at(r, t, wanted.one_profile)) for t in columns)
            for r in rows
        ),
        tiles=counted((place, a) for a, place, _ in typed),
        profiles=counted((a.profile or UNSAID, a) for a, _, _ in typed),
        gaps=tuple(g for g in gaps if wanted.state in ("", g.state)),
        renewed=tuple(g for g in gaps if g.demand.renewed),
        total=total(a for a, _, _ in typed),
        supply=supply,
        seen=frozenset(c for c in tiles if wanted.territory in land.chain(c)),
        partly=not where <= frozenset(scope.territories),
    )


def rows_of(land: Divisions, territory: str, seen: Collection[str]) -> tuple[str, ...]:
    """The rows of a heat table: what a territory divides into, as far as codes are seen."""
    if territory in land.departements and len(land.departements[territory]) > 1:
        inside = (*land.departements[territory], territory)
    elif territory != FRANCE:
        inside = (territory,)
    else:
        inside = (*land.regions, *land.collectivities, FRANCE)
    whole = tuple(c for c in inside if land.is_within(c, seen))
    if territory != FRANCE or FRANCE in seen:
        return whole
    known = {d for r in whole for d in land.departements.get(r, ())}
    return (*whole, *(d for d in land.tiles if d in seen and d not in known | set(whole)))


def _row_of(land: Divisions, rows: tuple[str, ...], finest: str) -> str | None:
    """The row where what is counted at a place is counted, if any."""
    return next((code for code in (finest, land.region_by.get(finest)) if code in rows), None)
