"""Offers found to be another one: which stands for each, and what to give back if they part."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from data.records import to_record
from data.store import correct, load_overrides
from data.tables import merged_offers, overrides
from matching.domain import Offer

_PUT = ("status", "successor")
"""The fields that a merge puts by hand, so that imports leave them."""


def merge_offer(connection: Connection, offer: Offer, into: str, at: datetime) -> None:
    """Close an offer, which from then on tells of the one that stands for it."""
    record, by_hand = to_record(offer), load_overrides(connection).get(offer.id, {})
    before = {field: [record[field], field in by_hand] for field in _PUT}
    values = {"offer_id": offer.id, "into_id": into, "before": before, "at": at}
    connection.execute(insert(merged_offers).values(values))
    for field, value in zip(_PUT, ("closed", into), strict=True):
        correct(connection, offer.id, field, value, at)


def part_offer(connection: Connection, offer_id: str, at: datetime) -> bool:
    """Give an offer back what it was before it was merged; False if it is not."""
    gone = delete(merged_offers).where(merged_offers.c.offer_id == offer_id)
    before = connection.scalar(gone.returning(merged_offers.c.before))
    if before is None:
        return False
    for field, (value, by_hand) in before.items():
        correct(connection, offer_id, field, value, at)
        if not by_hand:
            put = (overrides.c.offer_id == offer_id) & (overrides.c.field == field)
            connection.execute(delete(overrides).where(put))
    return True


def load_merged(connection: Connection) -> Mapping[str, str]:
    """Offer -> the one that stands for it, the last merged first."""
    c = merged_offers.c
    query = select(c.offer_id, c.into_id).order_by(c.at.desc(), c.offer_id)
    return {row.offer_id: row.into_id for row in connection.execute(query)}
