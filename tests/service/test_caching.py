"""A read has an ETag, and is not sent to who has it; who may keep it is said."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.partners import need, portal

PLAIN = {"Accept-Encoding": "identity"}
READS = ("/v1/offers", "/v1/offers/aide", "/v1/frame", "/v1/territories?q=mende", "/v1/consents")


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caching")
    return create_app(settings(folder), tiny_catalogue(folder, offer("aide", summary="x" * 900)))


@pytest.mark.parametrize("headers", [{}, PLAIN])
@pytest.mark.parametrize("path", READS)
def test_who_has_a_read_is_not_sent_it_again(app, path, headers):
    client = TestClient(app, headers=headers)
    first = client.get(path)
    assert first.headers["cache-control"] == "public, max-age=60"
    for said in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        again = client.get(path, headers={"If-None-Match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert "content-type" not in again.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content


def test_compressed_bytes_have_an_etag_of_their_own(app):
    client = TestClient(app)
    packed, plain = client.get(READS[0]), client.get(READS[0], headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]
    # Compressing again gives the same bytes, on which the digest rests.
    assert client.get(READS[0]).headers["etag"] == packed.headers["etag"]


@pytest.mark.parametrize("headers", [{}, PLAIN])
def test_a_need_is_changed_with_the_etag_that_was_read_compressed_or_not(app, headers):
    client = portal(app)
    made = client.post("/v1/needs", json=need(text="salaires " * 90)).json()
    path = f"/v1/needs/{made['id']}"
    read = client.get(path, headers=headers)
    assert read.headers["etag"] == ('"1"' if headers else '"1-gzip"')
    assert read.headers["cache-control"] == "no-store"
    tag = {"If-None-Match": read.headers["etag"], **headers}
    assert client.get(path, headers=tag).status_code == 304
    edit = {"If-Match": read.headers["etag"], **headers}
    done = client.patch(path, json={"employees": 5}, headers=edit)
    assert (done.status_code, done.json()["employees"]) == (200, 5)
    assert client.get(path, headers=tag).status_code == 200
    assert client.patch(path, json={"employees": 6}, headers=edit).status_code == 412


def test_what_is_for_one_reader_is_kept_by_nobody(app):
    client = portal(app)
    for path in ("/v1/needs", "/v1/needs/counts", "/v1/key"):
        first = client.get(path)
        assert first.headers["cache-control"] == "no-store"
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert again.status_code == 304


def test_a_refusal_has_no_etag_and_is_told_whole(app):
    refused = TestClient(app).get("/v1/offers/rien", headers={"If-None-Match": "*"})
    assert refused.status_code == 404
    assert "etag" not in refused.headers
    assert "cache-control" not in refused.headers
    assert refused.json()["type"] == "/problems/offre-inconnue"
