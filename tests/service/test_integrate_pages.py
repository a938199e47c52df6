"""docs/integrer.md and docs/integrate.md: what they have a portal do is done, as it is written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import httpx
import pytest

from data.store_webhooks import Webhook
from service.app import create_app
from service.cli import app as cli
from service.mcp_server import TOOLS
from service.settings import Rates, Settings
from service.signing import secret_text, signed
from service.widget_theme import theme_of
from service.wording_problems import PROBLEMS
from tests.builders import offer, settings, tiny_catalogue
from tests.journeys.conftest import served
from tests.openapi import CURRENT, DOCS
from tests.service.hooks import KEY

FRENCH, ENGLISH = ((DOCS / name).read_text("utf-8") for name in ("integrer.md", "integrate.md"))
BOTH = pytest.mark.parametrize("page", [FRENCH, ENGLISH], ids=["french", "english"])
BASH = shutil.which("curl") and shutil.which("bash")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(language):
    return [text for found, text in BLOCK.findall(ENGLISH) if found == language]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A served Aiguille of one offer: its folder and address."""
    folder = tmp_path_factory.mktemp("integrate")
    one = offer("aide", title="Aide à la trésorerie", need_types=("tresorerie", "gouvernance"))
    with served(create_app(settings(folder), tiny_catalogue(folder, one))) as address:
        yield folder, address


@pytest.fixture
def portal(world, aiguille):
    """What a portal has in its environment after the first chapter: an address and a new key."""
    folder, address = world
    _, *words = shlex.split(blocks("console")[0].removeprefix("$ "))
    code, made, _ = aiguille(*words, "--label", os.urandom(4).hex(), "--json", at=folder)
    assert code == 0
    return {**os.environ, "AIGUILLE": address, "AIGUILLE_KEY": json.loads(made)["key"]}


def run(command, portal, folder):
    done = subprocess.run(
        command, check=False, cwd=folder, env=portal, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(not BASH, reason="curl ou bash n’est pas installé")
def test_the_recipes_with_curl_do_what_is_said_of_them(portal, tmp_path):
    """All in one session, as a person types them; what each writes is on a line."""
    session = "\necho\n".join(blocks("sh")).replace("\ncurl", "\necho\ncurl")
    written = run(["bash", "-euo", "pipefail", "-c", session], portal, tmp_path)
    said = [json.loads(line) for line in written.splitlines() if line]
    answer, consents, sent, read, timeline, listed, advanced, webhook = said
    assert [m["offer"]["id"] for m in answer["matches"]] == ["aide"]
    assert consents["version"] == "2026-11"
    assert (sent["state"], sent["external_id"]) == ("new", "dossier-7")
    assert read == sent
    assert [move["step"] for move in timeline["steps"]] == ["sent"]
    assert sent in listed["needs"]
    assert (advanced["id"], advanced["state"]) == (sent["id"], "proposed")
    assert webhook["secret"].startswith("whsec_")


def test_the_recipe_in_python_has_ten_lines_and_does_what_is_said_of_it(portal, tmp_path):
    (recipe,) = (block for block in blocks("python") if "httpx" in block)
    assert len(recipe.splitlines()) <= 10
    lines = run([sys.executable, "-c", recipe], portal, tmp_path).splitlines()
    assert lines[0].startswith("Aide à la trésorerie ['")
    assert re.fullmatch(r"draft /v1/needs/[\w-]+/matches", lines[-1])


def test_the_receiver_reads_what_is_ours_and_nothing_else():
    from standardwebhooks import WebhookVerificationError

    (program,) = (block for block in blocks("python") if "Webhook" in block)
    hook = Webhook("wh_0", "nord", "https://portail.example/", ("need.closed",), datetime.now(UTC))
    names = {"SECRET": secret_text(KEY, hook)}
    exec(compile(program, "docs/integrate.md", "exec", dont_inherit=True), names)
    body = '{"type": "need.closed", "data": {"external_id": "dossier-7"}}'
    headers = dict(signed(KEY, hook, "evt_1", body, datetime.now(UTC)))
    assert names["received"](body.encode(), headers) == "evt_1 need.closed dossier-7"
    with pytest.raises(WebhookVerificationError):
        names["received"](body.replace("7", "8").encode(), headers)


def test_the_problem_that_is_shown_is_the_one_that_comes(world):
    (shown,) = (block for block in map(json.loads, blocks("json")) if "type" in block)
    came = httpx.post(f"{world[1]}/v1/match", json={"text": "un besoin", "commune": "Xyzzk"})
    assert came.json() == shown


def test_the_tag_of_the_widget_says_what_its_script_reads(world):
    (tag,) = blocks("html")
    address = re.search(r'src="https://aiguille.example(/\S+)"', tag).group(1)
    script = httpx.get(world[1] + address).text
    said = dict(re.findall(r'data-(\w+)="([^"]*)"', tag))
    assert all(name in script for name in said)
    assert theme_of(said["couleur"], said["fond"], int(said["rayon"]))


@BOTH
def test_every_path_that_is_named_is_served(page):
    paths = json.loads(CURRENT.read_text())["paths"]
    prose = BLOCK.sub("", page)
    for method, path in re.findall(r"`(GET|POST|PATCH|DELETE) (/v1/[^`?]*)", prose):
        assert method.lower() in paths[path], path


@BOTH
def test_every_problem_that_is_named_is_told(page):
    named = re.findall(r"`/problems/([\w-]+)`", page)
    assert named
    assert set(named) <= set(PROBLEMS)


@BOTH
def test_the_limits_that_are_told_are_those_that_are_set(page):
    said = {n.replace(",", "").replace("\u202f", "") for n in re.findall(r"\b1\W?200|\b600", page)}
    assert said == {Rates().key.split("/")[0], Rates().api.split("/")[0]}


@BOTH
def test_every_page_that_is_linked_is_there(page):
    for link in re.findall(r"\]\(([^)]+)\)", page):
        assert (DOCS / link).is_file(), link


def test_both_languages_have_the_same_chapters_and_the_same_code():
    assert BLOCK.findall(FRENCH) == BLOCK.findall(ENGLISH)
    chapters = [re.findall(r"^## (\d+)\.", page, re.MULTILINE) for page in (FRENCH, ENGLISH)]
    assert chapters[0] == chapters[1]


def test_the_tools_of_the_assistant_are_those_that_are_named():
    named = [
        set(re.findall(r"`(\w+)`", part))
        for page in (FRENCH, ENGLISH)
        for part in re.findall(r"`find_place`.*?\.\n?", page, re.DOTALL)
    ]
    assert all({shown.name for shown in TOOLS.values()} <= found for found in named)
    assert len(named) == 2


def test_the_command_of_the_assistant_is_one():
    (shown,) = (block for block in map(json.loads, blocks("json")) if "mcpServers" in block)
    (server,) = shown["mcpServers"].values()
    assert server["args"][0] in {c.name or c.callback.__name__ for c in cli.registered_commands}
    assert set(server["env"]) <= {f"AIGUILLE_{name.upper()}" for name in Settings.model_fields}
