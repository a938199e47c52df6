"""Two offers that are one: the desk keeps one of them, and the other says which."""

from __future__ import annotations

from datetime import datetime

from data.audit import append
from data.engine import read, write
from data.store import load_offer
from data.store_merged import load_merged, merge_offer, part_offer
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.freshness import LIVE
from service.usecases.browsing import existing_offer
from service.usecases.rematching import queue_rematch


class CannotMerge(AiguilleError):
    """Offers that cannot become one."""


def merge_offers(
    catalogue: Catalogue, offer_id: str, into_id: str, *, by: str, now: datetime
) -> None:
    """Close an offer that another stands for. It keeps its page, which leads to the other."""
    with write(catalogue.engine) as connection:
        both = [existing_offer(load_offer(connection, i), i) for i in (offer_id, into_id)]
        if offer_id == into_id or any(o.status not in LIVE for o in both):
            raise CannotMerge(
                "Deux offres en cours étaient attendues : l’une des deux ne l’est plus. "
                "Rechargez la page.",
                field="fermer",
            )
        merge_offer(connection, both[0], into_id, now)
        append(connection, at=now, actor=by, action="offer-merged", offer=offer_id, into=into_id)


def part_offers(catalogue: Catalogue, offer_id: str, *, by: str, now: datetime) -> None:
    """Have an offer proposed again, as before it was merged, and matched with what it may answer.

    What its source says by now comes with the next import.
    """
    with write(catalogue.engine) as connection:
        existing_offer(load_offer(connection, offer_id), offer_id)
        if part_offer(connection, offer_id, now):
            append(connection, at=now, actor=by, action="offer-parted", offer=offer_id)
            queue_rematch(connection, [offer_id], now)


def stands_for(catalogue: Catalogue, offer_id: str) -> str | None:
    """The live offer that stands for one that was merged, whatever became of that one."""
    with read(catalogue.engine) as connection:
        into = load_merged(connection).get(offer_id)
    return into if into in catalogue.matcher.index.rows else None
