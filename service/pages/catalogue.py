"""The catalogue desk: what needs a look, the form that mends an offer, what the public suggests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from starlette.responses import Response

from data.fields import FIELDS
from data.store_users import User
from matching.domain import Offer
from service.auth import CsrfDep, require
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.feeds import FeedShown, feeds_shown
from service.pages.rendering import render
from service.statuses import TO_CORRECT, see_other
from service.triage.roles import may
from service.usecases.merging import merge_offers, part_offers
from service.usecases.tending import (
    EDITABLE,
    LABELS,
    BadEdit,
    CatalogueDesk,
    Edited,
    edit,
    open_edit,
    settle,
    tend,
)

router = APIRouter(prefix="/bureau/catalogue", dependencies=[CsrfDep], include_in_schema=False)

MOST = 100
LONG = ("summary", "description", "next_step")
"""Fields that want room to write."""
LARGEST_ID = 2**31 - 1
"""What a database counts rows up to."""

SeerDep = Annotated[User, Depends(require("see-catalogue"))]
TenderDep = Annotated[User, Depends(require("edit-catalogue"))]


@dataclass(frozen=True, slots=True)
class DeskPage:
    desk: CatalogueDesk
    flag: str
    words: str
    titles: Mapping[str, str]
    feeds: tuple[FeedShown, ...]
    may_edit: bool
    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    most: int = MOST


@dataclass(frozen=True, slots=True)
class EditPage:
    """`values` is what is stored, or what was typed when it was refused."""

    offer: Offer
    values: Mapping[str, str]
    edited: Edited
    errors: Mapping[str, str]
    saved: bool
    names: Mapping[str, str] = field(
        default_factory=lambda: {f: FIELDS[f].header for f in EDITABLE}
    )
    helps: Mapping[str, str] = field(default_factory=lambda: {f: FIELDS[f].help for f in EDITABLE})
    long: tuple[str, ...] = LONG


@router.get("")
def desk(
    request: Request,
    user: SeerDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    drapeau: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    flag = drapeau if drapeau in LABELS else ""
    found = tend(catalogue, today=day_of(now), flag=flag or None, words=q, limit=MOST)
    titles = {o.id: o.title for o in catalogue.matcher.index.offers}
    feeds = feeds_shown(found.feeds, wording, now)
    page = DeskPage(found, flag, q, titles, feeds, may(user, "edit-catalogue"))
    return render(request, "desk_catalogue.html", page, private=True)


@router.post("/doublons/reunir")
def merge(
    user: TenderDep,
    catalogue: CatalogueDep,
    now: NowDep,
    garder: Annotated[str, Form()],
    fermer: Annotated[str, Form()],
) -> Response:
    merge_offers(catalogue, fermer, garder, by=f"user:{user.id}", now=now)
    return see_other("/bureau/catalogue#reunies")


@router.post("/doublons/separer")
def part(
    user: TenderDep, catalogue: CatalogueDep, now: NowDep, offre: Annotated[str, Form()]
) -> Response:
    part_offers(catalogue, offre, by=f"user:{user.id}", now=now)
    return see_other("/bureau/catalogue#doublons")


@router.get("/{offer_id}")
def form(
    request: Request, _: SeerDep, offer_id: str, catalogue: CatalogueDep, fait: str = ""
) -> Response:
    edited = open_edit(catalogue, offer_id)
    page = EditPage(edited.offer, edited.values, edited, {}, bool(fait))
    return render(request, "desk_offer.html", page, private=True)


async def _typed(request: Request) -> Mapping[str, str]:
    sent = await request.form()
    return {f: str(sent[f]).replace("\r\n", "\n") for f in EDITABLE if f in sent}


@router.post("/{offer_id}")
def save(
    request: Request,
    user: TenderDep,
    offer_id: str,
    catalogue: CatalogueDep,
    now: NowDep,
    typed: Annotated[Mapping[str, str], Depends(_typed)],
) -> Response:
    try:
        edit(catalogue, offer_id, typed, by=f"user:{user.id}", now=now)
    except BadEdit as wrong:
        edited = open_edit(catalogue, offer_id)
        page = EditPage(edited.offer, {**edited.values, **typed}, edited, wrong.errors, False)
        return render(request, "desk_offer.html", page, status=TO_CORRECT, private=True)
    return see_other(f"/bureau/catalogue/{offer_id}?fait=1")


@router.post("/suggestions/{suggestion_id}")
def decide(
    user: TenderDep,
    suggestion_id: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    catalogue: CatalogueDep,
    now: NowDep,
    decision: Annotated[str, Form()],
) -> Response:
    state = "applied" if decision == "applied" else "refused"
    settle(catalogue, suggestion_id, state, by=f"user:{user.id}", now=now)
    return see_other("/bureau/catalogue#suggestions")
