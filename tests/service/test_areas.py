"""Who follows an intercommunalité, a commune or an ad-hoc area sees its needs, and no other."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from data.engine import read
from data.store_users import load_user
from data.tables_people import audit
from service.app import create_app
from service.catalogue import open_catalogue
from service.refreshing import refreshed
from service.usecases.accounts import Wanted, open_account
from service.usecases.areas import BadArea, areas, define_area
from tests.builders import gazetteer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, user
from tests.sent_needs import sent

PLACES = {"AIG-MENDE1": "COM-48095", "AIG-FLORAC": "COM-48061", "AIG-LILLE1": "COM-59350"}


@pytest.fixture
def world(tmp_path, database):
    """An application with a need in Mende, one in Florac and one in Lille."""
    catalogue = tiny_catalogue(tmp_path, database_url=database)
    for reference, code in PLACES.items():
        sent(catalogue, reference, f"besoin de {code}", place=gazetteer().place([code]), at=NOON)
    app = create_app(settings(tmp_path, database_url=database), catalogue)
    yield app
    catalogue.engine.dispose()


def define(app, name, *codes):
    engine = app.state.catalogue.engine
    return define_area(engine, gazetteer(), name, codes, by="system", now=NOON)


def shown(app, who):
    """The references that somebody's inbox lists, and how many it counts."""
    page = client_of(app, who).get("/bureau").text
    listed = {reference for reference in PLACES if reference in page}
    assert f'En cours <span class="count">{len(listed)}</span>' in page
    return listed


@pytest.mark.parametrize(
    ("territories", "seen"),
    [
        (("EPCI-244800405",), {"AIG-MENDE1"}),
        (("COM-48061",), {"AIG-FLORAC"}),
        (("COM-48061", "DEP-59"), {"AIG-FLORAC", "AIG-LILLE1"}),
        (("AREA-vallee",), {"AIG-FLORAC", "AIG-LILLE1"}),
        (("AREA-outre-mer",), set()),
    ],
)
def test_an_inbox_holds_the_needs_of_its_territories(world, territories, seen):
    define(world, "Vallée", "Florac Trois Rivières", "59")
    lea = user("lea", "catalyst", *territories)
    keep_users(world.state.catalogue.engine, lea)
    assert shown(world, lea) == seen


def test_an_area_that_changes_changes_what_is_seen_at_once(world):
    engine = world.state.catalogue.engine
    lea = user("lea", "catalyst", "AREA-parc")
    keep_users(engine, lea)
    assert shown(world, lea) == set()
    define(world, "Parc", "Mende")
    assert shown(world, lea) == {"AIG-MENDE1"}
    define(world, "Parc", "48061", "EPCI-244800405")
    assert shown(world, lea) == {"AIG-MENDE1", "AIG-FLORAC"}
    with read(engine) as connection:
        assert load_user(connection, "lea").reach == {
            *("AREA-parc", "COM-48061", "EPCI-244800405"),
        }
        told = connection.execute(select(audit.c.detail).where(audit.c.action == "area-defined"))
        assert [d["codes"] for (d,) in told] == [["COM-48095"], ["COM-48061", "EPCI-244800405"]]


def test_an_inbox_is_filtered_by_what_is_narrower_than_a_departement(world):
    define(world, "Vallée", "Florac Trois Rivières", "59")
    lea = user("lea", "catalyst", "DEP-48", "AREA-outre-mer", "EPCI-244800405")
    keep_users(world.state.catalogue.engine, lea)
    client = client_of(world, lea)
    page = client.get("/bureau").text
    assert '<optgroup label="Intercommunalités, communes et zones">' in page
    assert '<option value="EPCI-244800405">' in page
    narrowed = client.get("/bureau", params={"territoire": "EPCI-244800405"}).text
    assert ("AIG-MENDE1" in narrowed, "AIG-FLORAC" in narrowed) == (True, False)
    area = client.get("/bureau", params={"territoire": "AREA-vallee"}).text
    assert ("AIG-FLORAC" in area, "AIG-LILLE1" in area) == (True, False)


@pytest.mark.parametrize(
    ("name", "places", "message"),
    [
        ("Parc", ("Mende", "Départements et régions d’outre-mer"), "est elle-même une zone"),
        ("  !  ", ("Mende",), "Donnez le nom de la zone"),
        ("Parc", (), "Donnez le nom de la zone"),
        ("Outre-mer", ("974",), "zone livrée avec Aiguille"),
    ],
)
def test_an_area_has_a_name_of_its_own_and_lists_official_territories(world, name, places, message):
    with pytest.raises(BadArea, match=message):
        define(world, name, *places)
    assert areas(world.state.catalogue.engine) == ()


def test_an_area_is_defined_by_command_then_followed_by_its_name(tmp_path, aiguille):
    tiny_catalogue(tmp_path).engine.dispose()
    lea = ("lea@exemple.org", "--name", "Léa", "--territory", "Parc des Cévennes")
    said = ""
    for words in (
        ("area", "add", "Parc des Cévennes", "Florac Trois Rivières", "EPCI-244800405"),
        ("area", "list"),
        ("user", "add", *lea),
    ):
        code, out, _ = aiguille(*words, at=tmp_path)
        assert not code
        said += out
    assert "Zone définie : Parc des Cévennes (AREA-parc-des-cevennes), 2 territoires." in said
    assert "COM-48061, EPCI-244800405" in said
    assert "(catalyst, AREA-parc-des-cevennes)" in said


def test_a_process_that_serves_learns_of_a_new_area(tmp_path):
    tiny_catalogue(tmp_path).engine.dispose()
    made = settings(tmp_path, encoder="lsa")
    current = open_catalogue(made)
    assert refreshed(made, current) is current
    area = define_area(current.engine, current.gazetteer, "Parc", ["Mende"], by="system", now=NOON)
    fresh = refreshed(made, current)
    assert fresh is not current
    assert fresh.gazetteer.get(area.code).name == "Parc"
    wanted = Wanted("a@e.org", "A", "catalyst", ("parc",))
    opened = open_account(fresh.engine, fresh.reading, wanted, by="system", now=NOON)
    assert opened.territories == (area.code,)
