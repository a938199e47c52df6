"""The tables of people: what becomes of a need after its answer, who triages it, what is due.

A need's row holds no contact: `contacts` does, so that erasing a person is deleting rows.
`audit` has no foreign key on purpose: it outlives what it tells of, and holds no words of anyone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from data.tables import Moment, metadata


def _need(**options: Any) -> Column[str]:
    return Column("need_id", ForeignKey("needs.id", ondelete="CASCADE"), **options)


# `language`: that of the pages the person sent their need on, in which they are written to.
contacts = Table(
    "contacts",
    metadata,
    _need(primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("language", String(2), nullable=False, server_default="fr"),
)

# `recipient`: "catalyst", or the id of the offer whose provider may read the need.
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    _need(nullable=False, index=True),
    Column("recipient", String(200), nullable=False),
    Column("text_version", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

# What the desk asks the person to consent to: gone once answered, either way.
consent_asks = Table(
    "consent_asks",
    metadata,
    _need(primary_key=True),
    Column("offer_id", String(200), primary_key=True),
    Column("asked_by", String(80), nullable=False),
    Column("at", Moment, nullable=False),
)

# `author`: "person", "provider", or "user:" and an id; `audience`: "desk" or "person".
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    _need(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("author", String(80), nullable=False),
    Column("audience", String(20), nullable=False),
    Column("text", Text, nullable=False),
)

# What was understood, and what a person made of it: kept to learn from.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Integer, primary_key=True),
    _need(nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("author", String(80), nullable=False),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
)

# The words of a need as one encoder reads them: how its like are found. Erased with its words.
need_vectors = Table(
    "need_vectors",
    metadata,
    _need(primary_key=True),
    Column("encoder", String(120), nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

# A catalyst's word on one offer for one need: "accepted", "rejected" or "added".
decisions = Table(
    "decisions",
    metadata,
    _need(primary_key=True),
    Column("offer_id", String(200), primary_key=True),
    Column("decision", String(20), nullable=False),
    Column("reason", String(40)),
    Column("position", Integer, nullable=False),
    Column("user_id", String(40), nullable=False),
    Column("at", Moment, nullable=False),
)

# `state`: "sent", "accepted", "refused"; the link's token is kept as a hash alone. `reason` is why
# the provider refused, or "not-yet" when it read the need and will answer later.
transmissions = Table(
    "transmissions",
    metadata,
    Column("id", String(40), primary_key=True),
    _need(nullable=False, index=True),
    Column("offer_id", String(200), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("sent_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
    Column("contact_on", Date),
    Column("capacity", Integer),
    Column("answered_at", Moment),
)

# `closed_at`: since when nobody may sign in to it; long after, the row goes. `notices`: how often
# they are told what waits, in a code; none when they did not say.
users = Table(
    "users",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("territories", JSON, nullable=False),
    Column("need_types", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("shortcuts", Boolean, nullable=False),
    Column("language", String(2), nullable=False, server_default="fr"),
    Column("notices", String(10)),
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("need_id", String(40), index=True),
    Column("action", String(40), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False),
)

# What must be done even if the process dies: mails, reminders. Done rows keep no payload.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("need_id", String(40), index=True),
    Column("payload", JSON, nullable=False),
    Column("key", String(120), unique=True),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", String(200)),
    Column("done_at", Moment),
    Index("ix_outbox_due", "done_at", "due_at"),
)

# The life of a hole: "open", "taken" (somebody works on it) or "filled". Counts are derived.
gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("territory", String(20), nullable=False),
    Column("need_type", String(60), nullable=False),
    Column("profile", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("territory", "need_type", "profile", name="uq_gaps_cell"),
)

# An offer that came after a need was left without a sufficient answer, and that answers it.
# `told`: the person was written to about it: once a need, and mails leave no lasting trace.
rematches = Table(
    "rematches",
    metadata,
    _need(primary_key=True),
    Column("offer_id", String(200), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("at", Moment, nullable=False),
    Column("told", Boolean, nullable=False, server_default=false()),
)

# A correction of an offer that anybody may suggest: "new", "applied" or "refused".
suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offer_id", String(200), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", Moment),
)

# What following each link of the catalogue gave, last time, and how often it failed in a row.
links = Table(
    "links",
    metadata,
    Column("url", String(2000), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("problem", String(40)),
    Column("failures", Integer, nullable=False),
)
