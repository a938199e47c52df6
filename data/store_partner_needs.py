"""Every SQL query on the needs that a partner sent: its own, never another's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from data.store_needs import Sender, StoredNeed, stored_need
from data.tables import needs
from data.tables_partners import erased_needs


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which needs of a partner; each that is given must hold. `after`: (created_at, id)."""

    partner_id: str
    state: str | None = None
    external_id: str | None = None
    moved_since: datetime | None = None
    after: tuple[datetime, str] | None = None


def needs_of_partner(connection: Connection, wanted: Wanted, limit: int) -> list[StoredNeed]:
    """At most `limit` of them, in the order they were sent: a later one never shifts a page."""
    c = needs.c
    where: list[ColumnElement[bool]] = [c.partner_id == wanted.partner_id]
    if wanted.state is not None:
        where.append(c.state == wanted.state)
    if wanted.external_id is not None:
        where.append(c.external_id == wanted.external_id)
    if wanted.moved_since is not None:
        where.append(func.coalesce(c.moved_at, c.created_at) >= wanted.moved_since)
    if wanted.after is not None:
        at, need_id = wanted.after
        where.append(or_(c.created_at > at, and_(c.created_at == at, c.id > need_id)))
    query = select(needs).where(*where).order_by(c.created_at, c.id).limit(limit)
    return [stored_need(row) for row in connection.execute(query).mappings()]


def counts_of_partner(connection: Connection, partner_id: str) -> Mapping[str, int]:
    """How many needs of a partner are in each state; "erased" is one here."""
    c = needs.c
    query = (
        select(c.state, func.count().label("number"))
        .where(c.partner_id == partner_id)
        .group_by(c.state)
    )
    found = {row.state: row.number for row in connection.execute(query)}
    gone = select(func.count()).where(erased_needs.c.partner_id == partner_id)
    erased = connection.scalar(gone) or 0
    return {**found, "erased": erased} if erased else found


def senders(connection: Connection, need_ids: Collection[str]) -> Mapping[str, Sender]:
    """Need -> the partner that sent it, of those that a partner sent, erased since or not."""
    ids, gone = needs.c.id, erased_needs.c.need_id
    columns = (needs.c.partner_id, needs.c.external_id)
    sent = select(ids, *columns).where(ids.in_(need_ids), needs.c.partner_id.is_not(None))
    erased = select(*erased_needs.c["need_id", "partner_id", "external_id"])
    rows = connection.execute(sent.union_all(erased.where(gone.in_(need_ids))))
    return {need_id: Sender(*by) for need_id, *by in rows}


def erased_of(connection: Connection, need_id: str) -> str | None:
    """The partner that had sent the need that was erased; None when none had."""
    query = select(erased_needs.c.partner_id).where(erased_needs.c.need_id == need_id)
    return connection.scalar(query)
