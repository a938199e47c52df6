"""Every kind of problem is told, to people and to programs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import service
from service.app import create_app
from service.errors import STATUSES
from service.pages.languages import FRENCH, say_in
from service.wording_problems import PROBLEMS
from tests.builders import settings, tiny_catalogue

MAKERS = {"problem", "stated"}
"""Functions whose second argument is a kind."""


def kinds_in(path):
    """The kinds that a module names: words of a dash or none, given to a maker of problems."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
            yield from (a.value for a in node.args[1:2] if isinstance(a, ast.Constant))


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("problems")
    return TestClient(create_app(settings(folder), tiny_catalogue(folder)))


def test_every_kind_is_told_and_no_other():
    used = {kind for _, kind in STATUSES.values()}
    used |= {k for path in Path(service.__file__).parent.rglob("*.py") for k in kinds_in(path)}
    used |= {"adresse-inconnue", "methode-non-permise", "trop-volumineux", "trop-lent", "erreur"}
    assert {"occupee", "encodage-inconnu", "demande-invalide"} <= used
    assert used == PROBLEMS.keys()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_tells_each_in_the_language_asked(client, language):
    page = client.get(f"/problems?lang={language}", headers={"accept": "text/html"}).text
    one = client.get(f"/problems/occupee?lang={language}", headers={"accept": "text/html"}).text
    for kind, said in PROBLEMS.items():
        assert f'id="{kind}"' in page
        assert all(say_in(language)(text) in page for text in said)
    assert [say_in(language)(t) in one for t in PROBLEMS["occupee"]] == [True] * 3
    assert ("What to do?" in one) == (language != FRENCH)


def test_a_program_follows_the_type_of_its_problem(client):
    refused = client.get("/v1/offers/rien").json()
    told = client.get(refused["type"]).json()
    assert told["type"] == refused["type"]
    assert told["title"] == "Offre inconnue"
    assert told.keys() == {"type", "title", "when", "remedy"}
    assert told in client.get("/problems").json()["problems"]
    assert client.get("/problems/rien").status_code == 404
