"""People of the desk in a test: accounts, sessions in a client, forms that prove their session."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import Engine

from data.engine import write
from data.store_needs import StoredNeed
from data.store_users import User, save_user
from service.auth import COOKIE, csrf_token
from service.deps import clock
from service.usecases.signing_in import make_link

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def user(name: str = "lea", role: str = "catalyst", *territories: str, **facts: Any) -> User:
    """A catalyst who sees nothing, unless told otherwise; the name is the id."""
    return User(name, f"{name}@exemple.org", name.title(), role, territories, **facts)


def keep_users(engine: Engine, *users: User, now: datetime = NOON) -> None:
    with write(engine) as connection:
        for one in users:
            save_user(connection, one, at=now)


def client_of(app: FastAPI, who: User | None = None, *, now: datetime = NOON) -> TestClient:
    """A browser, signed in as somebody whose account is kept; redirections are shown."""
    app.dependency_overrides.setdefault(clock, lambda: now)
    client = TestClient(app, follow_redirects=False, headers={"accept": "text/html"})
    if who is not None:
        engine = app.state.catalogue.engine
        client.post(f"/connexion/{make_link(engine, who.email, now=now)}")
    return client


def proof(client: TestClient) -> dict[str, str]:
    """The field that proves that a form comes from a page of the session."""
    return {"csrf": csrf_token(client.cookies.get(COOKIE) or "")}


def page_of(client: TestClient, need: StoredNeed, **query: Any) -> Response:
    return client.get(f"/bureau/besoins/{need.key}", params=query)


def act(client: TestClient, need: StoredNeed, action: str, **fields: Any) -> Response:
    """Send a form of a need's page as it stands, unless another version is given."""
    text = page_of(client, need).text
    for name in ("version", "depuis"):
        (shown,) = set(re.findall(rf'name="{name}" value="(\d+)"', text))
        fields.setdefault(name, shown)
    return client.post(f"/bureau/besoins/{need.key}/{action}", data={**fields, **proof(client)})
