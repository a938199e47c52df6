"""Who builds on the API may see all that made a score and a verdict."""

from __future__ import annotations

from math import exp

import pytest
from fastapi.testclient import TestClient

from matching.features import FEATURES
from matching.ranker import BIAS
from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.partners import need


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain")
    few = offer("petit", need_types=("tresorerie",), employees_max=9)
    return TestClient(create_app(settings(folder), tiny_catalogue(folder, few, offer("autre"))))


def test_the_contributions_add_up_to_the_score(client):
    found = client.post("/v1/match", json=need(explain="full")).json()
    matches = found["matches"] or [found["fallback"]]
    assert matches
    for match in matches:
        detail = match["detail"]
        assert [f["name"] for f in detail["features"]] == list(FEATURES)
        assert detail["base"] == pytest.approx(BIAS, abs=0.01)
        odds = detail["base"] + sum(f["contribution"] for f in detail["features"])
        assert 1 / (1 + exp(-odds)) == pytest.approx(match["score"], abs=0.001)


def test_every_rule_says_its_verdict(client):
    said = need(explain="full")
    del said["employees"]
    found = client.post("/v1/match", json=said).json()
    (match,) = [m for m in found["matches"] if m["offer"]["id"] == "petit"]
    rules = {r["rule"]: (r["verdict"], r["fact"]) for r in match["detail"]["rules"]}
    assert rules["employees_max"] == ("to_check", "employees")
    assert rules["territory"] == ("eligible", "commune")
    checks = {c["rule"] for c in match["checks"]}
    assert checks == {name for name, (verdict, _) in rules.items() if verdict == "to_check"}


def test_nothing_is_added_unless_it_is_asked_for(client):
    made = client.post("/v1/needs", json=need()).json()
    plain, full = (
        client.get(made["matches_url"], params=p).json() for p in ({}, {"explain": "full"})
    )
    assert all(m["detail"] is None for m in plain["matches"])
    assert all(m["detail"] for m in full["matches"])
    assert len(full["matches"]) > 0
    assert client.get(made["matches_url"], params={"explain": "all"}).status_code == 422
