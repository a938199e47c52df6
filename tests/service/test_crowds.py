"""Many at once: each is answered, or told at once when to come back; never a failure of ours."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from time import monotonic, perf_counter, sleep

import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY
from sqlalchemy import func, select

from data.engine import migrate, open_engine, read, write
from data.tables import needs
from service.app import create_app
from service.turns import Turn
from tests.builders import settings, tiny_catalogue
from tests.databases import KINDS, database_of
from tests.journeys.conftest import served

PAGE = {"accept": "text/html"}
NEED = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
WRITERS = 20
"""More than the fifteen connections that SQLAlchemy gives unasked."""


@pytest.fixture(params=KINDS)
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'crowd.db'}"
    return request.getfixturevalue("new_postgresql")()


@contextmanager
def opened(url, folder, **more):
    """An application over a database of its own."""
    made = settings(folder, **more)
    engine = open_engine(url, connections=made.connections)
    migrate(engine)
    yield create_app(made, replace(tiny_catalogue(folder), engine=engine))
    engine.dispose()


def ask(address):
    """Write a need, then read its answers: statuses, and the longest wait in seconds."""
    with httpx.Client(base_url=address, headers=PAGE, timeout=60) as client:
        started = perf_counter()
        kept = client.post("/", data=NEED)
        written = perf_counter()
        shown = client.get(kept.headers.get("location", "/"))
        return kept.status_code, shown.status_code, max(written - started, perf_counter() - written)


def slow_route(app):
    """A route, /slow, that answers once the event is set, in half a minute at most."""
    left = Event()

    def slow():
        left.wait(30)

    app.add_api_route("/slow", slow)
    return left


def until(true):
    """Wait for it, half a minute at most."""
    end = monotonic() + 30
    while not true():
        assert monotonic() < end
        sleep(0.01)


def test_sixty_at_once_are_all_answered(url, tmp_path):
    with (
        opened(url, tmp_path, threads=60) as app,
        served(app) as address,
        ThreadPoolExecutor(60) as people,
    ):
        # What is at stake is the database: a slow machine may take its time over each.
        app.state.catalogue = replace(app.state.catalogue, turn=Turn(most_wait_s=30))
        found = list(people.map(ask, [address] * 60))
    assert {(kept, shown) for kept, shown, _ in found} == {(303, 200)}
    assert max(wait for *_, wait in found) < 30


def test_while_writers_wait_for_the_one_before_readers_read_then_they_are_told_to_come_back(
    url, tmp_path, monkeypatch
):
    monkeypatch.setattr("data.engine.BUSY_MS", 6_000)
    with opened(url, tmp_path) as app, served(app) as address:
        engine = app.state.catalogue.engine
        with write(engine), ThreadPoolExecutor(WRITERS) as people:
            asked = [
                people.submit(httpx.post, address, data=NEED, headers=PAGE, timeout=60)
                for _ in range(WRITERS)
            ]
            until(lambda: engine.pool.checkedout() == 1 + WRITERS)
            assert httpx.get(f"{address}/ready", timeout=60).status_code == 200
            assert not any(one.done() for one in asked)
            refused = [one.result() for one in asked]
        assert {(r.status_code, r.headers["retry-after"]) for r in refused} == {(503, "5")}
        assert httpx.post(address, data=NEED, headers=PAGE).status_code == 303


def test_without_a_connection_left_a_request_is_told_to_come_back(url, tmp_path, monkeypatch):
    monkeypatch.setattr("data.engine.BUSY_MS", 50)
    with opened(url, tmp_path) as app:
        engine = open_engine(url, connections=1)
        app.state.catalogue = replace(app.state.catalogue, engine=engine)
        client = TestClient(app, headers=PAGE)
        with read(engine):
            found = client.get("/besoins/inconnu")
        assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert "La base est occupée" in found.text
        assert client.get("/besoins/inconnu").status_code == 404
        engine.dispose()


def test_each_thread_has_its_connection_and_some_are_left_for_what_is_done_beside(tmp_path):
    with opened(database_of(tmp_path, "a"), tmp_path, threads=3) as app:

        async def threads():
            return current_default_thread_limiter().total_tokens

        app.add_api_route("/threads", threads)
        with TestClient(app) as client:
            assert client.get("/threads").json() == 3 + 4
        assert app.state.catalogue.engine.pool.size() == 3 + 4


def test_a_request_that_would_only_wait_is_refused_and_the_process_is_known_to_live(tmp_path):
    with opened(database_of(tmp_path, "a"), tmp_path, threads=5) as app:
        left = slow_route(app)
        before = measured("aiguille_requests_turned_away_total")
        with served(app) as address, ThreadPoolExecutor(6) as people:
            asked = [
                people.submit(httpx.get, f"{address}/slow", headers=PAGE, timeout=60)
                for _ in range(6)
            ]
            refused = next(as_completed(asked)).result()
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            assert "Trop de demandes à la fois" in refused.text
            program = httpx.post(f"{address}/v1/match", json=NEED, timeout=60)
            assert (program.status_code, program.headers["retry-after"]) == (503, "5")
            assert program.headers["content-type"] == "application/problem+json"
            assert program.json()["type"] == "/problems/occupee"
            assert measured("aiguille_requests_under_way") == 5
            assert measured("aiguille_requests_turned_away_total") == before + 2
            assert httpx.get(f"{address}/health", timeout=60).status_code == 200
            left.set()
            found = sorted(one.result().status_code for one in asked)
            assert found == [200] * 5 + [503]
            assert httpx.get(address, headers=PAGE, timeout=60).status_code == 200


def test_readiness_measures_and_what_pages_are_dressed_with_are_no_part_of_a_crowd(tmp_path):
    with opened(database_of(tmp_path, "a"), tmp_path, threads=1) as app:
        left = slow_route(app)
        with served(app) as address, ThreadPoolExecutor(1) as people:
            asked = people.submit(httpx.get, f"{address}/slow", timeout=60)
            until(lambda: measured("aiguille_requests_under_way") == 1)
            free = ("/health", "/ready", "/metrics", "/static/aiguille.css")
            assert [httpx.get(address + path).status_code for path in free] == [200] * 4
            assert httpx.get(f"{address}/v1/frame").status_code == 503
            left.set()
            assert asked.result().status_code == 200


def test_a_body_that_is_long_to_come_keeps_nobody_waiting(tmp_path):
    with (
        opened(database_of(tmp_path, "a"), tmp_path, threads=1) as app,
        served(app) as address,
    ):
        at = httpx.URL(address)
        body = json.dumps(NEED).encode()
        head = "POST /v1/match HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        with socket.create_connection((at.host, at.port), timeout=60) as slow:
            slow.sendall(head.encode() + body[:5])
            until(lambda: measured("aiguille_requests_under_way") == 1)
            assert httpx.get(f"{address}/v1/frame").status_code == 200
            slow.sendall(body[5:])
            assert slow.recv(100).startswith(b"HTTP/1.1 200")


def test_a_need_that_waits_for_its_turn_too_long_is_told_to_come_back_and_nothing_is_kept(tmp_path):
    with opened(database_of(tmp_path, "a"), tmp_path) as app, TestClient(app) as client:
        app.state.catalogue = replace(app.state.catalogue, turn=Turn(most_wait_s=0.05))
        with app.state.catalogue.turn:
            refused = client.post("/v1/needs", json=NEED)
            page = client.post("/", data=NEED, headers=PAGE)
            assert client.get("/v1/frame").status_code == 200
        for found in (refused, page):
            assert (found.status_code, found.headers["retry-after"]) == (503, "5")
        assert refused.json()["type"] == "/problems/occupee"
        assert "Trop de besoins arrivent à la fois" in page.text
        with read(app.state.catalogue.engine) as connection:
            assert not connection.execute(select(func.count()).select_from(needs)).scalar()
        assert client.post("/v1/needs", json=NEED).status_code == 201


def measured(name):
    """The value of a measure of this process, which other tests move too."""
    return REGISTRY.get_sample_value(name)
