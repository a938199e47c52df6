"""What is stored comes back as it was, on a real SQLite file and on a real PostgreSQL."""

from dataclasses import replace
from datetime import date, datetime
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from data import store, store_needs
from data.engine import migrate, open_engine, read, wal_is_sound, write
from data.records import content_hash, from_record, to_record
from data.store_contacts import Contact, load_contact, save_contact
from data.store_gaps import Rematch, load_rematches, save_rematches
from data.store_users import User, save_user
from data.tables import metadata
from data.tables_people import users
from data.territories import Area, Gazetteer
from matching.domain import Provider, Relay
from tests.builders import TODAY, matcher, need, offer
from tests.databases import about_sqlite

NOW = datetime(2026, 11, 23, 10, 0)
RICH = offer(
    "rich",
    summary="Résumé",
    kind="pret",
    need_types=("tresorerie", "formation"),
    territories=frozenset({"DEP-2A", "COM-48095"}),
    relay=Relay("Réseau", "other", "https://exemple.fr"),
    odd=(8, 10),
    valid_from=date(2024, 2, 29),
    expressions=("on n’a plus un sou", "ça ne passe pas"),
    volunteer_only_ok=False,
    population_max=1_999,
    conditions=("être en quartier prioritaire", "avoir un agrément"),
    generalist=True,
)


def save(connection, *offers, source="test"):
    import_id = store.record_import(connection, source, NOW, {"created": len(offers)})
    store.save_offers(connection, offers, source=source, import_id=import_id)


def test_offers_come_back_as_they_were(engine):
    with write(engine) as connection:
        save(connection, RICH, offer("bare"))
    with read(engine) as connection:
        assert store.load_offers(connection) == [offer("bare"), RICH]
        assert store.load_offer(connection, "rich") == RICH
        assert store.load_offer(connection, "absent") is None


def test_an_offer_saved_again_is_replaced_and_its_provider_renamed(engine):
    renamed = replace(RICH, title="Autre", provider=Provider("porteur", "Nom neuf"), relay=None)
    with write(engine) as connection:
        save(connection, RICH)
        save(connection, renamed)
    with read(engine) as connection:
        assert store.load_offers(connection) == [renamed]


def test_the_catalogue_hash_follows_the_live_offers(engine):
    with write(engine) as connection:
        save(connection, RICH)
        first = store.catalogue_hash(connection)
        save(connection, offer("more"))
        assert store.catalogue_hash(connection) != first
        store.withdraw(connection, ["more"], TODAY)
        assert store.catalogue_hash(connection) == first
        assert [o.id for o in store.load_offers(connection)] == ["rich"]


def test_a_hand_correction_is_kept_and_applied(engine):
    with write(engine) as connection:
        save(connection, RICH)
        store.correct(connection, "rich", "employees_min", 3, NOW)
        store.correct(connection, "rich", "employees_min", 2, NOW)
    with read(engine) as connection:
        assert store.load_offer(connection, "rich").employees_min == 2
        assert store.load_overrides(connection) == {"rich": {"employees_min": 2}}


def test_an_area_is_kept(engine):
    area = Area("AREA-parc", "Parc", ("COM-48095",))
    with write(engine) as connection:
        store.save_area(connection, area)
        store.save_area(connection, area)
    with read(engine) as connection:
        assert store.load_areas(connection) == (area,)


def test_a_need_its_answer_and_its_judgements_are_kept(engine):
    asked = need(founded_on=date(2020, 1, 2), need_types=frozenset({"tresorerie"}))
    answer = matcher(offer("a", need_types=("tresorerie",))).match(asked, today=TODAY)
    with write(engine) as connection:
        store_needs.save_need(connection, "n1", asked, today=TODAY, at=NOW)
        store_needs.save_answer(connection, "n1", answer)
        store_needs.save_answer(connection, "n1", answer)
        for grade in (1, 3):
            store_needs.save_judgement(connection, "n1", "a", grade, source="adviser", at=NOW)
    with read(engine) as connection:
        stored = store_needs.load_need(connection, "n1")
        assert (stored.text, stored.actor, stored.place_code) == (
            asked.text,
            asked.actor,
            "COM-59350",
        )
        assert (stored.need_types, stored.today) == (asked.need_types, TODAY)
        assert store_needs.answered_offers(connection, "n1") == ["a"]
        assert store_needs.load_judgements(connection) == [("n1", "a", 3, "adviser")]
        assert store_needs.load_need(connection, "absent") is None


def test_foreign_keys_hold(engine):
    with pytest.raises(IntegrityError), write(engine) as connection:
        store_needs.save_judgement(connection, "nobody", "a", 1, source="x", at=NOW)


def test_a_failed_write_leaves_nothing(engine):
    with pytest.raises(ZeroDivisionError), write(engine) as connection:
        save(connection, RICH)
        raise ZeroDivisionError
    with read(engine) as connection:
        assert store.load_offers(connection) == []
        assert store.load_imports(connection) == []


def test_migrations_go_down_and_up_again_on_a_populated_database(engine):
    with write(engine) as connection:
        save(connection, RICH)
        store.save_area(connection, Area("AREA-parc", "Parc", ("COM-48095",)))
    migrate(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_needs_kept_before_the_desk_got_their_commune_and_their_group_of_communes(engine):
    before = import_module("data.migrations.versions.0010_desk").down_revision
    parc = Area("AREA-parc", "Parc", ("COM-48095",))
    where = ("COM-48095", "COM-75118", "COM-01039", "EPCI-244800405", "DEP-48", "AREA-parc")
    with write(engine) as connection:
        store.save_area(connection, parc)
        known = Gazetteer.load([parc])
        for code in where:
            asked = need(place=known.place([code]))
            store_needs.save_need(connection, code, asked, today=TODAY, at=NOW)
        store_needs.save_need(connection, "nowhere", need(place=None), today=TODAY, at=NOW)
        kept = {i: store_needs.load_need(connection, i) for i in (*where, "nowhere")}
    migrate(engine, before)
    assert "epci" not in {c["name"] for c in inspect(engine).get_columns("needs")}
    migrate(engine)
    with read(engine) as connection:
        assert {i: store_needs.load_need(connection, i) for i in kept} == kept
    assert (kept["COM-75118"].commune, kept["COM-01039"].commune) == ("COM-75056", "COM-01138")
    assert kept["COM-01039"].epci in Gazetteer.load().get("COM-01138").parents


def test_what_letters_add_is_filled_from_what_was_there(engine):
    with write(engine) as connection:
        for name, email in (("mail", "camille@e.org"), ("phone", None)):
            store_needs.save_need(connection, name, need(), today=TODAY, at=NOW)
            save_contact(connection, name, Contact("Camille", email, "0600000000", "en"))
            save_rematches(connection, [Rematch(name, "a", 1, 0.9, NOW)])
        for name, active in (("open", True), ("closed", False)):
            user = User(name, f"{name}@e.org", name, "catalyst", active=active)
            save_user(connection, user, at=NOW)
    migrate(engine, "0002")
    migrate(engine)
    with read(engine) as connection:
        assert {n: r[0].told for n, r in load_rematches(connection).items()} == {
            "mail": True,
            "phone": False,
        }
        assert load_contact(connection, "mail") == Contact(
            "Camille", "camille@e.org", "0600000000", "fr"
        )
        closed = select(users.c.id).where(users.c.closed_at.is_not(None))
        assert connection.scalars(closed).all() == ["closed"]


def test_the_migrations_make_the_tables_that_the_code_expects(engine):
    found = inspect(engine)
    for table in metadata.tables.values():
        columns = {c["name"]: c["nullable"] for c in found.get_columns(table.name)}
        assert columns == {c.name: c.nullable for c in table.columns}
        keys = {k["constrained_columns"][0] for k in found.get_foreign_keys(table.name)}
        assert keys == {f.parent.name for f in table.foreign_keys}


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
OFFERS = st.builds(
    offer,
    TEXTS.map(lambda t: f"id-{abs(hash(t))}"),
    title=TEXTS,
    description=TEXTS,
    employees_min=st.none() | st.integers(0, 100),
    volunteer_only_ok=st.none() | st.booleans(),
    audiences=st.frozensets(st.sampled_from(["association", "tpe"])),
    odd=st.lists(st.integers(1, 17), max_size=3).map(tuple),
    valid_to=st.none() | st.dates(),
    relay=st.none() | st.builds(Relay, TEXTS, st.none() | TEXTS, st.none() | TEXTS),
    expressions=st.lists(TEXTS, max_size=3).map(tuple),
)


@given(OFFERS)
def test_a_record_says_all_of_an_offer(one):
    again = from_record(to_record(one))
    assert again == one
    assert content_hash(again) == content_hash(one)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None
)
@given(st.lists(OFFERS, max_size=3, unique_by=lambda o: o.id))
def test_any_offers_round_trip_through_the_database(engine, offers):
    with engine.connect() as connection:
        save(connection, *offers)
        assert store.load_offers(connection) == sorted(offers, key=lambda o: o.id)
        connection.rollback()


@about_sqlite("its write-ahead log")
@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_where_it_is_sound(tmp_path, version, sound):
    assert wal_is_sound(version) is sound
    made = open_engine(f"sqlite:///{tmp_path / 'a.db'}", sqlite_version=version)
    with made.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        assert mode == ("wal" if sound else "truncate")
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    made.dispose()
