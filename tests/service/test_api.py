"""The API over HTTP's own words, on the shipped inventory."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.deps import clock
from tests.builders import settings, small_catalogue

PAY = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("api")
    app = create_app(settings(folder), small_catalogue(folder))
    app.dependency_overrides[clock] = lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def ask(client, **body):
    return client.post("/v1/match", json={"text": PAY, **body})


def test_a_match_carries_all_that_a_portal_shows(client):
    found = ask(client, commune="59350", profile="association", employees=4).json()
    assert found["sure"]
    assert found["understood"]["need_types"][0]["code"] == "tresorerie"
    assert found["understood"]["place"]["name"] == "Lille (59)"
    assert found["understood"]["size_class"] == "petite"
    assert [m["rank"] for m in found["matches"]] == list(range(1, 11))
    first = found["matches"][0]
    assert {"score", "verdict", "reasons", "checks", "relay", "next_step", "offer"} <= set(first)
    assert first["reasons"][0]["sentence"]
    assert set(found["versions"]) == {"frame", "index", "encoder", "ranker"}
    assert found["bundle"]
    statuses = {m["offer"]["status"] for m in found["matches"]}
    assert not statuses & {"closed", "crisis-2020"}


def test_limit_bounds_the_matches(client):
    assert len(ask(client, limit=3).json()["matches"]) == 3


def test_a_day_in_2020_is_an_argument_but_a_closed_measure_stays_history(client):
    found = ask(client, today="2020-04-15").json()
    assert all(m["offer"]["status"] != "crisis-2020" for m in found["matches"])


def test_a_need_is_kept_and_answered_again(client):
    made = client.post("/v1/needs", json={"text": PAY, "commune": "Mende", "employees": 0})
    assert made.status_code == 201
    kept = made.json()
    assert made.headers["location"] == f"/v1/needs/{kept['id']}"
    assert client.get(f"/v1/needs/{kept['id']}").json() == kept
    assert (kept["today"], kept["place"]["code"]) == ("2026-11-23", "COM-48095")
    answer = client.get(kept["matches_url"]).json()
    direct = ask(client, commune="Mende", employees=0).json()
    assert answer == direct


def test_offers_come_by_page_and_each_once(client):
    seen, cursor = [], None
    while True:
        page = client.get(
            "/v1/offers", params={"limit": 100, **({"cursor": cursor} if cursor else {})}
        )
        seen += [o["id"] for o in page.json()["offers"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 323
    assert seen == sorted(seen)


def test_filters_of_offers_all_hold(client):
    params = {
        "place": "Mende",
        "profile": "association",
        "need_type": "gouvernance",
        "kind": "accompagnement",
    }
    found = client.get("/v1/offers", params=params).json()["offers"]
    assert "guidasso-lozere" in {o["id"] for o in found}
    for offer in found:
        assert set(offer["territories"]) & {"COM-48095", "DEP-48", "REG-76", "FR"}
        assert "association" in offer["audiences"]
        assert "gouvernance" in offer["need_types"]
        assert offer["kind"] == "accompagnement"
    said = client.get("/v1/offers", params={"q": "MICROCREDIT"}).json()["offers"]
    assert {o["id"] for o in said} >= {"adie"}


def test_one_offer(client):
    assert client.get("/v1/offers/adie").json()["url"] == "https://www.adie.org"


def test_places_complete_and_the_frame_is_served(client):
    found = client.get("/v1/territories", params={"q": "mend"}).json()["territories"]
    assert found[0]["code"] == "COM-48095"
    frame = client.get("/v1/frame").json()
    assert len(frame["lists"]["need_types"]) == 25


BAD = [
    ({"text": ""}, "text", "besoin"),
    ({"text": "   "}, "text", "besoin"),
    ({"text": "a" * 50_000}, "text", "10000"),
    ({"text": "a\x00b"}, "text", "NUL"),
    ({"text": 3}, "text", "texte"),
    ({"text": None}, "text", "texte"),
    ({"text": PAY, "commune": "Zzyzx-sur-Rien"}, "commune", "code postal"),
    ({"text": PAY, "commune": "Saint-Denis"}, "commune", "97411"),
    ({"text": PAY, "commune": "99999"}, "commune", "Lieu inconnu"),
    ({"text": PAY, "profile": "martien"}, "profile", "association"),
    ({"text": PAY, "naf_section": "Z"}, "naf_section", "A, B"),
    ({"text": PAY, "need_types": ["amour"]}, "need_types", "tresorerie"),
    ({"text": PAY, "employees": -1}, "employees", "Au moins 0"),
    ({"text": PAY, "employees": "beaucoup"}, "employees", "entier"),
    ({"text": PAY, "employees": 2.5}, "employees", "entier"),
    ({"text": PAY, "employees": 4, "volunteer_only": True}, "", "contredisent"),
    ({"text": PAY, "employees": 0, "volunteer_only": False}, "", "contredisent"),
    ({"text": PAY, "today": "demain"}, "today", "2026-03-31"),
    ({"text": PAY, "couleur": "bleu"}, "couleur", "inconnu"),
    ({"text": PAY, "limit": 500}, "limit", "Au plus 50"),
    ([], "", "objet JSON"),
]


@pytest.mark.parametrize(("body", "field", "told"), BAD)
def test_bad_input_names_the_field_and_the_remedy(client, body, field, told):
    response = client.post("/v1/match", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert told in problem["detail"]
    assert [e["field"] for e in problem["errors"]] == [field]


@pytest.mark.parametrize("raw", ["{oups", "", '{"text": "\\ud800"}', "\xff\xfe", '{"text": NaN}'])
def test_broken_json_and_lone_surrogates_are_refused(client, raw):
    response = client.post(
        "/v1/match", content=raw.encode("latin-1"), headers={"content-type": "application/json"}
    )
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_a_body_beyond_the_bound_is_refused_announced_or_streamed(client):
    big = json.dumps({"text": "a" * 2_000_000}).encode()
    assert client.post("/v1/match", content=big).status_code == 413

    def chunks():
        for start in range(0, len(big), 100_000):
            yield big[start : start + 100_000]

    streamed = client.post("/v1/match", content=chunks())
    assert streamed.status_code == 413
    assert streamed.json()["type"] == "/problems/trop-volumineux"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/needs/absent", 404),
        ("/v1/needs/absent/matches", 404),
        ("/v1/offers/absent", 404),
        ("/v1/offers?cursor=%C3%A9%C3%A9", 422),
        ("/v1/offers?place=Zzyzx", 422),
        ("/v1/offers?limit=0", 422),
        ("/v1/territories", 422),
        ("/nulle-part", 404),
        ("/v1/match", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_openapi_documents_every_error_with_worked_examples(client):
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in json.dumps(schema)
    for path, methods in schema["paths"].items():
        for method in methods.values():
            read = {p["name"] for p in method.get("parameters", ())} - {"If-None-Match"}
            if path.startswith("/v1/") and (read or "requestBody" in method):
                assert "application/problem+json" in method["responses"]["422"]["content"]
    assert schema["components"]["schemas"]["MatchIn"]["examples"]


def test_headers_are_safe(client):
    headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_nothing_a_person_wrote_is_logged(client, caplog):
    caplog.set_level("DEBUG")
    client.post("/v1/match", json={"text": "secret-de-polichinelle", "commune": "Mende"})
    assert "polichinelle" not in caplog.text
    assert "Mende" not in caplog.text


def test_a_body_that_is_no_utf_8_is_refused_in_french(client):
    told = client.post("/v1/match", content=b"9\xff", headers={"content-type": "application/json"})
    assert (told.status_code, told.json()["type"]) == (422, "/problems/demande-invalide")
    assert "UTF-8" in told.json()["detail"]


def test_a_moment_is_told_with_its_zone(client):
    made = client.post("/v1/needs", json={"text": "Le toit fuit."}).json()
    assert made["created_at"].endswith("Z")
