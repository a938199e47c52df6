"""Every SQL query of a need's page: what was decided, written, corrected; what helped before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from data.tables import needs
from data.tables_people import corrections, decisions, messages, need_vectors

Vector = NDArray[np.float32]
CHOSEN = ("accepted", "added")
"""The decisions by which an offer is proposed to the person."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A catalyst's word on one offer for one need; `position` orders those that are chosen."""

    offer_id: str
    decision: str
    reason: str | None
    position: int
    user_id: str
    at: datetime

    @property
    def chosen(self) -> bool:
        return self.decision in CHOSEN


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was understood, and what somebody made of it."""

    at: datetime
    author: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def decisions_of(connection: Connection, need_id: str) -> list[Decision]:
    """What was decided of each offer for a need: the chosen ones first, in their order."""
    return decisions_of_all(connection, [need_id]).get(need_id, [])


def decisions_of_all(
    connection: Connection, need_ids: Sequence[str]
) -> Mapping[str, list[Decision]]:
    """The same for several needs."""
    c = decisions.c
    query = select(c.need_id, c.offer_id, c.decision, c.reason, c.position, c.user_id, c.at)
    query = query.where(c.need_id.in_(need_ids)).order_by(c.position, c.offer_id)
    found: dict[str, list[Decision]] = {}
    for need_id, *told in connection.execute(query):
        found.setdefault(need_id, []).append(Decision(*told))
    return {n: sorted(d, key=lambda one: not one.chosen) for n, d in found.items()}


def save_decision(connection: Connection, need_id: str, decided: Decision) -> None:
    """Keep one decision in place of the one before it."""
    forget_decision(connection, need_id, decided.offer_id)
    row = {
        "need_id": need_id,
        "offer_id": decided.offer_id,
        "decision": decided.decision,
        "reason": decided.reason,
        "position": decided.position,
        "user_id": decided.user_id,
        "at": decided.at,
    }
    connection.execute(insert(decisions).values(row))


def forget_decision(connection: Connection, need_id: str, offer_id: str) -> None:
    connection.execute(delete(decisions).where(_decided(need_id, offer_id)))


def place_decisions(connection: Connection, need_id: str, offer_ids: Sequence[str]) -> None:
    """Number the decisions on these offers in this order, from 1."""
    for position, offer_id in enumerate(offer_ids, start=1):
        where = _decided(need_id, offer_id)
        connection.execute(update(decisions).where(where).values(position=position))


def _decided(need_id: str, offer_id: str) -> Any:
    return (decisions.c.need_id == need_id) & (decisions.c.offer_id == offer_id)


def remove_messages(
    connection: Connection, need_ids: Sequence[str], *, author: str, at: datetime
) -> None:
    """Take back what somebody wrote on these needs at one moment."""
    c = messages.c
    where = c.need_id.in_(need_ids) & (c.author == author) & (c.at == at)
    connection.execute(delete(messages).where(where))


def corrections_of(connection: Connection, need_id: str) -> list[Corrected]:
    """What was made of what was understood, last first."""
    c = corrections.c
    query = select(c.at, c.author, c.before, c.after).where(c.need_id == need_id)
    return [Corrected(*row) for row in connection.execute(query.order_by(c.id.desc()))]


def merged_into(connection: Connection, need_id: str) -> list[str]:
    """The references, or keys, of the needs that were found to ask the same as this one."""
    query = select(func.coalesce(needs.c.reference, needs.c.key))
    query = query.where(needs.c.merged_into == need_id)
    return sorted(connection.scalars(query))


def save_vector(connection: Connection, need_id: str, encoder: str, vector: Vector) -> None:
    """Keep how one encoder reads the words of a need; the last one counts."""
    connection.execute(delete(need_vectors).where(need_vectors.c.need_id == need_id))
    kept = vector.astype(np.float16).tobytes()
    connection.execute(insert(need_vectors).values(need_id=need_id, encoder=encoder, vector=kept))


def vectors_of(
    connection: Connection, need_ids: Sequence[str], encoder: str
) -> Mapping[str, Vector]:
    """The kept vectors of these needs by that encoder."""
    c = need_vectors.c
    query = select(c.need_id, c.vector).where(c.need_id.in_(need_ids), c.encoder == encoder)
    return {
        need_id: np.frombuffer(kept, np.float16).astype(np.float32)
        for need_id, kept in connection.execute(query)
    }
