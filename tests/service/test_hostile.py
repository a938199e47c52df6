"""What somebody hostile sends: refused by a sentence, at once, and never by a failure of ours."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from data.engine import open_engine, write
from data.store_sessions import open_session
from data.store_users import save_user
from service.app import create_app
from service.auth import COOKIE, csrf_token
from service.deps import clock
from service.middleware import BodyLimit
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, user
from tests.journeys.conftest import served

PAGE = {"accept": "text/html"}
LONG_AGO = 2.0
"""Seconds: what is read in one pass takes a hundredth of it, what is read in squares far more."""


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    app = create_app(settings(folder), tiny_catalogue(folder))
    app.dependency_overrides[clock] = lambda: NOON
    with write(app.state.catalogue.engine) as connection:
        save_user(connection, user("admin", "administrator", "FR"), at=NOON)
        later = NOON + timedelta(days=1)
        open_session(connection, "admin", "admin", at=NOON, expires_at=later)
    return TestClient(app, follow_redirects=False)


def test_a_page_of_the_desk_whose_address_has_any_letter_asks_to_sign_in_and_leads_back(client):
    found = client.get("/bureau/comptes/%E2%9C%93", headers=PAGE)
    assert (found.status_code, found.headers["location"]) == (303, "/connexion")
    assert found.headers["set-cookie"].startswith(
        ("aiguille-suite=/bureau/comptes/%E2%9C%93;", 'aiguille-suite="/bureau/comptes/%E2%9C%93";')
    )


def test_a_number_that_no_database_holds_is_refused(client):
    data = {"csrf": csrf_token("admin"), "decision": "applied"}
    headers = {**PAGE, "cookie": f"{COOKIE}=admin"}
    address = f"/bureau/catalogue/suggestions/{10**20}"
    assert client.post(address, data=data, headers=headers).status_code == 422


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-16", '"RAW_unicode_escape"', "x"])
def test_a_body_said_to_be_in_another_encoding_than_ours_is_refused(client, charset):
    kind = f"multipart/form-data; boundary=B; charset={charset}"
    text = b"on ne paie \\ud800 plus les salaires"
    body = b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + text + b"\r\n--B--\r\n"
    for address in ("/", "/offres/aide-tresorerie/corriger"):
        found = client.post(address, content=body, headers={**PAGE, "content-type": kind})
        assert found.status_code == 415
        assert "UTF-8" in found.text


@pytest.mark.parametrize(
    "form",
    [
        {"text": "a@b.fr " * 1_400},
        {"text": "a@b.fr " * 100_000},
        {"text": "06 12 34 56 78 " * 660},
        {"text": "a" * 9_990},
        {"text": "FR76" + "0" * 9_990},
        {"text": "1" * 800_000},
        {"commune": "a" + " " * 198 + "b"},
        {"commune": "a" + " " * 400_000 + "b"},
        {"commune": "a(" * 200_000},
        {"number": "1 " * 200_000},
    ],
    ids=lambda form: next(f"{name} {said[:8]}" for name, said in form.items()),
)
@pytest.mark.parametrize("address", ["/", "/relire"])
def test_the_longest_form_is_read_at_once(client, form, address):
    started = perf_counter()
    found = client.post(address, data=form, headers=PAGE)
    assert found.status_code in {200, 422}
    assert perf_counter() - started < LONG_AGO


def test_what_postgresql_cannot_hold_is_refused(tmp_path, new_postgresql):
    made = open_engine(new_postgresql())
    app = create_app(settings(tmp_path), replace(tiny_catalogue(tmp_path), engine=made))
    app.dependency_overrides[clock] = lambda: NOON
    client = TestClient(app, follow_redirects=False, headers=PAGE)
    addresses = ("/besoins/%00", "/besoins/%00/suivi", "/reponse/%00", "/connexion/%00")
    assert [client.get(a).status_code for a in addresses] == [422, 422, 404, 410]
    found = client.post("/besoins/%00/aucune", data={"raison": "too-far"})
    assert found.status_code == 422
    assert "ne peut pas être gardée" in found.text
    made.dispose()


def test_a_database_that_stays_busy_says_to_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr("data.engine.BUSY_MS", 50)
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    client = TestClient(app, follow_redirects=False, headers=PAGE)
    form = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
    with write(app.state.catalogue.engine):
        found = client.post("/", data=form)
    assert (found.status_code, found.headers["retry-after"]) == (503, "5")
    assert "rien n’a été enregistré" in found.text


def test_the_private_link_of_a_need_is_that_of_our_site_whatever_host_a_request_names(client):
    form = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
    asked = client.post("/", data=form).headers["location"]
    page = client.get(asked, headers={**PAGE, "host": "mechant.example"}).text
    assert "mechant.example" not in page
    assert f"http://127.0.0.1:8000{asked}" in page


def test_what_was_typed_is_kept_by_no_cache(client):
    for form in ({"text": "trop court"}, {"text": "trop court", "masquer": "1"}):
        assert client.post("/", data=form, headers=PAGE).headers["cache-control"] == "no-store"


def test_a_body_that_never_ends_is_refused_in_time_and_leaves_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(BodyLimit.__init__, "__defaults__", (0.5,))
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: 500\r\n\r\n"
    with served(app) as address:
        where = urlsplit(address)
        for path, kind, start in (
            (b"/v1/match", b"application/json", b'{"text": "'),
            (b"/", b"application/x-www-form-urlencoded", b"text=on"),
        ):
            with socket.create_connection((where.hostname, where.port), timeout=10) as slow:
                slow.sendall(head % (path, kind) + start)
                started = perf_counter()
                assert slow.recv(20).startswith(b"HTTP/1.1 408 ")
                assert perf_counter() - started < 5
        assert httpx.get(f"{address}/health").status_code == 200
