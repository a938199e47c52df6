"""Every SQL query on transmissions: a need shown to a provider, by a link, and its answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, insert, select, update

from data.store_desk import Scope, Wanted, visible
from data.tables import needs
from data.tables_people import transmissions


@dataclass(frozen=True, slots=True)
class Transmission:
    """`state`: "sent", "accepted" or "refused"; `recipient` is the provider's e-mail address."""

    id: str
    need_id: str
    offer_id: str
    recipient: str
    sent_at: datetime
    expires_at: datetime
    state: str = "sent"
    reason: str | None = None
    contact_on: date | None = None
    capacity: int | None = None
    answered_at: datetime | None = None


class Room(NamedTuple):
    """How many more needs of a kind a provider said that it could take, and when."""

    capacity: int
    said_at: datetime


_COLUMNS = tuple(transmissions.c[f.name] for f in fields(Transmission))


def save_transmission(connection: Connection, made: Transmission, token: str) -> None:
    """Keep a transmission, and of its link's token a hash alone."""
    row = {f.name: getattr(made, f.name) for f in fields(Transmission)}
    connection.execute(insert(transmissions).values(token_hash=_hash(token), **row))


def load_transmission(connection: Connection, transmission_id: str) -> Transmission | None:
    return next(iter(_where(connection, transmissions.c.id == transmission_id)), None)


def transmission_of_token(connection: Connection, token: str) -> Transmission | None:
    return next(iter(_where(connection, transmissions.c.token_hash == _hash(token))), None)


def transmissions_of(connection: Connection, need_id: str) -> list[Transmission]:
    """Every transmission of a need, oldest first."""
    return _where(connection, transmissions.c.need_id == need_id)


def load_rooms(connection: Connection, scope: Scope, offer_ids: Collection[str]) -> dict[str, Room]:
    """Offer -> what its provider said last of its room, about a need that a scope sees."""
    c = transmissions.c
    query = visible(scope, Wanted(), c.offer_id, c.capacity, c.answered_at).where(
        needs.c.id == c.need_id, c.offer_id.in_(offer_ids), c.capacity.is_not(None)
    )
    rows = connection.execute(query.order_by(c.answered_at, c.id))
    return {offer_id: Room(capacity, said_at) for offer_id, capacity, said_at in rows}


def change_transmission(connection: Connection, transmission_id: str, **values: Any) -> bool:
    """Change columns of a transmission that awaits its answer; False when it has one."""
    awaiting = (transmissions.c.id == transmission_id) & (transmissions.c.state == "sent")
    return connection.execute(update(transmissions).where(awaiting).values(values)).rowcount > 0


def _where(connection: Connection, condition: ColumnElement[bool]) -> list[Transmission]:
    order = transmissions.c.sent_at, transmissions.c.id
    rows = connection.execute(select(*_COLUMNS).where(condition).order_by(*order)).mappings()
    return [Transmission(**row) for row in rows]


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
