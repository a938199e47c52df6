"""The gap register at the desk: pictures, the ranked list, and what a catalyst makes of a gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from data.divisions import divisions
from data.store_users import User
from matching.domain import FRANCE
from matching.supply import ANY
from service.auth import CsrfDep, require
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep
from service.labels import CodeLabels
from service.languages import say_in
from service.pages.gap_files import desk_file
from service.pages.gap_pictures import MEASURES, Pictures, desk_pictures
from service.pages.languages import language_of
from service.pages.rendering import render
from service.statuses import see_other
from service.triage.gaps import MOVES, STATES, UNSAID, Cell
from service.triage.roles import may
from service.triage.states import STATES as NEED_STATES
from service.typography import Say, marked
from service.usecases.gap_register import EACH, SENDINGS, GapFilter, Register, read_register
from service.usecases.gaps import OpenGap, Scope, move_gap, open_gap
from service.wording_gaps import GapWording

DESK = "/bureau/raquette"
router = APIRouter(prefix=DESK, dependencies=[CsrfDep], include_in_schema=False)

SHOWN = 15
"""Gaps that the page lists; the CSV holds all."""
LONGEST_NOTE = 2_000
MOVE_LABELS: Mapping[str, str] = {
    "taken": marked("Je le prends en charge"),
    "filled": marked("Il est comblé"),
    "open": marked("Le rouvrir"),
}

SeerDep = Annotated[User, Depends(require("see-gaps"))]
ManagerDep = Annotated[User, Depends(require("manage-gaps"))]
Code = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class GapsPage:
    """`query`: the filters as the address says them."""

    register: Register
    measure: str
    pictures: Pictures
    words: GapWording
    query: Mapping[str, str]
    profiles: tuple[str, ...]
    shown: int = SHOWN
    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    sendings: Mapping[str, str] = field(default_factory=lambda: SENDINGS)
    measures: Mapping[str, str] = field(default_factory=lambda: MEASURES)

    def address(self, **more: str) -> str:
        """The same page, where some filters are others."""
        return f"{DESK}{query_of({**self.query, **more})}"

    @property
    def figures(self) -> Iterable[tuple[str, Iterable[str]]]:
        """The table under the heat picture, row by row."""
        for row, cells in zip(self.register.rows, self.register.cells, strict=True):
            yield row, (self.words.figures(demand, offered) for demand, offered in cells)

    def gap_address(self, cell: Cell) -> str:
        return _gap_address(cell)

    @property
    def csv(self) -> str:
        return f"{DESK}/csv{query_of(self.query)}"


@dataclass(frozen=True, slots=True)
class GapPage:
    """`moves`: the states that may follow, and what to call them on a button."""

    open: OpenGap
    words: GapWording
    moves: Mapping[str, str]
    may_move: bool
    saved: bool
    titles: Mapping[str, str]
    need_states: Mapping[str, str] = field(default_factory=lambda: NEED_STATES)
    states: Mapping[str, str] = field(default_factory=lambda: STATES)
    longest: int = LONGEST_NOTE


@router.get("")
def register(
    request: Request,
    user: SeerDep,
    catalogue: CatalogueDep,
    now: NowDep,
    territoire: Code = FRANCE,
    theme: Code = "",
    profil: Code = "",
    etat: Code = "",
    envoi: Code = "",
    mesure: Code = "needs",
) -> Response:
    wanted = _wanted(catalogue, territoire, theme, profil, etat, envoi)
    measure = mesure if mesure in MEASURES else "needs"
    found = read_register(catalogue, _scope(user), wanted, today=day_of(now))
    words = wording(request, catalogue)
    tiles = divisions(catalogue.gazetteer).tiles
    query = {
        "territoire": wanted.territory if wanted.territory != FRANCE else "",
        "theme": wanted.need_type,
        "profil": wanted.profile,
        "etat": wanted.state,
        "envoi": wanted.sending,
        "mesure": measure if measure != "needs" else "",
    }
    page = GapsPage(
        register=found,
        measure=measure,
        pictures=desk_pictures(found, measure, tiles, words),
        words=words,
        query=query,
        profiles=(*catalogue.frame.codes("profiles"), UNSAID),
    )
    return render(request, "gaps.html", page, private=True)


@router.get("/csv")
def register_file(
    request: Request,
    user: SeerDep,
    catalogue: CatalogueDep,
    now: NowDep,
    territoire: Code = FRANCE,
    theme: Code = "",
    profil: Code = "",
    etat: Code = "",
    envoi: Code = "",
) -> Response:
    wanted = _wanted(catalogue, territoire, theme, profil, etat, envoi)
    found = read_register(catalogue, _scope(user), wanted, today=day_of(now))
    return desk_file(found, wording(request, catalogue))


@router.get("/trou")
def gap(
    request: Request,
    user: SeerDep,
    catalogue: CatalogueDep,
    now: NowDep,
    territoire: Code,
    theme: Code,
    profil: Code = ANY,
    fait: Code = "",
) -> Response:
    cell = Cell(territoire, theme, profil)
    found = open_gap(catalogue, _scope(user), cell, today=day_of(now))
    page = GapPage(
        open=found,
        words=wording(request, catalogue),
        moves={to: MOVE_LABELS[to] for to in MOVES[found.gap.state]},
        may_move=may(user, "manage-gaps") and not found.partly,
        saved=bool(fait),
        titles={o.id: o.title for o in found.answering},
    )
    return render(request, "gap.html", page, private=True)


@router.post("/trou")
def move(
    user: ManagerDep,
    catalogue: CatalogueDep,
    now: NowDep,
    territoire: Annotated[str, Form(max_length=60)],
    theme: Annotated[str, Form(max_length=60)],
    profil: Annotated[str, Form(max_length=60)],
    vu: Annotated[str, Form(max_length=20)],
    etat: Annotated[str, Form(max_length=20)],
    note: Annotated[str, Form(max_length=LONGEST_NOTE)] = "",
) -> Response:
    cell = Cell(territoire, theme, profil)
    by = f"user:{user.id}"
    move_gap(catalogue, _scope(user), cell, etat, note=note, seen=vu, by=by, now=now)
    return see_other(f"{_gap_address(cell)}&fait=1")


def wording(request: Request, catalogue: Catalogue) -> GapWording:
    """The words of gaps in the language of the request."""
    say = _said(language_of(request))
    return GapWording(CodeLabels(catalogue.frame, catalogue.gazetteer, say), say)


@cache
def _said(language: str) -> Say:
    """A page says the same few sentences a thousand times."""
    return lru_cache(maxsize=1024)(say_in(language))


def _scope(user: User) -> Scope:
    return Scope(user.reach, user.need_types)


def _wanted(
    catalogue: Catalogue, territory: str, need_type: str, profile: str, state: str, sending: str
) -> GapFilter:
    """Filters of codes that exist; another is as if it were not given."""
    profiles = (*catalogue.frame.codes("profiles"), UNSAID, EACH)
    return GapFilter(
        territory if territory in divisions(catalogue.gazetteer).all else FRANCE,
        need_type if need_type in catalogue.frame.codes("need_types") else "",
        profile if profile in profiles else "",
        state if state in STATES else "",
        sending if sending in SENDINGS else "",
    )


def _gap_address(cell: Cell) -> str:
    query = {"territoire": cell.territory, "theme": cell.need_type, "profil": cell.profile}
    return f"{DESK}/trou?{urlencode(query)}"


def query_of(filters: Mapping[str, str]) -> str:
    """The filters that are given, as an address says them."""
    given = {name: value for name, value in filters.items() if value}
    return f"?{urlencode(given)}" if given else ""
