"""The desk, read in English: no French is left but names of places and the words of offers."""

from __future__ import annotations

import re

import pytest

from service.app import create_app
from service.usecases.keys import SCOPES, WantedKey, create_key
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user
from tests.sent_needs import sent
from tests.service.hooks import courier_of, webhooks_of

ROOT = user("root", "administrator", "FR")
FRENCH = re.compile(r"[«»]|\u00a0[:;?!]|\b(aucun|avec|besoins?|dans|les|pour|vous|votre)\b", re.I)
PAGES = (
    "/bureau",
    "/bureau?etat=closed",
    "/bureau/besoins/{need.key}",
    "/bureau/besoins/{need.key}?chercher=avance",
    "/bureau/raquette",
    "/bureau/raquette/trou?territoire=DEP-59&theme=tresorerie",
    "/raquette",
    "/vie-privee",
    "/bureau/catalogue",
    "/bureau/catalogue/avance",
    "/bureau/comptes",
    "/bureau/comptes/nouveau",
    "/bureau/comptes/root",
    "/bureau/partenaires",
    "/bureau/partenaires/portail",
    "/bureau/partenaires/cles/nouvelle",
    "/bureau/partenaires/cles/nouvelle?partenaire=portail",
    "/bureau/partenaires/cles/{key.id}",
    "/bureau/partenaires/webhooks/{hook.id}",
    "/bureau/mon-compte",
    "/besoins/{need.id}/effacer",
    "/besoins/inconnu",
    "/nulle-part",
)
UNKNOWN = PAGES[-2:]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Somebody who reads in English, and what they follow."""
    folder = tmp_path_factory.mktemp("english")
    catalogue = tiny_catalogue(folder, offer("avance", title="Avance", need_types=("tresorerie",)))
    need = sent(catalogue, "AIG-LILLE1", "salaires", at=NOON, agreed=("avance",))
    keep_users(catalogue.engine, ROOT)
    client = client_of(create_app(settings(folder), catalogue), ROOT)
    client.get("/?lang=en")
    names = {"need": need, "key": portal(catalogue.engine), "hook": hooked(catalogue.engine)}
    return client, names


def portal(engine):
    wanted = WantedKey("Portail", "a@b.fr", scopes=tuple(SCOPES), origins=("https://a.fr",))
    return create_key(engine, b"of these tests", wanted, by="system", now=NOON).key


def hooked(engine):
    """A webhook of the partner, whose last try failed."""
    hooks = webhooks_of(engine, "portail")
    made = hooks.make("http://localhost:9/", ("need.closed",), now=NOON).webhook
    hooks.ping(made.id, now=NOON)
    courier_of(engine).run(lambda: NOON)
    return made


def said(page):
    """What is read on a page, without what is marked as French."""
    text = re.sub(r"<(\w+)[^>]* lang=\"fr\"[^>]*>.*?</\1>", "", page.text, flags=re.S)
    labels = re.findall(r' (?:aria-label|label)="([^"]*)"', text)
    return [*re.findall(r">([^<>]*[a-z][^<>]*)<", text), *labels]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_read_in_english(desk, path):
    client, names = desk
    page = client.get(path.format(**names))
    assert page.status_code == (404 if path in UNKNOWN else 200)
    assert '<html lang="en">' in page.text
    assert [text for text in said(page) if FRENCH.search(text)] == []


def test_an_error_is_told_in_english_with_what_was_typed(desk):
    client, _ = desk
    fields = {"name": "Léa", "email": "lea", "role": "catalyst", **proof(client)}
    page = client.post("/bureau/comptes/nouveau", data=fields)
    assert page.status_code == 422
    assert "“lea” is not an e-mail address" in page.text


def test_a_program_is_told_in_french_whatever_the_language(desk):
    client, _ = desk
    told = client.get("/v1/offers/rien?lang=en").json()
    assert told["detail"] == "Aucune offre « rien » : vérifiez l’identifiant."
