"""Who sends their need on the English pages is written to in English, and led to English pages."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

import pytest

from data.store_contacts import CATALYST
from data.store_desk import Wanted
from service.app import create_app
from service.usecases.inbox import read_inbox
from service.usecases.jobs import Jobs
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, user

LEA = user("lea", "catalyst", "FR")
SITE = "http://site.exemple"
SENT_IN_ENGLISH = "a choisi l’anglais"


@pytest.fixture
def app(tmp_path):
    made = create_app(settings(tmp_path, public_url=SITE), tiny_catalogue(tmp_path))
    keep_users(made.state.catalogue.engine, LEA)
    return made


def sent_by(client):
    """The mail that thanks somebody for a need, once sent."""
    form = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
    asked = client.post("/", data=form).headers["location"].split("?")[0]
    contact = {"email": "camille@exemple.org", "accord": [CATALYST]}
    assert client.post(f"{asked}/envoyer", data=contact).status_code == 303
    state = client.app.state
    Jobs.of(state.settings, state.catalogue.engine).send(lambda: NOON)
    (file,) = state.settings.mail_folder.iterdir()
    mail = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
    return mail, re.findall(rf"{SITE}(\S+)", mail)


def page_of_desk(app):
    lea = client_of(app, LEA)
    catalogue, clocks = app.state.catalogue, app.state.settings.clocks
    (row,) = read_inbox(catalogue, LEA, Wanted(), now=NOON, clocks=clocks).rows
    return lea.get(f"/bureau/besoins/{row.need.key}").text


def test_who_sent_in_english_reads_english_mails_that_lead_to_english_pages(app):
    somebody = client_of(app)
    somebody.get("/?lang=en")
    mail, links = sent_by(somebody)
    assert mail.startswith("Hello,")
    assert len(links) == 2
    for link in links:
        assert '<html lang="en">' in client_of(app).get(link).text
    assert SENT_IN_ENGLISH in page_of_desk(app)


def test_who_sent_in_french_reads_french_and_keeps_the_language_of_their_browser(app):
    mail, links = sent_by(client_of(app))
    assert mail.startswith("Bonjour,")
    reader = client_of(app)
    reader.get("/?lang=en")
    for link in links:
        assert '<html lang="fr">' in client_of(app).get(link).text
        assert '<html lang="en">' in reader.get(link).text
    assert SENT_IN_ENGLISH not in page_of_desk(app)


def test_a_link_of_the_desk_keeps_its_language_past_the_sign_in_page(app):
    client = client_of(app)
    asked = client.get("/bureau?lang=en")
    assert asked.headers["location"] == "/connexion?lang=en"
    assert '<html lang="en">' in client.get(asked.headers["location"]).text
    assert client.get("/bureau?lang=xx").headers["location"] == "/connexion"
