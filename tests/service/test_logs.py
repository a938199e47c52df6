"""What fails is told to who keeps the site, and never with anybody's words."""

from __future__ import annotations

import json
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from io import StringIO

import httpx
from fastapi.testclient import TestClient
from prometheus_client import generate_latest

from data.engine import write
from data.store_users import save_user
from service.app import create_app
from service.logs import configure_logs
from tests.builders import logs_put_back, settings, tiny_catalogue
from tests.desk import NOON, user
from tests.journeys.conftest import served

SECRET = "camille@exemple.org"


@contextmanager
def logged():
    """A file that is given the log, as the operator reads it."""
    written = StringIO()
    with logs_put_back():
        with redirect_stderr(written):
            configure_logs("INFO")
        yield written


def twice(engine):
    with write(engine) as connection:
        for user_id in ("a", "b"):
            save_user(connection, replace(user(user_id), email=SECRET), at=NOON)


def test_requests_are_logged_and_counted_by_the_whole_path_of_their_route(tmp_path):
    client = TestClient(create_app(settings(tmp_path), tiny_catalogue(tmp_path)))
    asked = {
        "/v1/needs/secret": "/v1/needs/{need_id}",
        "/v1/needs/counts": "/v1/needs/counts",
        "/v1/offers?q=secret": "/v1/offers",
        "/besoins/secret": "/besoins/{need_id}",
        "/health": "/health",
        "/nulle-part/secret": "none",
    }
    with logged() as log:
        for address in asked:
            client.get(address)
    lines = [line for line in map(json.loads, log.getvalue().splitlines()) if "route" in line]
    assert [line["route"] for line in lines] == list(asked.values())
    assert "secret" not in json.dumps(lines)
    measures = generate_latest().decode()
    for route in asked.values():
        assert f'route="{route}"' in measures


def test_a_row_that_is_refused_tells_its_rule_and_no_value_in_the_answer_nor_in_the_log(
    tmp_path, engine
):
    app = create_app(settings(tmp_path), replace(tiny_catalogue(tmp_path), engine=engine))
    app.add_api_route("/twice", lambda: twice(engine))
    with logged() as log, served(app) as address:
        page = httpx.get(f"{address}/twice", headers={"accept": "text/html"})
        program = httpx.get(f"{address}/twice")
    assert (page.status_code, program.status_code) == (500, 500)
    assert "par notre faute" in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert (program.json()["type"], program.json()["title"]) == (
        "/problems/erreur-interne",
        "Erreur de notre part",
    )
    for said in (page.text, program.text, log.getvalue()):
        assert SECRET not in said
        assert "INSERT" not in said
    lines = map(json.loads, log.getvalue().splitlines())
    failed = [line["exception"] for line in lines if "exception" in line]
    assert len(failed) == 2
    assert failed[0][0]["kind"] == "sqlalchemy.exc.IntegrityError"
    assert any("test_logs.py" in place and "twice" in place for place in failed[0][0]["at"])
