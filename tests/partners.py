"""Partners in a test: a client that calls with a key of its own."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

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
    return TestClient(app, headers={"Authorization": f"Bearer {key_of(app, now=now, **facts)}"})


def key_of(app: FastAPI, *, now: datetime, **facts: Any) -> str:
    """The key of a new partner: every right and the live mode, unless told otherwise."""
    name = f"Portail {next(_numbers)}"
    wanted = WantedKey(
        name, "api@portail.example", **{"mode": "live", "scopes": tuple(SCOPES), **facts}
    )
    secret = derived(secret_of(app.state.settings), KEYS)
    return create_key(app.state.catalogue.engine, secret, wanted, by="system", now=now).clear


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
