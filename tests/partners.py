"""Partners in a test: a client that calls with a key of its own."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from data.engine import read
from data.store_partners import load_partner
from service.callers import KEYS
from service.deps import clock
from service.secret import derived, secret_of
from service.usecases.keys import SCOPES, WantedKey, create_key
from tests.desk import NOON

WORDS = "On n’arrive plus à payer les salaires, la subvention tarde."
_numbers = count(1)


def portal(app: FastAPI, *, now: datetime = NOON, **facts: Any) -> TestClient:
    """The program of a new partner, at a moment: its key as `key_of` makes it."""
    app.dependency_overrides.setdefault(clock, lambda: now)
    return _with(app, key_of(app, now=now, **facts))


def in_test_mode(app: FastAPI, client: TestClient, *, now: datetime = NOON) -> TestClient:
    """The same partner, by a key of the sandbox."""
    with read(app.state.catalogue.engine) as connection:
        partner = load_partner(connection, client.get("/v1/key").json()["partner"])
    return _with(app, key_of(app, partner.name, now=now, mode="test"))


def key_of(app: FastAPI, partner: str = "", *, now: datetime, **facts: Any) -> str:
    """The key of a new partner, or of that one: every right and live, unless told otherwise."""
    name = partner or f"Portail {next(_numbers)}"
    wanted = WantedKey(
        name, "api@portail.example", **{"mode": "live", "scopes": tuple(SCOPES), **facts}
    )
    secret = derived(secret_of(app.state.settings), KEYS)
    return create_key(app.state.catalogue.engine, secret, wanted, by="system", now=now).clear


def _with(app: FastAPI, key: str) -> TestClient:
    return TestClient(app, headers={"Authorization": f"Bearer {key}"})


def need(**more: Any) -> dict[str, Any]:
    return {"text": WORDS, "commune": "59350", "profile": "association", "employees": 4, **more}


def sending(*offers: str, **consent: Any) -> dict[str, Any]:
    """The contact of a person, and what they agreed to a minute ago."""
    said = {
        "text_version": "2026-11",
        "recipients": ["catalyst", *offers],
        "agreed_at": "2026-11-24T11:59:00Z",
    }
    contact = {"name": "Sam", "email": "sam@exemple.org"}
    return {"contact": contact, "consent": {**said, **consent}}
