"""Webhooks by the API: opened with a secret shown once, paused, turned over, tried, replayed."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data.engine import read
from data.tables_partners import idempotency
from data.tables_people import audit
from service.app import create_app
from service.events import TYPES
from service.usecases.delivering import Courier
from service.usecases.webhooks import MOST, SHOWN
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON
from tests.partners import portal
from tests.service.hooks import LOCAL
from tests.service.sent_needs import Clock

URL = "https://portail.invalid/webhooks/aiguille"
ASKED = {"url": URL, "events": ["need.closed", "need.matched"]}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One for all: each test has partners of its own."""
    folder = tmp_path_factory.mktemp("webhooks")
    return create_app(settings(folder), tiny_catalogue(folder, offer("une")))


def opened(client, **more):
    answer = client.post("/v1/webhooks", json={**ASKED, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_webhook_is_opened_and_its_secret_shown_once(app):
    client = portal(app)
    answer = client.post("/v1/webhooks", json=ASKED)
    made = answer.json()
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert answer.headers["location"] == f"/v1/webhooks/{made['id']}"
    assert answer.headers["cache-control"] == "no-store"
    assert made == {
        "id": made["id"],
        "url": URL,
        "events": ["need.matched", "need.closed"],
        "state": "active",
        "created_at": "2026-11-24T12:00:00Z",
        "disabled_at": None,
        "previous_secret_until": None,
    }
    assert client.get("/v1/webhooks").json() == {"webhooks": [made]}
    assert client.get(f"/v1/webhooks/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("asked", "field", "told"),
    [
        ({"url": "http://portail.fr/"}, "url", "attendu https://"),
        ({"url": "https://127.0.0.1/"}, "url", "n’est pas une adresse où envoyer"),
        ({"events": ["need.eaten"]}, "events", "Événement inconnu : « need.eaten »"),
        ({"events": []}, "events", ""),
        ({"events": ["ping"]}, "events", "Événements possibles : need.qualified"),
        ({"secret": "whsec_x"}, "secret", "Champ inconnu"),
    ],
)
def test_a_wrong_webhook_is_refused_by_its_field_and_nothing_is_kept(app, asked, field, told):
    client = portal(app)
    refused = client.post("/v1/webhooks", json={**ASKED, **asked})
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["errors"][0]["field"] == field
    assert told in problem["detail"]
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_there_are_so_many_for_a_partner_and_no_more(app):
    client = portal(app)
    for _ in range(MOST):
        opened(client)
    assert client.post("/v1/webhooks", json=ASKED).status_code == 422


def test_another_choice_of_events_and_a_pause_are_kept(app):
    client = portal(app)
    where = f"/v1/webhooks/{opened(client)['id']}"
    assert client.patch(where, json={"events": ["gap.opened"]}).json()["events"] == ["gap.opened"]
    paused = client.patch(where, json={"active": False}).json()
    assert (paused["state"], paused["events"]) == ("paused", ["gap.opened"])
    refused = client.post(f"{where}/test")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/webhook-arrete")
    assert client.patch(where, json={"active": True}).json()["state"] == "active"
    assert client.patch(where, json={}).json()["events"] == ["gap.opened"]
    assert client.patch(where, json={"events": ["x"]}).status_code == 422


def test_a_webhook_that_is_deleted_is_no_more(app):
    client = portal(app)
    where = f"/v1/webhooks/{opened(client)['id']}"
    client.post(f"{where}/test")
    assert client.delete(where).status_code == 204
    for answer in (client.get(where), client.delete(where), client.get(f"{where}/deliveries")):
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/webhook-inconnu")


def test_a_secret_is_turned_over_and_the_one_before_told_until_when(app):
    client = portal(app)
    made = opened(client)
    turned = client.post(f"/v1/webhooks/{made['id']}/secret").json()
    assert turned["secret"] != made["secret"]
    assert turned["previous_secret_until"] == "2026-11-25T12:00:00Z"
    shown = client.get(f"/v1/webhooks/{made['id']}").text
    for secret in (made["secret"], turned["secret"]):
        assert secret not in shown


def test_a_ping_is_queued_told_then_replayed_under_the_same_id(app):
    client = portal(app)
    where = f"/v1/webhooks/{opened(client)['id']}"
    asked = client.post(f"{where}/test")
    assert asked.status_code == 202
    ping = asked.json()
    assert (ping["type"], ping["state"], ping["tries"]) == ("ping", "pending", 0)
    engine = app.state.catalogue.engine
    Courier(engine, LOCAL, lambda: b"k").run(Clock(NOON))  # nobody is there: the name is reserved
    (tried,) = client.get(f"{where}/deliveries").json()["deliveries"]
    assert (tried["id"], tried["state"], tried["tries"]) == (ping["id"], "pending", 1)
    assert (tried["status"], tried["error"]) == (None, "unknown-name")
    assert tried["next_try_at"] == "2026-11-24T12:01:00Z"
    again = client.post(f"{where}/deliveries/{ping['id']}/replay")
    assert again.status_code == 202
    assert (again.json()["id"], again.json()["tries"]) == (ping["id"], 0)
    assert again.json()["next_try_at"] == "2026-11-24T12:00:00Z"
    absent = client.post(f"{where}/deliveries/evt_absent/replay")
    assert (absent.status_code, absent.json()["type"]) == (404, "/problems/envoi-inconnu")


def test_the_last_deliveries_are_shown_the_newest_first(app):
    client = portal(app)
    where = f"/v1/webhooks/{opened(client)['id']}"
    ids = [client.post(f"{where}/test").json()["id"] for _ in range(SHOWN + 2)]
    shown = client.get(f"{where}/deliveries").json()["deliveries"]
    assert [one["id"] for one in shown] == ids[:1:-1]


def test_a_secret_whose_answer_was_lost_is_asked_for_again_by_the_same_key(app):
    client = portal(app)
    key = {"Idempotency-Key": "ouvrir-1"}
    first, again = (client.post("/v1/webhooks", json=ASKED, headers=key) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert len(client.get("/v1/webhooks").json()["webhooks"]) == 1
    turn = f"/v1/webhooks/{first.json()['id']}/secret"
    turned = [client.post(turn, headers={"Idempotency-Key": "tourner-1"}).json() for _ in range(2)]
    assert turned[0] == turned[1]
    with read(app.state.catalogue.engine) as connection:
        kept = str(connection.execute(select(idempotency)).all())
    assert "whsec_" not in kept


CALLS = [
    ("GET", "", None),
    ("POST", "", ASKED),
    ("GET", "/{id}", None),
    ("PATCH", "/{id}", {"active": False}),
    ("DELETE", "/{id}", None),
    ("POST", "/{id}/secret", None),
    ("POST", "/{id}/test", None),
    ("GET", "/{id}/deliveries", None),
    ("POST", "/{id}/deliveries/{delivery}/replay", None),
]


def test_the_calls_here_are_all_there_are(app):
    paths = app.openapi()["paths"]
    known = {
        (method.upper(), path.removeprefix("/v1/webhooks").replace("webhook_id", "id"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith("/v1/webhooks")
    }
    assert known == {(m, p.replace("{delivery}", "{delivery_id}")) for m, p, _ in CALLS}


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_without_a_key_or_the_scope_nothing_is_told(app, method, path, body):
    address = "/v1/webhooks" + path.format(id="wh_x", delivery="evt_x")
    for client, kind in (
        (TestClient(app), "cle-absente"),
        (portal(app, scopes=("needs:read", "needs:write")), "droit-absent"),
    ):
        refused = client.request(method, address, json=body)
        assert refused.json()["type"] == f"/problems/{kind}"


def test_what_a_partner_does_is_told_in_the_log_without_any_secret_nor_address(app):
    client = portal(app)
    made, partner = opened(client), client.get("/v1/key").json()["partner"]
    client.post(f"/v1/webhooks/{made['id']}/secret")
    client.patch(f"/v1/webhooks/{made['id']}", json={"active": False})
    client.delete(f"/v1/webhooks/{made['id']}")
    with read(app.state.catalogue.engine) as connection:
        lines = connection.execute(select(audit).where(audit.c.actor == f"partner:{partner}")).all()
    assert [(line.actor, line.action) for line in lines] == [
        (f"partner:{partner}", f"webhook-{what}")
        for what in ("made", "secret-turned", "changed", "deleted")
    ]
    assert {json.dumps(line.detail) for line in lines} == {json.dumps({"webhook": made["id"]})}


def test_each_event_is_described_for_who_generates_a_client(app):
    described = app.openapi()["webhooks"]
    assert set(described) == {*TYPES, "ping"}
