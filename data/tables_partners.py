"""The tables of partners: portals that send needs, and the keys by which we know them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from data.tables import Moment, metadata

partners = Table(
    "partners",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("email", String(320), nullable=False),
    Column("created_at", Moment, nullable=False),
)

# `digest`: HMAC of the secret half; `mode`: "live" or "test"; `used_on`: a day is precise enough.
keys = Table(
    "keys",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("partner_id", ForeignKey("partners.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("label", String(80), nullable=False),
    Column("mode", String(8), nullable=False),
    Column("scopes", JSON, nullable=False),
    Column("origins", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("used_on", Date),
)

# What is left of a partner's need once it is erased, so that its counts and ours stay equal.
erased_needs = Table(
    "erased_needs",
    metadata,
    Column("need_id", String(40), primary_key=True),
    Column("partner_id", String(40), nullable=False, index=True),
    Column("external_id", String(200)),
)

# What was answered under an Idempotency-Key: `digest` says by whom, where and under which key,
# `fingerprint` which body was sent. `claim`: who is answering. Without `status`: not answered yet.
# `body` is sealed; NULL with a status: what it held was erased.
idempotency = Table(
    "idempotency",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("claimed_at", Moment, nullable=False, index=True),
    Column("claim", String(32), nullable=False),
    Column("status", Integer),
    Column("headers", JSON),
    Column("body", LargeBinary),
    Column("need_id", String(40), index=True),
)
