"""Two partners over every route of the API: what is one's is, for the other, what never was.

The routes are those of the description, so that a new one is tried; what it takes is said here.
"""

from __future__ import annotations

import json

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import select

from data.engine import read
from data.tables import metadata
from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.openapi import CURRENT
from tests.partners import in_test_mode, need, portal, sending

DESCRIBED = json.loads(CURRENT.read_text())["paths"]
ROUTES = [
    (method.upper(), path) for path in DESCRIBED if path[:4] == "/v1/" for method in DESCRIBED[path]
]
OPEN = {"offer_id", "token"}
"""Parameters that are nobody's: a public offer, and a link that a provider alone was given."""
NEVER = {"need_id": "x" * 16, "webhook_id": "wh_0000", "delivery_id": "evt_0000"}
HOOK = {"url": "https://chez-nous.invalid/secret", "events": ["need.closed"]}
DOSSIER, WORDS = "dossier-secret", "Le toit de la grange d’Adèle fuit, on paie comment ?"
OURS = need(text=WORDS, external_id=DOSSIER, send=sending("aide"))
THEIRS = need(external_id=DOSSIER)
BODIES = {
    ("POST", "/v1/match"): need(),
    ("POST", "/v1/needs"): THEIRS,
    ("POST", "/v1/needs/batch"): THEIRS,
    ("PATCH", "/v1/needs/{need_id}"): {"employees": 5},
    ("POST", "/v1/needs/{need_id}/send"): sending("aide"),
    ("POST", "/v1/needs/{need_id}/messages"): {"text": "Bonjour."},
    ("POST", "/v1/sandbox/needs/{need_id}/advance"): {"to": "qualifying"},
    ("POST", "/v1/answers/{token}"): {"choice": "refuse", "reason": "full"},
    ("POST", "/v1/webhooks"): HOOK,
    ("PATCH", "/v1/webhooks/{webhook_id}"): {"active": False},
}
QUERIES = {
    ("GET", "/v1/needs"): {"external_id": DOSSIER},
    ("GET", "/v1/territories"): {"q": "Lille"},
}
SAME_KEY = {"Idempotency-Key": "1", "If-Match": "*"}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tenants")
    one = offer("aide", need_types=("tresorerie",))
    return create_app(settings(folder), tiny_catalogue(folder, one))


@pytest.fixture(scope="module", params=["live", "test"])
def us(app, request):
    """A partner, in one of the modes; what it has there; and who else may call."""
    return Tenant(app, request.param)


class Tenant:
    def __init__(self, app, mode):
        self.app, self.mode = app, mode
        here, there = ("live", "test") if mode == "live" else ("test", "live")
        us, other = clients(app), clients(app)
        self.client = us[here]
        self.others = {
            "the other": other[here],
            "the other, in the other mode": other[there],
            "us, in the other mode": us[there],
            "nobody": TestClient(app),
        }
        for client in self.others.values():  # a key is seen for the first time, a sandbox made
            client.get("/v1/needs")
        kept = self.client.post("/v1/needs", json=OURS, headers=SAME_KEY).json()
        hook = self.client.post("/v1/webhooks", json=HOOK, headers=SAME_KEY).json()
        ping = self.client.post(f"/v1/webhooks/{hook['id']}/test").json()
        self.ids = {"need_id": kept["id"], "webhook_id": hook["id"], "delivery_id": ping["id"]}
        secrets = (DOSSIER, "Adèle", "sam@exemple.org", kept["reference"], hook["secret"])
        self.secrets = (*self.ids.values(), *secrets, HOOK["url"])

    def stored(self):
        """All that is kept, in both modes."""
        engines = (self.app.state.catalogue.engine, self.app.state.sandbox.if_made())
        rows = []
        for engine in engines:
            with read(engine) as connection:
                for table in metadata.sorted_tables:
                    rows += map(str, connection.execute(select(table)))
        return sorted(rows)


def clients(app):
    """A new partner's, one for each mode."""
    live = portal(app)
    return {"live": live, "test": in_test_mode(app, live)}


def parameters(path):
    return {part[1:-1] for part in path.split("/") if part[:1] == "{"}


def ask(client, method, path, ids):
    body = BODIES[method, path] if "requestBody" in DESCRIBED[path][method.lower()] else None
    address = path.format(**{"offer_id": "aide", "token": "jamais-donne", **ids})
    query = QUERIES.get((method, path))
    return client.request(method, address, json=body, params=query, headers=SAME_KEY)


def test_each_route_is_tried(app):
    served = {
        (method, route.path)
        for route in iter_route_contexts(app.routes)
        for method in set(route.methods or ()) - {"HEAD"}
        if route.path.startswith("/v1/")
    }
    assert served == set(ROUTES)


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if parameters(r[1]) - OPEN])
def test_what_is_ours_is_for_others_what_never_was(us, method, path):
    assert parameters(path) <= set(us.ids), "what is it? of whom?"
    before = us.stored()
    for who, client in us.others.items():
        found, never = (ask(client, method, path, ids) for ids in (us.ids, NEVER))
        assert found.status_code == never.status_code in {401, 403, 404}, who
        text = found.text
        for name in parameters(path):
            text = text.replace(us.ids[name], NEVER[name])
        assert text == never.text, who
        live_only = path.startswith("/v1/sandbox/") and us.mode == "live"
        assert found.status_code == 404 or who != "the other" or live_only
    assert us.stored() == before


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if not parameters(r[1]) - OPEN])
def test_what_is_told_to_others_holds_nothing_of_ours(us, method, path):
    """Though they ask for it by our own id of the dossier, and under our Idempotency-Key."""
    for who, client in us.others.items():
        found = ask(client, method, path, us.ids)
        said = found.text + str(found.headers)
        # What they said themselves is said again.
        hidden = [s for s in us.secrets if s not in (DOSSIER, HOOK["url"])]
        assert not [s for s in hidden if s in said], who
        assert found.status_code in {200, 201, 401, 404}, (who, found.text)
    assert us.client.get("/v1/needs", params={"external_id": DOSSIER}).json()["needs"] != []


def test_a_cursor_of_ours_shows_others_their_own(us):
    us.client.post("/v1/needs", json=need(external_id="plus-tard"))
    cursor = us.client.get("/v1/needs", params={"limit": 1}).json()["next_cursor"]
    other = us.others["the other"]
    said = other.get("/v1/needs", params={"cursor": cursor})
    assert said.status_code == 200
    assert "plus-tard" not in said.text


def test_an_idempotency_key_of_ours_gives_others_nothing_of_ours(us):
    """Not even when they know the whole body that we sent."""
    other = clients(us.app)[us.mode]
    for path, body in (("/v1/needs", OURS), ("/v1/webhooks", HOOK)):
        replayed = us.client.post(path, json=body, headers=SAME_KEY)
        assert replayed.headers["idempotency-replayed"] == "true"
        theirs = other.post(path, json=body, headers=SAME_KEY)
        assert theirs.status_code == 201
        assert "idempotency-replayed" not in theirs.headers
        assert theirs.json()["id"] != replayed.json()["id"]
