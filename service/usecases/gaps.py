"""The gap register, as a catalyst of some scope sees it, and what they make of a gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from data import audit
from data.divisions import Divisions, divisions
from data.engine import read, write
from data.store_gaps import (
    Asked,
    Rematch,
    load_asked,
    load_gap_history,
    load_gaps,
    load_rematches,
    references,
    save_gap,
)
from data.store_needs import ChangedMeanwhile
from matching.domain import FRANCE, Offer
from matching.errors import AiguilleError, Word
from matching.supply import ANY, Offered, Supply
from service.catalogue import Catalogue
from service.triage.gaps import (
    STATES,
    UNSAID,
    Cell,
    Demand,
    Gap,
    check_gap_move,
    counted,
    ranked,
    tally,
    total,
)
from service.usecases.supplying import offers_in, supply_of

EACH = "each"
"""In place of a profile, as a filter: every profile apart."""


class UnknownGap(AiguilleError):
    """No cell of these codes, or none that this person follows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person follows: typed codes, areas by those they list; need types, none being all."""

    territories: Collection[str] = (FRANCE,)
    need_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Every filter that is given must hold. `territory`: a région or a département."""

    territory: str = FRANCE
    need_type: str = ""
    profile: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """`demand` counts needs by row of the heat table and need type, `tiles` by département.

    `regions` and `columns` are the régions and need types to choose from; `seen` holds the
    départements of the view. `partly`: of some, the scope holds a part, and counts that part alone.
    """

    wanted: GapFilter
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    regions: tuple[str, ...]
    demand: Mapping[Cell, Demand]
    tiles: Mapping[str, Demand]
    profiles: Mapping[str, Demand]
    gaps: tuple[Gap, ...]
    renewed: tuple[Gap, ...]
    total: Demand
    supply: Supply
    seen: frozenset[str]
    partly: bool

    @property
    def profile(self) -> str:
        """The profile of the cells that the pictures show."""
        return self.wanted.profile if self.wanted.profile not in ("", EACH) else ANY

    def at(self, territory: str, need_type: str) -> Demand:
        return self.demand.get(Cell(territory, need_type), Demand())

    def offered(self, territory: str, need_type: str) -> Offered:
        return self.supply.at(territory, need_type, self.profile)


@dataclass(frozen=True, slots=True)
class GapNeed:
    """A need of a gap that was sent: how to find it, and the later offers that answer it."""

    key: str
    reference: str
    state: str
    unmet: bool
    answers: tuple[Rematch, ...]


@dataclass(frozen=True, slots=True)
class OpenGap:
    """One cell in full. `unsent` counts the needs that nobody sent: counted, never shown.

    `partly`: the scope holds a part of its territory, and only the needs of that part are here.
    """

    gap: Gap
    needs: tuple[GapNeed, ...]
    unsent: int
    offers: Mapping[str, list[Offer]]
    answering: tuple[Offer, ...]
    history: tuple[tuple[datetime, str, str], ...]
    partly: bool


def read_register(
    catalogue: Catalogue, scope: Scope, wanted: GapFilter, *, today: date
) -> Register:
    """The gaps that a scope sees, ranked, with the counts that the pictures draw."""
    land, where = divisions(catalogue.gazetteer), _counted_at(catalogue, scope)
    with read(catalogue.engine) as connection:
        asked = _asked(connection, scope)
        kept = load_gaps(connection)
    asked = [a for a in asked if _wanted_profile(a, wanted)]
    supply = supply_of(catalogue, today)
    rows = rows_of(land, wanted.territory, where)
    row = {a.need_id: row_of(land, rows, a) for a in asked}
    here = [a for a in asked if row[a.need_id] is not None]
    typed = [a for a in here if not wanted.need_type or wanted.need_type in a.need_types]
    columns = tuple(t for t in supply.need_types if _followed_type(scope, t))
    each = wanted.profile not in ("", ANY)
    cells = tally(
        typed,
        lambda a: land.finest(a.departement, a.region),
        lambda a: ((a.profile or UNSAID) if each else ANY,),
    )
    cells = {
        cell: found
        for cell, found in cells.items()
        if cell.need_type in columns and wanted.need_type in ("", cell.need_type)
    }
    gaps = ranked(cells, lambda c: supply.at(*c.key), kept)
    tiles = [c for c in land.tiles if land.is_within(c, where)]
    return Register(
        wanted=wanted,
        rows=rows,
        columns=columns,
        regions=tuple(r for r in land.regions if land.is_within(r, where)),
        demand=tally(here, lambda a: row[a.need_id]),
        tiles=counted(typed, lambda a: land.finest(a.departement, a.region)),
        profiles=counted(typed, lambda a: a.profile or UNSAID),
        gaps=tuple(g for g in gaps if wanted.state in ("", g.state)),
        renewed=tuple(g for g in gaps if g.demand.renewed),
        total=total(typed),
        supply=supply,
        seen=frozenset(c for c in tiles if wanted.territory in land.chain(c)),
        partly=not where <= frozenset(scope.territories),
    )


def _counted_at(catalogue: Catalogue, scope: Scope) -> frozenset[str]:
    """What a scope holds, and the départements that what is narrower in it lies in."""
    land, places = divisions(catalogue.gazetteer), catalogue.gazetteer
    narrow = (c for c in scope.territories if c in places and c not in land.all)
    around = (places.within(code) | places.overlapping(code) for code in narrow)
    met = frozenset[str]().union(*around).intersection(land.tiles)
    apart = (code for code in met if not land.is_within(code, scope.territories))
    return frozenset((*scope.territories, *apart))


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


def row_of(land: Divisions, rows: tuple[str, ...], asked: Asked) -> str | None:
    """The row where a need is counted, if any."""
    finest = land.finest(asked.departement, asked.region)
    around = (finest, land.region_by.get(finest))
    return next((code for code in around if code in rows), None)


def open_gap(catalogue: Catalogue, scope: Scope, cell: Cell, *, today: date) -> OpenGap:
    """One cell: its counts, the needs that were sent, the offers there are, what was done."""
    land, where = divisions(catalogue.gazetteer), _counted_at(catalogue, scope)
    _check_cell(catalogue, scope, cell, where)
    with read(catalogue.engine) as connection:
        inside = [a for a in _asked(connection, scope) if _in(land, cell, a)]
        kept = load_gaps(connection).get(cell.key)
        history = load_gap_history(connection, cell.key)
        sent = references(connection, [a.need_id for a in inside])
        rematches = load_rematches(connection)
    offered = supply_of(catalogue, today).at(*cell.key)
    needs = tuple(
        GapNeed(*sent[a.need_id], a.unmet, tuple(rematches.get(a.need_id, ())))
        for a in inside
        if a.need_id in sent
    )
    answering = {r.offer_id for a in inside if a.unmet for r in rematches.get(a.need_id, ())}
    index = catalogue.matcher.index
    return OpenGap(
        gap=Gap(cell, total(inside), offered, kept),
        needs=tuple(sorted(needs, key=lambda n: (not n.answers, not n.unmet))),
        unsent=len(inside) - len(needs),
        offers=offers_in(catalogue, cell, today),
        answering=tuple(index.offers[index.rows[i]] for i in sorted(answering) if i in index.rows),
        history=tuple(history),
        partly=not land.is_within(cell.territory, scope.territories),
    )


def move_gap(
    catalogue: Catalogue,
    scope: Scope,
    cell: Cell,
    state: str,
    *,
    note: str,
    seen: str,
    by: str,
    now: datetime,
) -> None:
    """Put a gap in another state, or keep a note on it; `seen` is the state it was read in.

    A part of a territory does not tell of the whole: who holds no more changes nothing.
    """
    _check_cell(catalogue, scope, cell, scope.territories)
    with write(catalogue.engine) as connection:
        kept = load_gaps(connection).get(cell.key)
        current = kept.state if kept else "open"
        # One that reopened by itself is read as open, and may be said to be filled again.
        if seen != current and not (seen == "open" and current == "filled"):
            raise ChangedMeanwhile(
                "Ce trou est entre-temps « {state} » : relisez la page avant d’enregistrer.",
                field="state",
                state=Word(STATES[current]),
            )
        check_gap_move(seen, state)
        save_gap(connection, cell.key, state=state, note=note.strip(), at=now)
        named = {"territory": cell.territory, "need_type": cell.need_type, "profile": cell.profile}
        action = f"gap-{state}" if state != seen else "gap-note"
        audit.append(connection, at=now, actor=by, action=action, **named)


def _check_cell(catalogue: Catalogue, scope: Scope, cell: Cell, where: Collection[str]) -> None:
    land = divisions(catalogue.gazetteer)
    profiles = {ANY, UNSAID, *catalogue.frame.codes("profiles")}
    known = cell.territory in land.all and cell.need_type in catalogue.frame.codes("need_types")
    seen = land.is_within(cell.territory, where)
    if not (known and cell.profile in profiles and seen and _followed_type(scope, cell.need_type)):
        raise UnknownGap(
            "Aucun trou à cette adresse parmi ceux que vous suivez : revenez à la liste.",
            field="territoire",
        )


def _in(land: Divisions, cell: Cell, asked: Asked) -> bool:
    here = cell.territory == land.finest(asked.departement, asked.region)
    who = cell.profile in (ANY, asked.profile or UNSAID)
    return here and who and cell.need_type in asked.need_types


def _asked(connection: Connection, scope: Scope) -> list[Asked]:
    """The needs that a scope follows."""
    about = frozenset(scope.need_types)
    found = load_asked(connection, territories=scope.territories)
    return [a for a in found if not about or not about.isdisjoint(a.need_types)]


def _followed_type(scope: Scope, need_type: str) -> bool:
    return not scope.need_types or need_type in scope.need_types


def _wanted_profile(asked: Asked, wanted: GapFilter) -> bool:
    return wanted.profile in ("", EACH, asked.profile or UNSAID)
