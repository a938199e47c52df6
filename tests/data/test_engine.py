"""One state per read, one zone for every moment, one order on every database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from data import store
from data.engine import migrate, open_engine, read, write
from data.tables import metadata
from tests.builders import offer

TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A database whose own zone, where it has one, is not UTC."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a.db'}"
    base = request.getfixturevalue("postgresql_url")
    return f"{base}&options=-c%20timezone%3DEurope/Paris"


@pytest.fixture
def engine(url):
    made = open_engine(url)
    with made.begin() as connection:
        metadata.drop_all(connection)
        connection.execute(text("drop table if exists alembic_version"))
    migrate(made)
    yield made
    made.dispose()


def save(connection, *offers):
    import_id = store.record_import(connection, "test", TEN, {})
    store.save_offers(connection, offers, source="test", import_id=import_id)


def test_a_moment_is_kept_in_utc_whatever_the_zone_of_the_server(engine):
    with write(engine) as connection:
        store.record_import(connection, "test", TEN, {})
    with read(engine) as connection:
        assert [at for _, at, _ in store.load_imports(connection)] == [TEN.replace(tzinfo=None)]


def test_offers_come_in_the_order_of_their_code_points(engine):
    ids = ["B-2", "Z", "a-1", "a1", "a_1", "b"]
    with write(engine) as connection:
        save(connection, *(offer(i) for i in reversed(ids)))
    with read(engine) as connection:
        assert [o.id for o in store.load_offers(connection)] == ids


def test_a_postgresql_read_does_not_see_what_is_written_meanwhile(engine):
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite sans WAL fait attendre l’écriture jusqu’à la fin de la lecture")
    with read(engine) as reader:
        before = store.catalogue_hash(reader)
        with write(engine) as writer:
            save(writer, offer("late"))
        assert store.load_offers(reader) == []
        assert store.catalogue_hash(reader) == before


def test_a_correction_of_nothing_says_what_can_be_corrected(engine):
    with write(engine) as connection:
        save(connection, offer("a"))
        with pytest.raises(store.NotCorrectable, match="« couleur ».*employees_min"):
            store.correct(connection, "a", "couleur", "bleu", TEN)
        with pytest.raises(store.NotCorrectable, match="« absent »"):
            store.correct(connection, "absent", "title", "T", TEN)
