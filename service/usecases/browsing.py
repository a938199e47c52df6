"""Reading the catalogue: one offer, or a page of those that fit filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.domain import Offer
from matching.errors import AiguilleError
from matching.text import fold
from service.catalogue import Catalogue


class UnknownOffer(AiguilleError):
    """No live offer of that id."""


class BadCursor(AiguilleError):
    """A cursor that no page of ours gave."""


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """Every filter that is given must hold. `place` is a code or a name."""

    q: str | None = None
    need_type: str | None = None
    profile: str | None = None
    kind: str | None = None
    status: str | None = None
    place: str | None = None


def read_offer(catalogue: Catalogue, offer_id: str) -> Offer:
    index = catalogue.matcher.index
    row = index.rows.get(offer_id)
    return existing_offer(None if row is None else index.offers[row], offer_id)


def existing_offer(offer: Offer | None, offer_id: str) -> Offer:
    if offer is None:
        raise UnknownOffer(
            "Aucune offre « {id} » : vérifiez l’identifiant.", field="id", id=offer_id
        )
    return offer


def browse_offers(
    catalogue: Catalogue, wanted: OfferFilter, *, after: str | None, limit: int
) -> tuple[list[Offer], str | None]:
    """A page of offers in the order of their ids, and the id after which more follow, if any."""
    index = catalogue.matcher.index
    columns = index.columns
    kept = np.ones(len(columns), np.bool_)
    for column, code in (
        (columns.need_types, wanted.need_type),
        (columns.audiences, wanted.profile),
        (columns.statuses, wanted.status),
    ):
        if code is not None:
            kept &= column.bearing((code,))
    if wanted.place is not None:
        territory = catalogue.gazetteer.resolve(wanted.place)
        kept &= columns.territories.bearing(catalogue.gazetteer.within(territory.code))
    last = after or ""
    words = fold(wanted.q).split() if wanted.q else []
    texts = index.headings if words else ()
    page: list[Offer] = []
    for row in np.flatnonzero(kept).tolist():
        offer = index.offers[row]
        if offer.id <= last or (wanted.kind is not None and offer.kind != wanted.kind):
            continue
        if words and not all(word in texts[row] for word in words):
            continue
        if len(page) == limit:
            return page, page[-1].id
        page.append(offer)
    return page, None
