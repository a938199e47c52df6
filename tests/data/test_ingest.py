"""Imports: what changes, what is refused and why, what is kept."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.exc import IntegrityError

from data import store
from data.engine import migrate, open_engine, read, write
from data.fields import Rejection
from data.ingest import Stored, apply, prepare
from matching.domain import Provider
from tests.builders import gazetteer, offer
from tests.databases import database_of

NOW = datetime(2026, 11, 23)
NOTHING = Stored({}, (), {})


def stored(*offers, overrides=None):
    return Stored({o.id: o for o in offers}, [o.id for o in offers], overrides or {})


def plan(records, before=NOTHING, **options):
    return prepare(records, before, gazetteer(), **options)


def test_what_is_new_changed_and_the_same_is_told_apart():
    kept, changed = offer("kept"), offer("changed")
    found = plan([kept, replace(changed, title="Neuf"), offer("new")], stored(kept, changed))
    assert [o.id for o in found.created] == ["new"]
    assert list(found.updated.values()) == [("title",)]
    assert found.unchanged == ("kept",)
    assert found.withdrawn == ()


def test_what_a_complete_file_no_longer_says_is_withdrawn():
    assert plan([offer("a")], stored(offer("a"), offer("b")), complete=True).withdrawn == ("b",)


def test_an_identifier_given_twice_is_refused_the_second_time():
    found = plan([offer("a"), offer("a", title="Autre")])
    assert [(r.field, r.value) for r in found.rejected] == [("id", "a")]
    assert [o.title for o in found.created] == ["Offre a"]


def test_rejections_pass_through():
    refused = Rejection(3, "url", "x", "mauvaise adresse")
    assert plan([refused]).rejected == (refused,)


def test_a_hand_correction_survives_the_next_import():
    corrected = replace(offer("a"), employees_min=3)
    found = plan([offer("a")], stored(corrected, overrides={"a": {"employees_min": 3}}))
    assert found.unchanged == ("a",)


def test_near_same_titles_of_one_provider_are_told_never_merged():
    one = offer("one", title="Fonds de soutien aux associations")
    two = offer("two", title="Fonds de soutien aux association")
    other = replace(two, id="other", provider=Provider("x", "Un autre"))
    found = plan([two, other], stored(one))
    assert found.duplicates == (("one", "two"),)
    assert len(found.created) == 2


def test_an_unknown_territory_widens_and_a_former_one_is_renewed():
    old, now = next(iter(gazetteer()._former.items()))
    found = plan([offer("a", territories={"COM-59999"}), offer("b", territories={old})])
    assert [o.territories for o in found.created] == [{"DEP-59"}, {now}]
    assert "COM-59999" in found.warnings[0]


def test_two_spellings_of_one_provider_are_one_name():
    named = [offer(i, provider=Provider("p", name)) for i, name in (("a", "Adie"), ("b", "ADIE"))]
    assert {o.provider.name for o in plan(named).created} == {"Adie"}


def test_a_link_to_nothing_is_a_warning():
    found = plan([offer("a", national_offer="b", successor="c"), offer("b")])
    assert found.warnings == ("a : le successeur « c » n’existe pas.",)


def test_importing_twice_changes_nothing(tmp_path):
    engine = open_engine(database_of(tmp_path))
    migrate(engine)
    records = [offer("a"), offer("b")]
    for expected in (2, 0):
        with write(engine) as connection:
            before = {o.id: o for o in store.load_offers(connection)}
            found = plan(records, Stored(before, list(before), {}), complete=True)
            apply(connection, found, source="test", now=NOW)
        assert len(found.created) == expected
        assert not found.updated
    with read(engine) as connection:
        assert len(store.load_imports(connection)) == 1
    engine.dispose()


def test_a_withdrawn_offer_comes_back_when_it_is_said_again(tmp_path):
    engine = open_engine(database_of(tmp_path))
    migrate(engine)
    for records in ([offer("a"), offer("b")], [offer("a")], [offer("a"), offer("b")]):
        with write(engine) as connection:
            before = {o.id: o for o in store.load_offers(connection)}
            found = plan(records, Stored(before, list(before), {}), complete=True)
            apply(connection, found, source="test", now=NOW)
        with read(engine) as connection:
            assert store.load_offers(connection) == records
    engine.dispose()


def test_what_fails_half_way_writes_nothing(tmp_path):
    engine = open_engine(database_of(tmp_path))
    migrate(engine)
    found = plan([offer("a"), offer("b", provider=Provider(None, "P"))])
    with pytest.raises(IntegrityError, match="NOT NULL|NotNull"), write(engine) as connection:
        apply(connection, found, source="test", now=NOW)
    with read(engine) as connection:
        assert store.load_offers(connection) == []
    engine.dispose()
