"""Forgetting: a need erased with all that hangs on it, or its words alone.

The audit log stays: it holds codes only. Both functions leave it to the caller to append the line
that tells of the erasing, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from data.store_idempotency import forget_answers
from data.tables import judgements, matches, needs
from data.tables_partners import erased_needs
from data.tables_people import (
    consent_asks,
    consents,
    contacts,
    corrections,
    decisions,
    messages,
    need_vectors,
    outbox,
    rematches,
    transmissions,
)
from data.tables_webhooks import deliveries

HANGING = (
    matches,
    judgements,
    contacts,
    consents,
    consent_asks,
    messages,
    corrections,
    decisions,
    transmissions,
    need_vectors,
    rematches,
)
"""The tables whose rows go with their need."""

WORDS = (contacts, messages, consent_asks, need_vectors, outbox)
"""The tables whose rows go when a need keeps its figures and loses its words."""


def erase(connection: Connection, need_id: str) -> Mapping[str, int]:
    """Erase a need, what hangs on it and what was about to be sent; rows erased, by table.

    The partner that sent it may go on knowing that there was one.
    """
    theirs = select(needs.c.id, needs.c.partner_id, needs.c.external_id).where(
        needs.c.id == need_id, needs.c.partner_id.is_not(None)
    )
    kept = ("need_id", "partner_id", "external_id")
    connection.execute(insert(erased_needs).from_select(kept, theirs))
    counts = {table.name: _count(connection, table, need_id) for table in HANGING}
    counts["outbox"] = _delete(connection, outbox, need_id)
    forget_answers(connection, need_id)
    counts["deliveries"] = _delete(connection, deliveries, need_id)
    merged = needs.c.merged_into == need_id
    connection.execute(update(needs).where(merged).values(merged_into=None))
    # The keys of the tables above say ON DELETE CASCADE.
    counts["needs"] = connection.execute(delete(needs).where(needs.c.id == need_id)).rowcount
    return counts


def forget_words(connection: Connection, need_id: str) -> Mapping[str, int]:
    """Erase who asked and in which words, and keep the rest to be counted; rows changed."""
    counts = {table.name: _delete(connection, table, need_id) for table in WORDS}
    forget_answers(connection, need_id)
    quoted = select(matches.c.rank, matches.c.reasons).where(matches.c.need_id == need_id)
    for rank, reasons in connection.execute(quoted).all():
        one = (matches.c.need_id == need_id) & (matches.c.rank == rank)
        codes = [[code, weight, []] for code, weight, _ in reasons]
        connection.execute(update(matches).where(one).values(reasons=codes))
    addressed = update(transmissions).where(transmissions.c.need_id == need_id)
    connection.execute(addressed.values(recipient=""))
    said = (needs.c.id == need_id) & (needs.c.text != "")
    emptied = update(needs).where(said).values(text="", version=needs.c.version + 1)
    counts["needs"] = connection.execute(emptied).rowcount
    return counts


def _count(connection: Connection, table: Table, need_id: str) -> int:
    query = select(func.count()).select_from(table).where(table.c.need_id == need_id)
    return connection.scalar(query) or 0


def _delete(connection: Connection, table: Table, need_id: str) -> int:
    return connection.execute(delete(table).where(table.c.need_id == need_id)).rowcount
