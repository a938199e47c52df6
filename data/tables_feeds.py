"""The tables of feeds: catalogues that are fetched again and again, and what is missing of each."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, false

from data.tables import Moment, metadata

# `name` is the source of its offers: a feed that is added again finds those it left. `local`: an
# operator lets it reach addresses of this network. `busy_until`: a run goes on, or its process
# died. `etag`, `modified`, `digest`: of what was read last. `held`: {"absent", "of"} of a run that
# waits for a person; `accepted`: one said that it is right.
feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(120), nullable=False, unique=True),
    Column("url", String(2000), nullable=False),
    Column("format", String(60), nullable=False),
    Column("every_s", Integer, nullable=False),
    Column("local", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("busy_until", Moment),
    Column("etag", String(500)),
    Column("modified", String(100)),
    Column("digest", String(64)),
    Column("succeeded_at", Moment),
    Column("counts", JSON(none_as_null=True)),
    Column("failed_at", Moment),
    Column("failure", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("held", JSON(none_as_null=True)),
    Column("accepted", Boolean, nullable=False, server_default=false()),
)

# An offer of a feed that its last successful run, or several in a row, did not have.
feed_absences = Table(
    "feed_absences",
    metadata,
    Column("feed_id", ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True),
    Column("offer_id", String(200), primary_key=True),
    Column("runs", Integer, nullable=False),
)
