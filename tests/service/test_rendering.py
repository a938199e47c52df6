"""The common look: what every page stands on, without any page's own matter."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.resources import files

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.pages.rendering import static
from tests.builders import settings, tiny_catalogue

VENDOR = files("service").joinpath("static", "vendor")
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("look")
    with TestClient(create_app(settings(folder), tiny_catalogue(folder))) as made:
        yield made


def test_vendored_files_are_those_of_the_lock_and_no_other():
    lock = {entry["file"]: entry for entry in json.loads(VENDOR.joinpath("LOCK.json").read_text())}
    present = {f.name for f in VENDOR.iterdir() if f.name.endswith((".css", ".js"))}
    assert present == set(lock)
    for name, entry in lock.items():
        assert sha256(VENDOR.joinpath(name).read_bytes()).hexdigest() == entry["sha256"], name
        assert {"name", "version", "licence", "from"} <= set(entry)


def test_static_files_are_compressed_and_kept_for_a_year_by_hash(client):
    found = client.get(static("vendor/bootstrap.min.css"))
    assert found.headers["content-encoding"] == "gzip"
    assert "immutable" in found.headers["cache-control"]
    assert client.get("/static/aiguille.css").headers["cache-control"] == "no-cache"


def test_a_page_is_french_until_english_is_asked_for_and_then_remembered(client):
    assert '<html lang="fr">' in client.get("/").text
    switched = client.get("/?lang=en")
    assert '<html lang="en">' in switched.text
    assert "Skip to content" in switched.text
    assert "SameSite=lax" in switched.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="fr">' in client.get("/?lang=fr").text
    assert '<html lang="fr">' in client.get("/?lang=xx").text


def test_a_page_holds_no_inline_script_nor_style_and_no_other_host(client):
    page = client.get("/").text
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert 'src="http' not in page


def test_a_browser_reads_an_error_as_a_page_and_a_program_as_json(client):
    page = client.get("/nulle-part", headers=HTML)
    assert page.status_code == 404
    assert "<h1>Introuvable</h1>" in page.text
    assert "no-store" in page.headers["cache-control"]
    assert client.get("/nulle-part").headers["content-type"] == "application/problem+json"
