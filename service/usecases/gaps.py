"""The gap register, as a catalyst of some scope sees it, and what they make of a gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

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
    in_scope,
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
    """What a person follows: typed codes (`FR` is everywhere); need types, none being all."""

    territories: tuple[str, ...] = (FRANCE,)
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
    départements of the view.
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
    """One cell in full. `unsent` counts the needs that nobody sent: counted, never shown."""

    gap: Gap
    needs: tuple[GapNeed, ...]
    unsent: int
    offers: Mapping[str, list[Offer]]
    answering: tuple[Offer, ...]
    history: tuple[tuple[datetime, str, str], ...]


def read_register(
    catalogue: Catalogue, scope: Scope, wanted: GapFilter, *, today: date
) -> Register:
    """The gaps that a scope sees, ranked, with the counts that the pictures draw."""
    land = divisions(catalogue.gazetteer)
    with read(catalogue.engine) as connection:
        asked = [a for a in load_asked(connection) if _follows(scope, a)]
        kept = load_gaps(connection)
    asked = [a for a in asked if _wanted_profile(a, wanted)]
    supply = supply_of(catalogue, today)
    rows = rows_of(land, wanted.territory, scope)
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
    return Register(
        wanted=wanted,
        rows=rows,
        columns=columns,
        regions=tuple(r for r in land.regions if set(land.chain(r)) & set(scope.territories)),
        demand=tally(here, lambda a: row[a.need_id]),
        tiles=counted(typed, lambda a: land.finest(a.departement, a.region)),
        profiles=counted(typed, lambda a: a.profile or UNSAID),
        gaps=tuple(g for g in gaps if wanted.state in ("", g.state)),
        renewed=tuple(g for g in gaps if g.demand.renewed),
        total=total(typed),
        supply=supply,
        seen=_seen(land, wanted.territory, scope),
    )


def rows_of(land: Divisions, territory: str, scope: Scope) -> tuple[str, ...]:
    """The rows of a heat table: what a territory divides into, as far as a scope sees it."""
    if territory in land.departements and len(land.departements[territory]) > 1:
        inside = (*land.departements[territory], territory)
    elif territory != FRANCE:
        inside = (territory,)
    else:
        inside = (*land.regions, *land.collectivities, FRANCE)
    seen = set(scope.territories)
    whole = tuple(c for c in inside if not seen.isdisjoint(land.chain(c)))
    if territory != FRANCE or FRANCE in seen:
        return whole
    known = {d for r in whole for d in land.departements.get(r, ())}
    return (*whole, *(d for d in land.tiles if d in seen and d not in known | set(whole)))


def _seen(land: Divisions, territory: str, scope: Scope) -> frozenset[str]:
    """The départements and collectivities of a view that a scope sees."""
    territories = set(scope.territories)
    chains = {code: land.chain(code) for code in land.tiles}
    return frozenset(
        c for c, around in chains.items() if territory in around and territories & set(around)
    )


def row_of(land: Divisions, rows: tuple[str, ...], asked: Asked) -> str | None:
    """The row where a need is counted, if any."""
    finest = land.finest(asked.departement, asked.region)
    around = (finest, land.region_by.get(finest))
    return next((code for code in around if code in rows), None)


def open_gap(catalogue: Catalogue, scope: Scope, cell: Cell, *, today: date) -> OpenGap:
    """One cell: its counts, the needs that were sent, the offers there are, what was done."""
    land = divisions(catalogue.gazetteer)
    _check_cell(catalogue, land, scope, cell)
    with read(catalogue.engine) as connection:
        inside = [a for a in load_asked(connection) if _follows(scope, a) and _in(land, cell, a)]
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
    """Put a gap in another state, or keep a note on it; `seen` is the state it was read in."""
    _check_cell(catalogue, divisions(catalogue.gazetteer), scope, cell)
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


def _check_cell(catalogue: Catalogue, land: Divisions, scope: Scope, cell: Cell) -> None:
    profiles = {ANY, UNSAID, *catalogue.frame.codes("profiles")}
    known = cell.territory in land.all and cell.need_type in catalogue.frame.codes("need_types")
    seen = not set(scope.territories).isdisjoint(land.chain(cell.territory))
    if not (known and cell.profile in profiles and seen and _followed_type(scope, cell.need_type)):
        raise UnknownGap(
            "Aucun trou à cette adresse parmi ceux que vous suivez : revenez à la liste.",
            field="territoire",
        )


def _in(land: Divisions, cell: Cell, asked: Asked) -> bool:
    here = cell.territory == land.finest(asked.departement, asked.region)
    who = cell.profile in (ANY, asked.profile or UNSAID)
    return here and who and cell.need_type in asked.need_types


def _follows(scope: Scope, asked: Asked) -> bool:
    return in_scope(asked, scope.territories, scope.need_types)


def _followed_type(scope: Scope, need_type: str) -> bool:
    return not scope.need_types or need_type in scope.need_types


def _wanted_profile(asked: Asked, wanted: GapFilter) -> bool:
    return wanted.profile in ("", EACH, asked.profile or UNSAID)
