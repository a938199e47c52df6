"""Clients made from the description as it is served work for a portal, as their examples do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import httpx
import pytest

from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.clients import (
    NO_NODE,
    NODE,
    PYTHON,
    TYPESCRIPT,
    node_modules,
    python_client,
    typescript_types,
)
from tests.journeys.conftest import served
from tests.partners import key_of


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    one = offer("aide", title="Aide à la trésorerie", need_types=("tresorerie",))
    return create_app(settings(folder), tiny_catalogue(folder, one))


@pytest.fixture(scope="module")
def address(app):
    with served(app) as found:
        yield found


@pytest.fixture
def portal(app, address):
    """The environment of the program of a new partner, in the sandbox."""
    key = key_of(app, now=datetime.now(UTC), mode="test")
    return {**os.environ, "AIGUILLE_URL": address, "AIGUILLE_KEY": key}


@pytest.fixture(scope="module")
def description(address, tmp_path_factory):
    """The file of a description, read where it is served."""
    file = tmp_path_factory.mktemp("description") / "openapi.json"
    file.write_bytes(httpx.get(f"{address}/openapi.json").content)
    return file


@pytest.fixture(scope="module")
def client(description, tmp_path_factory):
    """The folder of the Python client, and what the generator said."""
    folder = tmp_path_factory.mktemp("client") / "aiguille-client"
    return folder, python_client(description, folder)


def test_the_python_client_leaves_out_the_batch_alone(client):
    (left_out,) = [line for line in client[1] if line.startswith("WARNING")]
    assert "POST /v1/needs/batch" in left_out


def test_a_portal_in_python_sends_a_need_and_follows_it(client, portal):
    lines = said([sys.executable, PYTHON / "example.py"], {**portal, "PYTHONPATH": client[0]})
    tells_the_story(lines, portal)


def test_that_portal_is_well_typed(client):
    asked = ("--strict", "--follow-imports=silent", "--cache-dir", os.devnull)
    command = [sys.executable, "-m", "mypy", *asked, PYTHON / "example.py"]
    assert said(command, {**os.environ, "MYPYPATH": client[0]})


@pytest.mark.skipif(not NODE, reason=NO_NODE)
def test_a_portal_in_typescript_is_well_typed_sends_a_need_and_follows_it(
    description, portal, tmp_path
):
    for file in ("example.ts", "package.json", "tsconfig.json"):
        shutil.copy(TYPESCRIPT / file, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules())
    typescript_types(description, tmp_path / "aiguille.d.ts")
    said(["node", tmp_path / "node_modules/typescript/bin/tsc", "--project", tmp_path], portal)
    tells_the_story(said(["node", tmp_path / "built/example.js"], portal), portal)


def said(command, env):
    """The lines that a command writes; where it fails, all that it said."""
    done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def tells_the_story(lines, portal):
    """What an example printed is what Aiguille did."""
    with httpx.Client(headers={"authorization": f"Bearer {portal['AIGUILLE_KEY']}"}) as asker:
        listed = asker.get(f"{portal['AIGUILLE_URL']}/v1/needs").json()["needs"]
    (sent,) = [need for need in listed if need["external_id"] == "dossier-7"]
    assert sent["state"] == "new"
    assert lines == [
        "match aide eligible",
        f"sent {sent['id']}",
        "state new",
        "move sent",
        f"listed {' '.join(need['external_id'] for need in listed)}",
    ]
