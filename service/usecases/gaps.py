"""One gap: what a catalyst reads of it, and what they make of it."""

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
from matching.supply import ANY
from service.catalogue import Catalogue
from service.triage.gaps import (
    STATES,
    UNSAID,
    Cell,
    Gap,
    check_gap_move,
    followed,
    total,
    weigh,
)
from service.usecases.supplying import offers_in, supply_of


class UnknownGap(AiguilleError):
    """No cell of these codes, or none that this person follows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person follows: typed codes (`FR` is everywhere); need types, none being all."""

    territories: tuple[str, ...] = (FRANCE,)
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
    """One cell in full. `unsent` counts the needs that nobody sent: counted, never shown."""

    gap: Gap
    needs: tuple[GapNeed, ...]
    unsent: int
    offers: Mapping[str, list[Offer]]
    answering: tuple[Offer, ...]
    history: tuple[tuple[datetime, str, str], ...]


def open_gap(catalogue: Catalogue, scope: Scope, cell: Cell, *, today: date) -> OpenGap:
    """One cell: its counts, the needs that were sent, the offers there are, what was done."""
    land = divisions(catalogue.gazetteer)
    _check_cell(catalogue, land, scope, cell)
    with read(catalogue.engine) as connection:
        follows = followed(scope.territories, scope.need_types)
        inside = [a for a in load_asked(connection) if follows(a) and _in(land, cell, a)]
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


def _check_cell(catalogue: Catalogue, land: Divisions, scope: Scope, cell: Cell) -> None:
    profiles = {ANY, UNSAID, *catalogue.frame.codes("profiles")}
    known = cell.territory in land.all and cell.need_type in catalogue.frame.codes("need_types")
    seen = not set(scope.territories).isdisjoint(land.chain(cell.territory))
    if not (known and cell.profile in profiles and seen and scope.about(cell.need_type)):
        raise UnknownGap(
            "Aucun trou à cette adresse parmi ceux que vous suivez : revenez à la liste.",
            field="territoire",
        )


def _in(land: Divisions, cell: Cell, asked: Asked) -> bool:
    here = cell.territory == land.finest(asked.departement, asked.region)
    who = cell.profile in (ANY, asked.profile or UNSAID)
    return here and who and cell.need_type in asked.need_types
