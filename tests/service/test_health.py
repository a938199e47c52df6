"""Whether the process lives is for everybody; what it has been doing, for who keeps it."""

from __future__ import annotations

import httpx
import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.builders import settings, tiny_catalogue
from tests.journeys.conftest import served

HERE, ELSEWHERE = "127.0.0.1", "203.0.113.9"
TOKEN = "jeton-des-mesures"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("health")


@pytest.fixture(scope="module")
def catalogue(folder):
    return tiny_catalogue(folder)


def asked_from(address, folder, catalogue, **more):
    app = create_app(settings(folder, **more), catalogue)
    return TestClient(app, client=(address, 5_000))


def test_everybody_knows_whether_the_process_lives_and_is_ready(folder, catalogue):
    client = asked_from(ELSEWHERE, folder, catalogue)
    assert client.get("/health").json() == {"status": "ok"}
    ready = client.get("/ready").json()
    assert ready["status"] == "ready"
    assert ready["mail"] == {"pending": 0, "late": 0, "given_up": 0}


@pytest.mark.parametrize("address", [HERE, "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_reads_the_measures(folder, catalogue, address):
    found = asked_from(address, folder, catalogue).get("/metrics")
    assert "aiguille_requests_total" in found.text
    assert "aiguille_outbox_pending 0.0" in found.text


def test_nothing_is_said_of_the_outbox_while_the_database_is_down(tmp_path):
    own = tiny_catalogue(tmp_path)
    client = asked_from(HERE, tmp_path, own)
    assert client.get("/metrics").text.count("\naiguille_outbox_") == 3
    own.engine.dispose()
    settings(tmp_path).database_file.write_bytes(b"spoilt" * 1_000)
    found = client.get("/metrics")
    assert found.status_code == 200
    assert "aiguille_requests_total" in found.text
    assert "aiguille_outbox_" not in found.text


@pytest.mark.parametrize("address", [ELSEWHERE, "10.0.0.1", "2001:db8::1", "machine", ""])
def test_to_others_there_is_no_such_page(folder, catalogue, address):
    client = asked_from(address, folder, catalogue)
    found, unknown = client.get("/metrics"), client.get("/inconnue")
    assert found.status_code == 404
    assert found.json() == unknown.json()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_nor_to_whom_a_proxy_of_this_machine_asks_for(folder, catalogue, header):
    client = asked_from(HERE, folder, catalogue)
    assert client.get("/metrics", headers={header: HERE}).status_code == 404


def test_nor_to_who_says_to_be_this_machine_to_a_proxy_that_is_believed(folder, catalogue):
    with served(create_app(settings(folder), catalogue)) as address:
        assert httpx.get(f"{address}/metrics").status_code == 200
        for said in (HERE, f"{HERE}, {ELSEWHERE}", f"{ELSEWHERE}, {HERE}", ""):
            found = httpx.get(f"{address}/metrics", headers={"x-forwarded-for": said})
            assert found.status_code == 404, said


@pytest.mark.parametrize("address", [HERE, ELSEWHERE])
def test_with_a_token_it_alone_opens_the_measures(folder, catalogue, address):
    client = asked_from(address, folder, catalogue, metrics_token=TOKEN)
    for said in (None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"):
        headers = {} if said is None else {"authorization": said.encode()}
        refused = client.get("/metrics", headers=headers)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer"), said
        assert "aiguille_" not in refused.text
    shown = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert "aiguille_requests_total" in shown.text
