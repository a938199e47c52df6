"""The first administrator, made from the machine with nothing else set."""

from __future__ import annotations

import json
from functools import partial

import pytest

from service.app import create_app
from tests.builders import settings, tiny_catalogue
from tests.databases import about_sqlite
from tests.desk import client_of


@pytest.fixture
def world(tmp_path):
    return create_app(settings(tmp_path), tiny_catalogue(tmp_path))


@pytest.fixture
def run(world, tmp_path, aiguille):
    return partial(aiguille, "user", at=tmp_path)


ADD = (
    "add",
    "lea@exemple.org",
    "--name",
    "Léa",
    "--role",
    "administrator",
    "--territory",
    "France",
)


def test_the_first_administrator_is_added_and_enters_by_the_link_written(run, world):
    assert "aiguille user link lea@exemple.org" in run(*ADD)[1]
    link = run("link", "lea@exemple.org")[1].strip()
    assert link.startswith("http://127.0.0.1:8000/connexion/")
    world.dependency_overrides.clear()
    browser = client_of(world)
    world.dependency_overrides.clear()
    assert browser.post(link.removeprefix("http://127.0.0.1:8000")).status_code == 303
    assert browser.get("/bureau/comptes").status_code == 200


def test_accounts_are_listed_closed_and_reopened(run):
    run(*ADD)
    run("add", "sam@exemple.org", "--name", "Sam", "--territory", "48", "--need-type", "tresorerie")
    found = {u["email"]: u for u in json.loads(run("list", "--json")[1])}
    assert found["sam@exemple.org"]["territories"] == ["DEP-48"]
    assert found["lea@exemple.org"]["role"] == "administrator"
    assert "fermé" not in run("list")[1]
    assert run("deactivate", "sam@exemple.org")[0] == 0
    assert "fermé" in run("list")[1]
    assert run("link", "sam@exemple.org")[0] == 2
    assert run("activate", "sam@exemple.org")[0] == 0
    assert run("link", "sam@exemple.org")[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "lea", "--name", "Léa"), "adresse"),
        (("add", "lea@e.org", "--name", "Léa", "--role", "roi"), "network-lead"),
        (("add", "lea@e.org", "--name", "Léa", "--territory", "Zzyzx"), "région"),
        (("link", "inconnu@e.org"), "Aucun compte actif"),
        (("deactivate", "inconnu@e.org"), "Aucun compte"),
    ],
)
def test_wrong_input_is_one_french_line_and_exit_code_two(run, words, told):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert told in err


@about_sqlite("a file that is not there")
def test_without_a_database_the_command_says_to_make_one(run, tmp_path):
    code, _, err = run("list", at=tmp_path / "vide")
    assert code == 3
    assert "aiguille init" in err
