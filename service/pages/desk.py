"""The catalyst's inbox at `/bureau`: what waits, filtered by the address, changed many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from data.engine import write
from data.store_desk import NOBODY
from data.store_users import User, change_user
from matching.errors import AiguilleError
from service.auth import CsrfDep, require
from service.catalogue import Catalogue
from service.days import day_of, instant
from service.deps import CatalogueDep, NowDep, PageWordingDep, SettingsDep
from service.errors import status_of
from service.pages.desk_filters import AGES, MINE, OPEN, Filters, filters_of, territories_of
from service.pages.rendering import render
from service.settings import Settings
from service.statuses import CHANGED, see_other
from service.triage.clocks import How
from service.triage.reasons import CHANGES
from service.triage.states import ENDED, OUTCOMES, STATES
from service.usecases.changing import (
    Batch,
    Change,
    Changed,
    WrongChange,
    change_needs,
    find_batch,
    find_undone,
    undo_batch,
)
from service.usecases.inbox import Inbox, read_inbox
from service.wording import Labels, Wording
from service.wording_clocks import STANDING, due_sentence

CatalystDep = Annotated[User, Depends(require("triage"))]
router = APIRouter(prefix="/bureau", include_in_schema=False, dependencies=[CsrfDep])

BY_HAND = ("qualifying", "proposed", "waiting", "transmitted")
"""The states that a catalyst may give by hand."""


FiltersDep = Annotated[Filters, Depends()]


@dataclass(frozen=True, slots=True)
class InboxPage:
    """All that the template shows. `undo` is what was just done, while it may be undone; `further`:
    the list goes on from another page.
    """

    me: User
    inbox: Inbox
    filters: Filters
    labels: Labels
    territories: Mapping[str, Sequence[tuple[str, str]]]
    need_types: Sequence[tuple[str, str]]
    profiles: Sequence[tuple[str, str]]
    names: Mapping[str, str]
    further: bool = False
    undo: Batch | None = None
    seconds: int = 0
    changed: Changed | None = None
    undone: Changed | None = None
    error: str = ""
    typed: Mapping[str, str] | None = None
    marked: frozenset[str] = frozenset()
    states: ClassVar[Mapping[str, str]] = STATES
    outcomes: ClassVar[Mapping[str, str]] = OUTCOMES
    by_hand: ClassVar[Sequence[str]] = BY_HAND
    reasons: ClassVar[Mapping[str, str]] = CHANGES
    standing: ClassVar[Mapping[How, str]] = STANDING
    ages: ClassVar[Mapping[str, tuple[str, int, int | None]]] = AGES
    due_sentence = staticmethod(due_sentence)
    day_of = staticmethod(day_of)

    @property
    def ended(self) -> bool:
        """Is it a list of what ended, last first?"""
        return self.filters.etat in ENDED

    @property
    def total(self) -> int:
        """Needs of the list, of which the page shows some."""
        state = self.filters.etat if self.filters.etat in STATES else OPEN
        outcome = self.filters.issue if self.filters.issue in OUTCOMES else None
        return self.inbox.count(state, outcome)

    def gesture(self, kind: str, to: str) -> bool:
        """Was this gesture chosen in the form that comes back?"""
        return bool(self.typed) and (self.typed or {}).get("geste") == f"{kind}:{to}"


@router.get("")
def inbox(
    request: Request,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    filters: FiltersDep,
    apres: str = "",
    lot: str = "",
    annule: str = "",
) -> Response:
    """`lot` is a change just made, that may be undone; `annule` one that was just undone."""
    page = _read(catalogue, user, wording, settings, filters, now, apres)
    if lot:
        page = _with_undo(page, catalogue, settings, lot, now)
    if annule:
        page = replace(page, undone=find_undone(catalogue, user, annule))
    return render(request, "desk.html", page, private=True)


@router.post("/lot")
def change_many(
    request: Request,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    besoin: Annotated[list[str], Form()] = [],  # noqa: B006
    geste: Annotated[str, Form()] = "",
    raison: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    retour: Annotated[str, Form()] = "",
) -> Response:
    filters = filters_of(retour)
    undo = timedelta(seconds=settings.undo_seconds)
    try:
        marked = _marked(besoin)
        change = change_of(geste, raison, note, user)
        changed = change_needs(catalogue, user, marked, change, now=now, undo=undo)
    except AiguilleError as error:
        page = _read(catalogue, user, wording, settings, filters, now)
        typed = {"geste": geste, "raison": raison, "note": note}
        page = replace(page, error=error.said(wording.say), typed=typed, marked=frozenset(besoin))
        return render(request, "desk.html", page, status=status_of(error), private=True)
    if not changed.refused and changed.batch:
        return see_other(filters.query(lot=changed.batch))
    page = replace(_read(catalogue, user, wording, settings, filters, now), changed=changed)
    if changed.batch:
        page = _with_undo(page, catalogue, settings, changed.batch, now)
    return render(request, "desk.html", page, status=CHANGED, private=True)


@router.post("/annuler")
def undo(
    request: Request,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    lot: Annotated[str, Form()] = "",
    retour: Annotated[str, Form()] = "",
) -> Response:
    """Take a change back, in the seconds after it."""
    undo_time = timedelta(seconds=settings.undo_seconds)
    filters = filters_of(retour)
    try:
        undo_batch(catalogue, user, lot, now=now, undo=undo_time)
    except AiguilleError as error:
        page = replace(
            _read(catalogue, user, wording, settings, filters, now), error=error.said(wording.say)
        )
        return render(request, "desk.html", page, status=status_of(error), private=True)
    return see_other(filters.query(annule=lot))


@router.post("/raccourcis")
def shortcuts(
    user: CatalystDep, catalogue: CatalogueDep, retour: Annotated[str, Form()] = ""
) -> Response:
    """Switch the keyboard's single keys on or off, for this account."""
    with write(catalogue.engine) as connection:
        change_user(connection, user.id, shortcuts=not user.shortcuts)
    return see_other(filters_of(retour).query())


def change_of(gesture: str, reason: str, note: str, user: User) -> Change:
    """A gesture of the form ("assign:me", "move:waiting", "close:helped") as a change."""
    kind, _, to = gesture.partition(":")
    if kind == "assign":
        return Change("assign", user.id if to == MINE else to or NOBODY, reason, note)
    if kind == "move" and to in BY_HAND:
        return Change("move", to, reason, note)
    if kind == "close" and to in OUTCOMES:
        return Change("close", to, reason, note)
    raise WrongChange("Choisissez un geste dans la liste.", field="geste")


def _marked(values: Sequence[str]) -> list[tuple[str, int]]:
    """The checked needs: "key:version" each."""
    pairs = [value.rpartition(":") for value in values]
    known = [(key, version) for key, _, version in pairs if version.isdecimal()]
    return [(key, int(version)) for key, version in known if len(version) < 10]


def _read(
    catalogue: Catalogue,
    user: User,
    wording: Wording,
    settings: Settings,
    filters: Filters,
    now: datetime,
    after: str = "",
) -> InboxPage:
    found = read_inbox(
        catalogue,
        user,
        filters.wanted(user, now),
        now=now,
        clocks=settings.clocks,
        after=after or None,
    )
    frame, labels = catalogue.frame, wording.labels
    types = [
        (c, labels.label("need_types", c)) for c in user.need_types or frame.codes("need_types")
    ]
    return InboxPage(
        me=user,
        inbox=found,
        filters=filters,
        labels=labels,
        territories=territories_of(catalogue, user),
        need_types=sorted(types, key=lambda t: t[1]),
        profiles=[(c, labels.label("profiles", c)) for c in frame.codes("profiles")],
        names={u.id: u.name for u in found.users},
        further=bool(after),
    )


def _with_undo(
    page: InboxPage, catalogue: Catalogue, settings: Settings, batch: str, now: datetime
) -> InboxPage:
    undo = timedelta(seconds=settings.undo_seconds)
    found = find_batch(catalogue, page.me, batch, now=now, undo=undo)
    if found is None:
        return page
    left = (instant(found.until) - now).total_seconds()
    return replace(page, undo=found, seconds=max(round(left), 1))
