"""What fails is told to who keeps the site, and never with anybody's words."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from io import StringIO

import httpx
import pytest
import structlog

from data.engine import migrate, open_engine, write
from data.store_users import save_user
from service.app import create_app
from service.logs import configure_logs
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, user
from tests.journeys.conftest import served

SECRET = "camille@exemple.org"


@contextmanager
def logged():
    """A file that is given the log, as the operator reads it."""
    root, written = logging.root, StringIO()
    kept, level = root.handlers[:], root.level
    root.handlers.clear()  # those of pytest, which would be closed
    with redirect_stderr(written):
        configure_logs("INFO")
    yield written
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    made = open_engine(url)
    migrate(made)
    yield made
    migrate(made, "base")
    made.dispose()


def twice(engine):
    with write(engine) as connection:
        for user_id in ("a", "b"):
            save_user(connection, replace(user(user_id), email=SECRET), at=NOON)


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
