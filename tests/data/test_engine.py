"""One state per read, one zone for every moment, one order on every database."""

from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError, Thread
from traceback import format_exception

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from data import audit, store, store_needs
from data.engine import migrate, open_engine, read, write
from data.tables import metadata
from tests.builders import TODAY, need, offer
from tests.databases import KINDS

TEN = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(params=KINDS)
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


def test_an_error_of_the_database_tells_no_value(engine):
    secret = "phrase que personne ne lit"
    with pytest.raises(IntegrityError) as told, write(engine) as connection:
        for _ in range(2):
            store_needs.save_need(connection, secret, need(secret), today=TODAY, at=TEN)
    written = "".join(format_exception(told.value))
    assert secret not in written
    assert "needs.key" in written or "UniqueViolation 23505" in written  # what to look for


def test_an_unreachable_server_is_named(postgresql_url):
    nowhere = open_engine("postgresql+psycopg://postgres@127.0.0.1:9/postgres")
    with pytest.raises(OperationalError, match=r"127\.0\.0\.1"), read(nowhere):
        pass


def test_writers_come_one_after_the_other_whatever_each_touches_first(engine):
    with write(engine) as connection:
        for need_id in ("a", "b"):
            store_needs.save_need(connection, need_id, need(), today=TODAY, at=TEN)
    both, failed = Barrier(2, timeout=0.5), []

    def person():
        with write(engine) as connection:
            audit.append(connection, at=TEN, actor="person", action="wrote", need_id="a")
            _meet(both)
            store_needs.change_need(connection, "a", state="qualifying")

    def desk():
        with write(engine) as connection:
            store_needs.change_need(connection, "a", assignee="lea")
            _meet(both)
            audit.append(connection, at=TEN, actor="user:lea", action="assigned", need_id="a")

    def caught(work):
        try:
            work()
        except OperationalError as error:
            failed.append(error)

    threads = [Thread(target=caught, args=(work,)) for work in (person, desk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with read(engine) as connection:
        assert store_needs.load_need(connection, "a").version == 3
        assert audit.broken_at(connection) is None


def _meet(both):
    """Each in the middle of its work at once, if the database lets them."""
    with suppress(BrokenBarrierError):
        both.wait()


def test_needs_kept_before_there_were_keys_are_given_theirs(engine):
    migrate(engine, "0001")
    row = {"created_at": TEN, "today": TODAY, "text": "", "actor": "{}", "need_types": "[]"}
    columns = "id, created_at, today, text, actor, need_types"
    old = text(f"insert into needs ({columns}) values (:{columns.replace(', ', ', :')})")
    with write(engine) as connection:
        connection.execute(old, [{**row, "id": "a"}, {**row, "id": "b"}])
    migrate(engine)
    with read(engine) as connection:
        found = dict(connection.execute(text("select id, key from needs")).all())
    assert found == {need_id: store_needs.desk_key(need_id) for need_id in "ab"}
