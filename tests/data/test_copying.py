"""A database goes to another and comes back as it was, JSON nulls and counters included."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text, update

from data.copying import CannotCopy, copy, digest_of
from data.engine import migrate, open_engine, read, write
from data.tables import imports, needs
from tests.rows import FIRST, fill


@pytest.fixture
def elsewhere(tmp_path):
    opened = open_engine(f"sqlite:///{tmp_path / 'b.db'}")
    migrate(opened)
    yield opened
    opened.dispose()


def digests(engine):
    with read(engine) as connection:
        return digest_of(connection)


def test_every_table_goes_to_another_database_and_comes_back_the_same(engine, elsewhere):
    with write(engine) as connection:
        fill(connection, 1, 40)
    told = []
    copied = copy(engine, elsewhere, lambda *step: told.append(step))
    assert copied == digests(engine) == digests(elsewhere)
    assert min(one.rows for one in copied) > 0
    assert ("needs", 40, 40) in told
    with write(engine) as connection:
        connection.execute(text("delete from relays"))
    migrate(engine, "base")
    migrate(engine)
    assert copy(elsewhere, engine) == copied
    with write(engine) as connection:
        last = connection.scalar(select(imports.c.id).order_by(imports.c.id.desc()).limit(1))
        row = {"source": "neuf", "at": FIRST, "counts": {}}
        (added,) = connection.execute(insert(imports).values(row)).inserted_primary_key
    assert added == last + 1


def test_a_digest_tells_a_json_null_from_none_and_one_row_from_another(engine):
    with write(engine) as connection:
        fill(connection, 2, 3)
    before = digests(engine)
    with write(engine) as connection:
        connection.execute(update(needs).values(versions=None))
    written = digests(engine)
    with write(engine) as connection:
        connection.execute(text("update needs set versions = null"))
    assert len({tuple(before), tuple(written), tuple(digests(engine))}) == 3


def test_a_database_that_holds_something_or_is_of_another_version_is_refused_whole(
    engine, elsewhere
):
    with write(engine) as connection:
        fill(connection, 3, 2)
    with write(elsewhere) as connection:
        connection.execute(insert(imports).values(source="là", at=FIRST, counts={}))
    kept = digests(elsewhere)
    with pytest.raises(CannotCopy, match=r"n’est pas vide \(imports\)"):
        copy(engine, elsewhere)
    assert digests(elsewhere) == kept
    migrate(elsewhere, "0002")
    with pytest.raises(CannotCopy, match="à la version 0002"):
        copy(engine, elsewhere)
