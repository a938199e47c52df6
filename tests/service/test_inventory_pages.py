"""The public inventory over HTTP."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue


@pytest.fixture
def web(tmp_path):
    catalogue = tiny_catalogue(
        tmp_path,
        offer("cash", title="Avance & trésorerie", need_types=("tresorerie",)),
        offer("old", title="Fonds de 2020", status="crisis-2020", successor="cash"),
    )
    with TestClient(create_app(settings(tmp_path), catalogue)) as client:
        yield client


def test_the_inventory_counts_what_lives_and_finds_by_words(web):
    page = web.get("/inventaire").text
    assert "Appuis en cours\u00a0: 1, portés par 1 " in page.replace("&nbsp;", "\u00a0")
    found = web.get("/inventaire", params={"q": "avance"}).text
    assert "/offres/cash" in found
    assert "/offres/old" not in found
    assert "Aucune offre" in web.get("/inventaire", params={"q": "introuvable"}).text


def test_an_offer_of_the_past_says_so_and_names_what_follows(web):
    page = web.get("/offres/old").text
    assert "gardée pour mémoire" in page
    assert "/offres/cash" in page
    assert "Avance &amp; trésorerie" in page
    assert web.get("/offres/absent").status_code == 404


def test_anybody_may_suggest_a_correction_and_is_told_what_to_write(web):
    wrong = web.post("/offres/cash/corriger", data={"text": "non"})
    assert wrong.status_code == 422
    assert "10 à 2000 caractères" in wrong.text
    assert "Merci" in web.post("/offres/cash/corriger", data={"text": "Le lien est mort."}).text


def test_the_inventory_speaks_english_too(web):
    page = web.get("/inventaire?lang=en").text
    assert "The inventory of support" in page
    assert "Support open now: 1, by 1 providers" in page
