"""The tables, on SQLite and PostgreSQL alike. What is derived (vectors, postings) is not here."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Computed,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, kept without its zone: a server of another zone would shift it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String(200), nullable=False),
    Column("at", Moment, nullable=False),
    Column("counts", JSON, nullable=False),
)

providers = Table(
    "providers",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("name", Text, nullable=False),
)

# `record` holds what no query asks of an offer: see data/records.py.
offers = Table(
    "offers",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("provider_id", ForeignKey("providers.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("record", JSON, nullable=False),
    Column("content_hash", String(16), nullable=False),
    Column("source", String(200), nullable=False, index=True),
    Column("import_id", ForeignKey("imports.id"), nullable=False),
    Column("withdrawn_on", Date),
)

relays = Table(
    "relays",
    metadata,
    Column("offer_id", ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("relay_offer_id", String(200)),
    Column("url", Text),
)

overrides = Table(
    "overrides",
    metadata,
    Column("offer_id", ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

merged_offers = Table(
    "merged_offers",
    metadata,
    Column("offer_id", ForeignKey("offers.id", ondelete="CASCADE"), primary_key=True),
    Column("into_id", String(200), nullable=False),
    Column("before", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

territories = Table(
    "territories",
    metadata,
    Column("code", String(60), primary_key=True),
    Column("name", Text, nullable=False),
    Column("codes", JSON, nullable=False),
)

# The JSON that `StoredNeed.types` reads, as text: the codes of what a need is about stand quoted.
_ABOUT = """CASE WHEN coalesce(CAST(correction AS TEXT), 'null') != 'null'
THEN CAST(correction AS TEXT)
WHEN coalesce(CAST(need_types AS TEXT), 'null') != '[]' THEN CAST(need_types AS TEXT)
ELSE coalesce(CAST(understood AS TEXT), 'null') END"""

# What follows `versions` is what becomes of the need: see data/tables_people.py. `version` counts
# its changes, so that two people at once notice each other; `unmet` says why no answer suits.
# `partner_id` is the partner that sent the need, `external_id` what it calls it.
# `repeated`: does it say again what another of its place said? None: nobody looked yet.
# The id is the person's private link: the desk knows a need by its `key` alone. The key's empty
# default only lets the column be added; it is unique, so no second need goes without.
needs = Table(
    "needs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("today", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("place_code", String(60), index=True),
    Column("actor", JSON, nullable=False),
    Column("need_types", JSON, nullable=False),
    Column("understood", JSON),
    Column("sure", Boolean),
    Column("versions", JSON),
    Column("correction", JSON),
    Column("unmet", String(40)),
    Column("commune", String(20), index=True),
    Column("epci", String(20), index=True),
    Column("departement", String(20), index=True),
    Column("region", String(20)),
    Column("state", String(20), nullable=False, server_default="draft"),
    Column("outcome", String(20)),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("reference", String(20), unique=True, index=True),
    Column("assignee", String(40), index=True),
    Column("merged_into", String(40)),
    Column("sent_at", Moment),
    Column("seen_at", Moment),
    Column("contacted_at", Moment),
    Column("closed_at", Moment),
    Column("moved_at", Moment),
    Column("key", String(24), nullable=False, unique=True, index=True, server_default=""),
    Column("repeated", Boolean),
    Column("partner_id", String(40)),
    Column("external_id", String(200)),
    Index("ix_needs_partner_id", "partner_id", "external_id", unique=True),
    Column("about", Text, Computed(_ABOUT)),
    Index("ix_needs_counted", "outcome", "state", "region", "departement", "about"),
)

matches = Table(
    "matches",
    metadata,
    Column("need_id", ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("offer_id", String(200), nullable=False),
    Column("score", Float, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reasons", JSON, nullable=False),
)

judgements = Table(
    "judgements",
    metadata,
    Column("need_id", ForeignKey("needs.id", ondelete="CASCADE"), primary_key=True),
    Column("offer_id", String(200), primary_key=True),
    Column("source", String(60), primary_key=True),
    Column("grade", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
