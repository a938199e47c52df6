"""The form of a need, as a browser without JavaScript sends it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.deps import clock
from tests.builders import settings, tiny_catalogue

PAY = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("form")
    app = create_app(settings(folder), tiny_catalogue(folder))
    app.dependency_overrides[clock] = lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)
    with TestClient(app, follow_redirects=False) as made:
        yield made


def ask(client, **fields):
    return client.post("/", data={"text": PAY, "commune": "Mende", **fields})


def test_words_and_a_place_are_enough_and_lead_to_a_private_page(client):
    asked = ask(client)
    assert asked.status_code == 303
    assert asked.headers["location"].startswith("/besoins/")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"text": "Au secours"}, "au moins 20 caractères, vous en avez écrit 10"),
        ({"text": "a" * 2001}, "Au plus 2000 caractères"),
        ({"commune": ""}, "Dites où vous êtes"),
        ({"commune": "Zzyzx"}, "Nous ne connaissons pas"),
        ({"employees": "deux"}, "0 si vous êtes tous bénévoles"),
        ({"employees": "-1"}, "0 si vous êtes tous bénévoles"),
        ({"number": "123"}, "un SIRET a 14 chiffres"),
        ({"profile": "martien"}, "martien"),
        ({"text": PAY + "\x00"}, "interdit"),
    ],
)
def test_what_is_to_correct_is_told_and_what_was_typed_is_kept(client, fields, told):
    asked = ask(client, **fields)
    assert asked.status_code == 422
    assert told in asked.text.replace("\u00a0", " ")
    assert fields.get("commune", "Mende") in asked.text


def test_all_that_is_to_correct_is_told_at_once(client):
    asked = ask(client, text="court", commune="", employees="x")
    assert asked.text.count('class="error" id=') == 3
    assert "3 points à corriger" in asked.text


def test_a_line_break_counts_as_one_character(client):
    assert ask(client, text=PAY + "\r\n" * (2000 - len(PAY))).status_code == 303


def test_a_place_that_may_be_several_is_chosen_among_them(client):
    asked = ask(client, commune="48000")
    assert asked.status_code == 422
    assert 'type="radio" name="lieu" id="lieu-COM-48095"' in asked.text
    assert ask(client, commune="48000", lieu="COM-48095").status_code == 303


def test_a_place_chosen_for_other_words_is_not_taken(client):
    assert ask(client, commune="48000", lieu="COM-59350").status_code == 422
    assert ask(client, commune="Mende (48)", lieu="COM-48095").status_code == 303


def test_an_association_is_known_by_its_number_which_is_not_kept(client):
    asked = ask(client, number="W482001234")
    kept = client.get(f"/v1/needs/{asked.headers['location'].rpartition('/')[2]}")
    assert kept.json()["profile"] == "association"
    assert "W482001234" not in kept.text


def test_what_is_personal_is_told_and_masked_but_never_blocks(client):
    words = f"{PAY} Écrivez à marie@exemple.fr"
    fragment = client.post("/relire", data={"text": words})
    assert "une adresse électronique" in fragment.text
    assert fragment.headers["cache-control"] == "no-store"
    assert client.post("/relire", data={"text": PAY}).text.strip() == ""
    again = ask(client, text=words, masquer="1")
    assert again.status_code == 200
    assert "marie@exemple.fr" not in again.text
    assert "Écrivez à […]" in again.text
    assert ask(client, text=words).status_code == 303


def test_an_example_fills_the_box_by_its_address(client):
    assert "On n’arrive plus à payer les salaires" in client.get("/?exemple=argent-1").text
    assert client.get("/?exemple=rien-9").status_code == 200


@pytest.mark.parametrize("asked", ["mend", "48000", "Mende"])
def test_places_are_proposed_by_name_or_postal_code(client, asked):
    found = client.get("/lieux", params={"commune": asked}).text
    assert 'data-code="COM-48095"' in found


def test_no_place_is_proposed_for_nothing(client):
    for asked in ("", "zzyzxq", "\x00", "é" * 100):
        assert 'role="option"' not in client.get("/lieux", params={"q": asked}).text
