"""The tables of webhooks: where partners want to be told of events, and what is told to each."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.tables import Moment, metadata

# Partners are in the main database, and a webhook in that of its mode: no foreign key.
# `state`: "active", "paused" by its partner, or "disabled" by us for want of an answer.
# No secret is kept: it is derived from the installation's, by the id and `generation`.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("partner_id", String(40), nullable=False, index=True),
    Column("url", String(2000), nullable=False),
    Column("events", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("turned_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

# One event for one webhook; `body` is what is sent, the same at each try.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(40), nullable=False),
    Column("type", String(40), nullable=False),
    Column("need_id", String(40), index=True),
    Column("body", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", Moment),
    Column("status", Integer),
    Column("error", String(40)),
    Column("delivered_at", Moment),
    UniqueConstraint("webhook_id", "event_id", name="uq_deliveries_event"),
    Index("ix_deliveries_due", "delivered_at", "due_at"),
)

# How far a job has come, where its own rows cannot say: "events" in the audit log.
marks = Table(
    "marks",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", String(40), nullable=False),
)
