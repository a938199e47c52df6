"""/v1/offers: the catalogue, by page and one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from service.cursors import opened, signed
from service.deps import CatalogueDep, SettingsDep
from service.errors import responses
from service.schemas.offers import OfferOut, OfferPage
from service.usecases.browsing import OfferFilter, browse_offers, read_offer

router = APIRouter(prefix="/offers", tags=["offers"])

Text = Annotated[str | None, Query(max_length=200)]
LIST = "offers"


@router.get("", responses=responses(422))
def list_offers(
    catalogue: CatalogueDep,
    settings: SettingsDep,
    q: Text = None,
    need_type: Text = None,
    profile: Text = None,
    kind: Text = None,
    status: Text = None,
    place: Text = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> OfferPage:
    """Les offres, dans l’ordre de leurs identifiants ; chaque filtre donné doit être rempli."""
    wanted = OfferFilter(q, need_type, profile, kind, status, place)
    after = None if cursor is None else opened(settings, LIST, cursor)[0]
    page, last = browse_offers(catalogue, wanted, after=after, limit=limit)
    following = None if last is None else signed(settings, LIST, last)
    return OfferPage(offers=[OfferOut.of(o) for o in page], next_cursor=following)


@router.get("/{offer_id}", responses=responses(404, 422))
def get_offer(offer_id: str, catalogue: CatalogueDep) -> OfferOut:
    """Une offre."""
    return OfferOut.of(read_offer(catalogue, offer_id))
