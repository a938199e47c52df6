"""The table of what everyone is told of the gaps: a row a week, never changed."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, String, Table

from data.tables import Moment, metadata

# `places`: need type -> group of places -> what is told of its needs; `profiles`: the same of all
# needs by profile. What is too small to be told is not there. `salt` stays the same every week.
gap_counts = Table(
    "gap_counts",
    metadata,
    Column("monday", Date, primary_key=True),
    Column("taken_at", Moment, nullable=False),
    Column("salt", String(32), nullable=False),
    Column("places", JSON, nullable=False),
    Column("profiles", JSON, nullable=False),
)
