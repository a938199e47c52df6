"""What is erased is erased everywhere, and what somebody no longer needs is no longer shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from data.engine import read, write
from data.store_contacts import CATALYST, Contact, save_consent, save_contact
from data.store_messages import messages_of
from data.store_needs import change_need, desk_key, load_need, save_need
from data.store_suggestions import decide, new_suggestions, suggest
from data.store_transmissions import Transmission, save_transmission, transmissions_of
from data.tables_people import corrections, suggestions
from service.app import create_app
from service.deps import clock
from service.usecases.accounts import close_account
from service.usecases.desk_need import note
from service.usecases.erasing import erase_need
from service.usecases.jobs import Jobs
from service.usecases.revising import answer_need
from tests.builders import MENDE, TODAY, need, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, user

WORDS = "phrase que personne ne lit plus"
OFFER = "aide-tresorerie"
DAY = timedelta(days=1)


@pytest.fixture
def app(tmp_path):
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    app.dependency_overrides[clock] = lambda: NOON
    with write(app.state.catalogue.engine) as connection:
        save_need(connection, "sent", need(WORDS, place=MENDE), today=TODAY, at=NOON)
        change_need(connection, "sent", state="transmitted", sent_at=NOON, moved_at=NOON)
        save_contact(connection, "sent", Contact("Camille", "camille@exemple.org"))
        for recipient in (CATALYST, OFFER):
            save_consent(connection, "sent", recipient, text_version="1", at=NOON)
        made = Transmission("t", "sent", OFFER, "porteur@exemple.org", NOON, NOON + 14 * DAY)
        save_transmission(connection, made, "token")
    return app


@pytest.fixture
def client(app):
    return TestClient(app, follow_redirects=False, headers={"accept": "text/html"})


def jobs_of(app):
    return Jobs.of(app.state.settings, app.state.catalogue.engine)


def test_mails_left_as_files_go_with_their_need_and_no_other(app, client):
    form = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
    for _ in range(2):
        asked = client.post("/", data=form).headers["location"]
        contact = {"email": "camille@exemple.org", "accord": [CATALYST]}
        assert client.post(f"{asked}/envoyer", data=contact).status_code == 303
    jobs_of(app).send(lambda: NOON)
    folder = app.state.settings.mail_folder
    assert len(list(folder.iterdir())) == 2
    assert client.post(f"{asked}/effacer").status_code == 200
    (left,) = folder.iterdir()
    assert asked.removeprefix("/besoins/") not in left.read_text()


def test_who_declined_a_need_no_longer_reads_it(client):
    assert WORDS in client.get("/reponse/token").text
    said = {"choice": "refuse", "reason": "wrong-contact"}
    assert client.post("/reponse/token", data=said).status_code == 303
    page = client.get("/reponse/token")
    assert page.status_code == 200
    assert "Merci d’avoir répondu" in page.text
    assert not [w for w in (WORDS, "Mende") if w in page.text]


def test_the_address_of_a_provider_goes_with_the_words_that_it_was_sent(app):
    engine = app.state.catalogue.engine
    with write(engine) as connection:
        change_need(connection, "sent", state="closed", outcome="helped", closed_at=NOON)
    jobs_of(app).day(lambda: NOON + 366 * DAY)
    with read(engine) as connection:
        assert load_need(connection, "sent").text == ""
        assert [t.recipient for t in transmissions_of(connection, "sent")] == [""]


def test_a_suggestion_goes_as_long_after_its_decision_as_the_words_of_needs(app):
    engine = app.state.catalogue.engine
    with write(engine) as connection:
        for text in ("décidée", "à décider"):
            suggest(connection, OFFER, text, NOON)
        decide(connection, 1, "applied", by="lea", at=NOON)

    def left(days):
        jobs_of(app).day(lambda: NOON + days * DAY)
        with read(engine) as connection:
            return connection.scalar(select(func.count()).select_from(suggestions))

    assert (left(364), left(366)) == (2, 1)
    with read(engine) as connection:
        assert [s.text for s in new_suggestions(connection)] == ["à décider"]


def test_half_a_mail_that_a_stop_left_behind_goes_too(app):
    import os

    folder = app.state.settings.mail_folder
    folder.mkdir()
    half = folder / "aiguille-1-20260101.part"
    half.write_text("To: camille@exemple.org")
    old = (NOON - 8 * DAY).timestamp()
    os.utime(half, (old, old))
    assert jobs_of(app).day(lambda: NOON)["mails"] == 1
    assert list(folder.iterdir()) == []


def test_a_need_erased_while_it_is_corrected_stays_erased(app, client, monkeypatch):
    catalogue = app.state.catalogue

    def erased_meanwhile(*args, **facts):
        journal = app.state.settings.erased_file
        erase_need(catalogue, "sent", actor="person", now=NOON, journal=journal)
        return answer_need(*args, **facts)

    monkeypatch.setattr("service.usecases.revising.answer_need", erased_meanwhile)
    said = {"theme": ["tresorerie"]}
    assert client.post("/besoins/sent/comprendre", data=said).status_code == 410
    with read(catalogue.engine) as connection:
        assert connection.execute(select(corrections)).all() == []


def test_a_form_sent_twice_says_it_once(app, client):
    for text in ("je rappelle demain", "je rappelle demain", "non, jeudi", "je rappelle demain"):
        assert client.post("/besoins/sent/suivi", data={"text": text}).status_code == 303
        client.post(f"/offres/{OFFER}/corriger", data={"text": text})
    with read(app.state.catalogue.engine) as connection:
        written = [m.text for m in messages_of(connection, "sent")]
        assert written == ["je rappelle demain", "non, jeudi", "je rappelle demain"]
        suggested = [s.text for s in new_suggestions(connection)]
        assert suggested == ["je rappelle demain", "non, jeudi"]


def test_what_an_erased_account_did_stays_and_names_nobody(app):
    engine = app.state.catalogue.engine
    sam, lea = user("sam", "catalyst", "FR"), user("lea", "catalyst", "FR")
    keep_users(engine, sam, lea)
    note(app.state.catalogue, sam, "sent", "à rappeler", now=NOON)
    with write(engine) as connection:
        change_need(connection, "sent", assignee="sam")
    close_account(engine, "sam", by="system", now=NOON)
    later = NOON + 366 * DAY
    assert jobs_of(app).day(lambda: later)["accounts"] == 1
    app.dependency_overrides[clock] = lambda: later
    desk = client_of(app, lea, now=later)
    for path in ("/bureau?etat=expired", f"/bureau/besoins/{desk_key('sent')}"):
        page = desk.get(path)
        assert page.status_code == 200
        assert "ncien compte" in page.text
        assert "Sam" not in page.text
