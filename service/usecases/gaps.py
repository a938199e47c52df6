"""One gap: what a catalyst reads of it, and what they make of it."""

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
from matching.supply import ANY
from service.catalogue import Catalogue
from service.triage.gaps import (
    STATES,
    UNSAID,
    Cell,
    Gap,
    check_gap_move,
    total,
    weigh,
)
from service.usecases.supplying import offers_in, supply_of


class UnknownGap(AiguilleError):
    """No cell of these codes, or none that this person follows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person follows: typed codes, areas by those they list; need types, none being all."""

    territories: Collection[str] = (FRANCE,)
    need_types: tuple[str, ...] = ()

    def about(self, need_type: str) -> bool:
        return not self.need_types or need_type in self.need_types


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


def load_followed(connection: Connection, scope: Scope) -> list[Asked]:
    """The needs that count, as far as a scope follows them."""
    found = load_asked(connection, territories=scope.territories)
    return [a for a in found if not scope.need_types or any(map(scope.about, a.need_types))]


def counted_at(catalogue: Catalogue, scope: Scope) -> frozenset[str]:
    """What a scope holds, and the départements that what is narrower in it lies in."""
    land, places = divisions(catalogue.gazetteer), catalogue.gazetteer
    narrow = (c for c in scope.territories if c in places and c not in land.all)
    around = (places.within(code) | places.overlapping(code) for code in narrow)
    met = frozenset[str]().union(*around).intersection(land.tiles)
    apart = (code for code in met if not land.is_within(code, scope.territories))
    return frozenset((*scope.territories, *apart))


def open_gap(catalogue: Catalogue, scope: Scope, cell: Cell, *, today: date) -> OpenGap:
    """One cell: its counts, the needs that were sent, the offers there are, what was done."""
    land = divisions(catalogue.gazetteer)
    _check_cell(catalogue, scope, cell, counted_at(catalogue, scope))
    with read(catalogue.engine) as connection:
        inside = [a for a in load_followed(connection, scope) if _in(land, cell, a)]
        kept = load_gaps(connection).get(cell)
        history = load_gap_history(connection, cell)
        sent = references(connection, [a.need_id for a in inside])
        rematches = load_rematches(connection)
    demand, offered = total(inside), supply_of(catalogue, today).at(*cell)
    needs = tuple(
        GapNeed(*sent[a.need_id], a.unmet, tuple(rematches.get(a.need_id, ())))
        for a in inside
        if a.need_id in sent
    )
    answering = {r.offer_id for a in inside if a.unmet for r in rematches.get(a.need_id, ())}
    index = catalogue.matcher.index
    return OpenGap(
        gap=Gap(cell, demand, offered, weigh(demand, offered), kept),
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
        kept = load_gaps(connection).get(cell)
        current = kept.state if kept else "open"
        # One that reopened by itself is read as open, and may be said to be filled again.
        if seen != current and not (seen == "open" and current == "filled"):
            raise ChangedMeanwhile(
                "Ce trou est entre-temps « {state} » : relisez la page avant d’enregistrer.",
                field="state",
                state=Word(STATES[current]),
            )
        check_gap_move(seen, state)
        save_gap(connection, cell, state=state, note=note.strip(), at=now)
        action = f"gap-{state}" if state != seen else "gap-note"
        audit.append(connection, at=now, actor=by, action=action, **cell._asdict())


def _check_cell(catalogue: Catalogue, scope: Scope, cell: Cell, where: Collection[str]) -> None:
    land = divisions(catalogue.gazetteer)
    profiles = {ANY, UNSAID, *catalogue.frame.codes("profiles")}
    known = cell.territory in land.all and cell.need_type in catalogue.frame.codes("need_types")
    seen = land.is_within(cell.territory, where)
    if not (known and cell.profile in profiles and seen and scope.about(cell.need_type)):
        raise UnknownGap(
            "Aucun trou à cette adresse parmi ceux que vous suivez : revenez à la liste.",
            field="territoire",
        )


def _in(land: Divisions, cell: Cell, asked: Asked) -> bool:
    here = cell.territory == land.finest(asked.departement, asked.region)
    who = cell.profile in (ANY, asked.profile or UNSAID)
    return here and who and cell.need_type in asked.need_types
