"""A creation that is sent again under its key creates nothing more, and is answered the same."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

import service.api.needs
from data.engine import read, write
from data.erasing import forget_words
from data.tables_partners import idempotency
from service.app import create_app
from service.deps import clock
from service.usecases.retaining import Keep, retain
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON
from tests.partners import WORDS, need, portal, sending


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One application for all: each test has partners of its own."""
    folder = tmp_path_factory.mktemp("once")
    return create_app(settings(folder), tiny_catalogue(folder, offer("aide")))


def post(client, path="/v1/needs", *, key="k", body=None):
    return client.post(path, json=body or need(), headers={"Idempotency-Key": key})


def needs_of(client):
    return client.get("/v1/needs").json()["needs"]


def rows(app):
    with read(app.state.catalogue.engine) as connection:
        return connection.execute(select(idempotency)).mappings().all()


def test_the_same_body_gets_the_same_answer_and_nothing_is_made_again(app):
    client = portal(app)
    first, again = post(client), post(client)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len(needs_of(client)) == 1


def test_another_body_under_the_same_key_is_refused(app):
    client = portal(app)
    post(client)
    other = post(client, body=need(employees=5))
    assert (other.status_code, other.json()["type"]) == (422, "/problems/cle-deja-servie")
    assert len(needs_of(client)) == 1


def test_thirty_at_once_make_one_need(app):
    client = portal(app)
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: post(client), range(30)))
    counted = Counter(a.status_code for a in answers)
    assert counted[201] >= 1
    assert counted[201] + counted[409] == 30
    assert all(a.headers["retry-after"] == "1" for a in answers if a.status_code == 409)
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1
    assert len(needs_of(client)) == 1
    assert post(client).headers["idempotency-replayed"] == "true"


def test_a_key_is_its_caller_s_and_its_route_s(app):
    one, other, nobody = portal(app), portal(app), TestClient(app)
    made = [post(client).json()["id"] for client in (one, other, nobody)]
    assert len(set(made)) == 3
    assert post(nobody).json()["id"] == made[2]
    paths = [f"/v1/needs/{made[0]}/send", f"/v1/needs/{post(one, key='l').json()['id']}/send"]
    sent = [post(one, path, body=sending()) for path in paths]
    assert [s.json()["state"] for s in sent] == ["new", "new"]
    again = post(one, paths[0], body=sending())
    assert (again.status_code, again.content) == (200, sent[0].content)


def test_words_sent_again_reach_the_desk_once(app):
    client = portal(app)
    made = post(client, body=need(send=sending())).json()
    path = f"/v1/needs/{made['id']}"
    answers = [post(client, f"{path}/messages", body={"text": "Le loyer."}) for _ in range(2)]
    assert [a.status_code for a in answers] == [204, 204]
    steps = client.get(f"{path}/timeline").json()["steps"]
    assert [s["step"] for s in steps] == ["sent", "wrote"]


def test_what_was_refused_may_be_put_right_under_the_same_key(app):
    client = portal(app)
    assert post(client, body={"text": ""}).status_code == 422
    assert post(client, body=need(commune="Nulle-Part-en-Brie")).status_code == 422
    assert post(client).status_code == 201


def test_what_failed_frees_the_key(app, monkeypatch):
    client = portal(app)
    client = TestClient(app, headers=client.headers, raise_server_exceptions=False)
    with monkeypatch.context() as broken:
        broken.setattr(service.api.needs, "keep_said", lambda *_: 1 / 0)
        assert post(client).status_code == 500
    assert post(client).status_code == 201


@pytest.mark.parametrize(("later", "status"), [(30, 409), (90, 201)])
def test_a_key_whose_process_died_waits_a_minute(app, monkeypatch, later, status):
    client = portal(app)
    with monkeypatch.context() as dying:
        dying.setattr("service.idempotency.free_claim", lambda *_: None)
        assert post(client, body={"text": ""}).status_code == 422
    then = NOON + timedelta(seconds=later)
    monkeypatch.setitem(app.dependency_overrides, clock, lambda: then)
    assert post(client, body={"text": ""} if status == 409 else need()).status_code == status


def test_a_key_serves_again_after_two_days_and_the_job_forgets_it(app, monkeypatch):
    client = portal(app)
    first = post(client, key="old").json()["id"]
    then = NOON + timedelta(hours=49)
    monkeypatch.setitem(app.dependency_overrides, clock, lambda: then)
    assert post(client, key="old").json()["id"] != first
    kept = len(rows(app))
    done = retain(app.state.catalogue.engine, Keep(), then)
    assert done["keys"] == kept - 1
    assert len(rows(app)) == 1


@pytest.mark.parametrize("gone", ["withdrawn", "words"])
def test_a_need_that_is_gone_is_neither_told_nor_made_again(app, gone):
    client = portal(app)
    made = post(client, key=gone).json()
    if gone == "withdrawn":
        client.delete(f"/v1/needs/{made['id']}")
    else:
        with write(app.state.catalogue.engine) as connection:
            forget_words(connection, made["id"])
    again = post(client, key=gone)
    assert (again.status_code, again.json()["type"]) == (410, "/problems/besoin-efface")
    (row,) = [r for r in rows(app) if r["need_id"] == made["id"]]
    assert row["body"] is None


def test_no_word_nor_key_is_read_where_answers_are_kept(app):
    client = portal(app)
    post(client, key="cle-en-clair")
    kept = "".join(map(str, rows(app)))
    assert "salaires" in WORDS
    assert "salaires" not in kept
    assert "cle-en-clair" not in kept


def test_a_secret_shown_once_is_shown_again_to_its_key_and_read_nowhere(app):
    client = portal(app)
    asked = {"url": "https://portail.invalid/recu", "events": ["need.closed"]}
    first, again = (post(client, "/v1/webhooks", body=asked) for _ in range(2))
    assert first.status_code == 201, first.text
    assert again.json()["secret"] == first.json()["secret"]
    assert len(client.get("/v1/webhooks").json()["webhooks"]) == 1
    assert first.json()["secret"] not in "".join(map(str, rows(app)))


def test_the_sandbox_keeps_its_own(app):
    essai = portal(app, mode="test")
    before = len(rows(app))
    assert post(essai).json()["id"] == post(essai).json()["id"]
    assert len(rows(app)) == before


def test_without_a_key_each_is_another(app):
    client = portal(app)
    for _ in range(2):
        client.post("/v1/needs", json=need())
    assert len(needs_of(client)) == 2


UNKEYED = {
    "/v1/match": "keeps nothing",
    "/v1/needs/batch": "answers by line; external_id makes each need one",
    "/v1/answers/{token}": "the first answer holds",
    "/v1/sandbox/needs/{need_id}/advance": "a step that was made is not made again",
}


def test_every_post_takes_a_key_or_has_a_reason(app):
    paths = app.openapi()["paths"]
    keyed = {
        path: any(p["name"] == "Idempotency-Key" for p in said["post"].get("parameters", ()))
        for path, said in paths.items()
        if "post" in said
    }
    assert {path for path, takes in keyed.items() if not takes} == UNKEYED.keys()
