"""An administrator opens, changes and closes accounts; each change is in the audit log."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from data.engine import read
from data.fields import Reading
from data.store_users import load_users
from data.tables_people import audit, outbox
from service.app import create_app
from service.typed_places import as_typed
from service.usecases.accounts import (
    LastAdministrator,
    Wanted,
    change_account,
    close_account,
    open_account,
)
from tests.builders import FRAME, gazetteer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user

LEA = user("lea", "administrator", "FR")
SAM = user("sam", "catalyst", "DEP-48")


@pytest.fixture
def app(tmp_path):
    made = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    keep_users(made.state.catalogue.engine, LEA, SAM)
    return made


@pytest.fixture
def lea(app):
    return client_of(app, LEA)


def kept(app):
    with read(app.state.catalogue.engine) as connection:
        return {u.id: u for u in load_users(connection)}


def told(app):
    with read(app.state.catalogue.engine) as connection:
        lines = connection.execute(select(audit.c.actor, audit.c.action, audit.c.detail)).all()
    return [tuple(line) for line in lines if line.action.startswith("account")]


def send(client, path, **fields):
    return client.post(path, data={**proof(client), **fields})


NEW = {
    "name": "Ana Ruiz",
    "email": "Ana@Exemple.org",
    "role": "catalyst",
    "territories": "Lozère ; 2a, Occitanie",
    "need_types": ["tresorerie", "benevolat"],
}


def test_an_account_is_opened_its_holder_written_to_and_the_audit_holds_codes_alone(app, lea):
    assert send(lea, "/bureau/comptes/nouveau", **NEW).status_code == 303
    (ana,) = [u for u in kept(app).values() if u.email == "ana@exemple.org"]
    assert ana.territories == ("DEP-2A", "DEP-48", "REG-76")
    assert ana.need_types == ("benevolat", "tresorerie")
    (actor, action, detail) = told(app)[0]
    assert (actor, action, detail["user_id"]) == ("user:lea", "account-opened", ana.id)
    assert "exemple" not in str(detail)
    assert "Ana" not in str(detail)
    with read(app.state.catalogue.engine) as connection:
        (mail,) = connection.execute(select(outbox)).mappings().all()
    assert (mail["kind"], mail["payload"]) == ("invited", {"user_id": ana.id})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "ana", "n’est pas une adresse"),
        ("email", "sam@exemple.org", "Un compte a déjà cette adresse"),
        ("name", "  ", "Donnez le nom"),
        ("role", "roi", "administrator"),
        ("territories", "Zzyzx", "n’est le nom ni le code d’aucun territoire"),
        ("territories", "Saint-Denis", "peut désigner plusieurs lieux"),
        ("need_types", ["magie"], "Type de besoin inconnu"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_with_what_was_typed(
    app, lea, field, value, message
):
    found = send(lea, "/bureau/comptes/nouveau", **{**NEW, field: value})
    assert found.status_code == 422
    assert message in found.text
    assert f'id="{field}-error"' in found.text
    assert 'value="Lozère, 2a, Occitanie"' in found.text or field == "territories"
    assert set(kept(app)) == {"lea", "sam"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("48", "DEP-48"),
        ("REG-76", "REG-76"),
        ("ile de france", "REG-11"),
        ("Paris", "DEP-75"),
        ("Corse", "REG-94"),
        ("Guadeloupe", "DEP-971"),
        ("fr", "FR"),
        ("France", "FR"),
        ("Mende", "COM-48095"),
        ("mende (48)", "COM-48095"),
        ("COM-48095", "COM-48095"),
        ("Le Bleymard", "COM-48027"),
        ("Paris 18e", "COM-75118"),
        ("EPCI-200054781", "EPCI-200054781"),
        ("244800405", "EPCI-244800405"),
        ("Saint-Denis (COM-97411)", "COM-97411"),
        ("AREA-outre-mer", "AREA-outre-mer"),
    ],
)
def test_a_territory_is_said_by_name_number_or_code(app, said, code):
    wanted = Wanted("a@e.org", "A", "catalyst", (said,))
    engine = app.state.catalogue.engine
    opened = open_account(engine, Reading(FRAME, gazetteer()), wanted, by="system", now=NOON)
    assert opened.territories == (code,)


def test_what_the_form_of_an_account_shows_is_read_back_as_it_was(app):
    places = gazetteer()
    kinds = map(places.codes, ("region", "departement", "epci", "commune", "deleguee", "area"))
    some = {code for codes in kinds for code in codes[:: max(len(codes) // 40, 1)]}
    assert "REG-01" in some  # the name alone is that of its département
    typed = ", ".join(as_typed(code, places) for code in some)
    wanted = Wanted("a@e.org", "A", "catalyst", tuple(typed.split(",")))
    engine = app.state.catalogue.engine
    opened = open_account(engine, Reading(FRAME, places), wanted, by="system", now=NOON)
    assert set(opened.territories) == some


def test_a_change_is_seen_by_the_session_in_use_and_told_before_and_after(app, lea):
    fields = {**NEW, "name": "Sam", "email": SAM.email, "role": "network-lead"}
    assert send(lea, "/bureau/comptes/sam", **fields).status_code == 303
    assert kept(app)["sam"].role == "network-lead"
    detail = told(app)[0][2]
    assert detail["role"] == ["catalyst", "network-lead"]
    assert detail["territories"] == [["DEP-48"], ["DEP-2A", "DEP-48", "REG-76"]]
    assert "name" not in detail["fields"]


def test_saving_what_did_not_change_tells_nothing(app, lea):
    page = lea.get("/bureau/comptes/sam").text
    assert 'value="Lozère"' in page
    fields = {"name": SAM.name, "email": SAM.email, "role": "catalyst", "territories": "Lozère"}
    assert send(lea, "/bureau/comptes/sam", **fields).status_code == 303
    assert told(app) == []


def test_another_address_ends_the_sessions_of_the_account(app, lea):
    sam = client_of(app, SAM)
    assert sam.get("/bureau/comptes").status_code == 403
    fields = {"name": "Sam", "email": "sam2@exemple.org", "role": "catalyst", "territories": "48"}
    send(lea, "/bureau/comptes/sam", **fields)
    assert sam.get("/bureau/comptes").status_code == 303


def test_a_closed_account_is_out_at_once_and_can_be_reopened(app, lea):
    sam = client_of(app, SAM)
    assert send(lea, "/bureau/comptes/sam/fermer").status_code == 303
    assert sam.get("/bureau/comptes").status_code == 303
    assert "Fermé" in lea.get("/bureau/comptes").text
    assert send(lea, "/bureau/comptes/sam/rouvrir").status_code == 303
    assert kept(app)["sam"].active
    assert [(a, b, d.get("sessions")) for a, b, d in told(app)] == [
        ("user:lea", "account-closed", 1),
        ("user:lea", "account-reopened", None),
    ]


def test_nobody_closes_their_own_account_nor_lowers_their_own_role(app, lea):
    assert "propre compte" in send(lea, "/bureau/comptes/lea/fermer").text
    fields = {"name": "Lea", "email": LEA.email, "role": "catalyst", "territories": "France"}
    assert "propre rôle" in send(lea, "/bureau/comptes/lea", **fields).text
    assert kept(app)["lea"] == LEA


def test_an_account_that_does_not_exist_is_not_found(lea):
    assert lea.get("/bureau/comptes/personne").status_code == 404
    assert send(lea, "/bureau/comptes/personne/rouvrir").status_code == 404


def test_two_administrators_who_close_each_other_at_once_leave_one(app):
    engine, reading = app.state.catalogue.engine, Reading(FRAME, gazetteer())
    # Whoever asks was an administrator when the page was asked for, and no longer is.
    with pytest.raises(LastAdministrator):
        close_account(engine, "lea", by="user:sam", now=NOON)
    lower = Wanted(LEA.email, LEA.name, "catalyst", ("FR",))
    with pytest.raises(LastAdministrator):
        change_account(engine, reading, "lea", lower, by="user:sam", now=NOON)
    assert kept(app)["lea"] == LEA
    assert told(app) == []
