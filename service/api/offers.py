"""/v1/offers: the catalogue, by page and one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from service.deps import CatalogueDep
from service.errors import responses
from service.schemas.offers import OfferOut, OfferPage
from service.statuses import TO_CORRECT, UNKNOWN
from service.usecases.browsing import OfferFilter, browse_offers, read_offer

router = APIRouter(prefix="/offers", tags=["offers"])

Text = Annotated[str | None, Query(max_length=200)]


@router.get("", responses=responses(TO_CORRECT))
def list_offers(
    catalogue: CatalogueDep,
    q: Text = None,
    need_type: Text = None,
    profile: Text = None,
    kind: Text = None,
    status: Text = None,
    place: Text = None,
    cursor: Text = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> OfferPage:
    """Les offres, dans l’ordre de leurs identifiants ; chaque filtre donné doit être rempli."""
    wanted = OfferFilter(q, need_type, profile, kind, status, place)
    page, after = browse_offers(catalogue, wanted, after=cursor, limit=limit)
    return OfferPage(offers=[OfferOut.of(o) for o in page], next_cursor=after)


@router.get("/{offer_id}", responses=responses(UNKNOWN, TO_CORRECT))
def get_offer(offer_id: str, catalogue: CatalogueDep) -> OfferOut:
    """Une offre."""
    return OfferOut.of(read_offer(catalogue, offer_id))
