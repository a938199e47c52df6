"""The public inventory: what it holds, each offer, and how to suggest a correction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from matching.domain import Offer
from service.catalogue import Catalogue
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.rendering import render
from service.statuses import TO_CORRECT, see_other
from service.usecases.browsing import OfferFilter, UnknownOffer, browse_offers, read_offer
from service.usecases.merging import stands_for
from service.usecases.tending import (
    BadSuggestion,
    Counters,
    count_offers,
    make_suggestion,
)
from service.wording import UNVERIFIED, Labels, Wording

router = APIRouter(include_in_schema=False)

PAGE = 20


@dataclass(frozen=True, slots=True)
class InventoryPage:
    """The counters, and a page of the offers that fit what was asked."""

    counters: Counters
    offers: tuple[Offer, ...]
    asked: Mapping[str, str]
    lists: Mapping[str, Mapping[str, str]]
    after: str | None
    wording: Wording


@dataclass(frozen=True, slots=True)
class OfferPage:
    offer: Offer
    wording: Wording
    successor: Offer | None
    thanked: bool = False
    typed: str = ""
    error: str = ""
    unverified: str = UNVERIFIED


@router.get("/inventaire")
def inventory(
    request: Request,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    q: Annotated[str, Query(max_length=200)] = "",
    need_type: Annotated[str, Query(max_length=60)] = "",
    profile: Annotated[str, Query(max_length=60)] = "",
    suite: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Compteurs de l’inventaire, et les offres qu’il contient."""
    wanted = OfferFilter(q=q or None, need_type=need_type or None, profile=profile or None)
    offers, after = browse_offers(catalogue, wanted, after=suite or None, limit=PAGE)
    asked = {"q": q, "need_type": need_type, "profile": profile}
    page = InventoryPage(
        count_offers(catalogue),
        tuple(offers),
        asked,
        _lists(catalogue, wording.labels),
        after,
        wording,
    )
    return render(request, "inventory.html", page)


@router.get("/offres/{offer_id}")
def offer(
    request: Request,
    offer_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    merci: str = "",
) -> Response:
    """Une offre, ses sources et la date de sa vérification."""
    try:
        page = _offer(catalogue, wording, offer_id, thanked=bool(merci))
    except UnknownOffer:
        kept = stands_for(catalogue, offer_id)
        if kept is None:
            raise
        return see_other(f"/offres/{kept}")
    return render(request, "offer.html", page)


@router.post("/offres/{offer_id}/corriger")
def suggest(
    request: Request,
    offer_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Une correction suggérée : quelqu’un du bureau la lira."""
    try:
        make_suggestion(catalogue, offer_id, text, now)
    except BadSuggestion as error:
        page = _offer(catalogue, wording, offer_id, typed=text, error=error.said(wording.say))
        return render(request, "offer.html", page, status=TO_CORRECT)
    return see_other(f"/offres/{offer_id}?merci=1#corriger")


def _offer(
    catalogue: Catalogue,
    wording: Wording,
    offer_id: str,
    *,
    thanked: bool = False,
    typed: str = "",
    error: str = "",
) -> OfferPage:
    found = read_offer(catalogue, offer_id)
    rows, offers = catalogue.matcher.index.rows, catalogue.matcher.index.offers
    row = rows.get(found.successor or "")
    after = None if row is None else offers[row]
    return OfferPage(found, wording, after, thanked, typed, error)


def _lists(catalogue: Catalogue, labels: Labels) -> Mapping[str, Mapping[str, str]]:
    """What the filters offer: list -> code -> label."""
    names = ("need_types", "profiles", "kinds")
    return {n: {code: labels.label(n, code) for code in catalogue.frame.codes(n)} for n in names}
