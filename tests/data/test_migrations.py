"""Migrations over databases that hold something: nothing is lost on the way down and up again.

`AIGUILLE_SOAK_ROWS`: how many rows a table (50,000 in all: 1,400).
"""

from __future__ import annotations

import os
from hashlib import sha256

from sqlalchemy import LargeBinary, Text, cast, delete, inspect, select, update

from data.engine import migrate, read, write
from data.schema import metadata
from data.store import save_area
from data.tables import needs, territories
from data.territories import Area
from tests.rows import fill

ROWS = int(os.environ.get("AIGUILLE_SOAK_ROWS", "40"))
FIRST = "0001"


def columns_of(engine):
    """(table, columns) as they are now, in the words of the tables of today."""
    found = inspect(engine)
    return {
        name: [metadata.tables[name].c[c["name"]] for c in found.get_columns(name)]
        for name in found.get_table_names()
        if name in metadata.tables
    }


def digests(engine, shape):
    """(rows, digest) of each table, of these columns alone."""
    told = {}
    with read(engine) as connection:
        for name, columns in shape.items():
            shown = [c if isinstance(c.type, LargeBinary) else cast(c, Text) for c in columns]
            found = connection.execute(select(*shown))
            hashes = sorted(sha256(repr(tuple(row)).encode()).digest() for row in found)
            told[name] = len(hashes), sha256(b"".join(hashes)).hexdigest()
    return told


def test_what_the_first_version_held_is_the_same_after_all_migrations_down_and_up(engine):
    with write(engine) as connection:
        fill(connection, 20261125, ROWS)
        # Places are read on the way.
        connection.execute(delete(territories))
        save_area(connection, Area("AREA-parc", "Parc", ("DEP-48",)))
        connection.execute(update(needs).values(place_code="COM-48095"))
    whole = columns_of(engine)
    all_rows = sum(rows for rows, _ in digests(engine, whole).values())
    migrate(engine, FIRST)
    first = columns_of(engine)
    before = digests(engine, first)
    migrate(engine)
    assert digests(engine, first) == before
    assert columns_of(engine) == whole
    migrate(engine, "base")
    assert columns_of(engine) == {}
    migrate(engine)
    assert columns_of(engine) == whole
    said = f"{engine.dialect.name}: {all_rows} rows, {len(before)} tables of the first version"
    print(f"\n{said}")  # noqa: T201  (with -s)
    assert before["needs"][0] == before["offers"][0] == ROWS
