"""What a feed gives is fetched whole within its bounds, or the fetch says in words why not."""

from __future__ import annotations

import json
import socket
import time

import pytest

from service.fetching import Bounds, Known, NotFetched, fetch, fetch_pages
from tests.service.feed_server import serving
from tests.service.smtp_server import certificate


@pytest.fixture(scope="module")
def server():
    with serving() as served:
        yield served


@pytest.fixture
def path(tmp_path):
    return tmp_path / "flux"


def test_a_file_comes_whole_with_what_tells_it_again(server, path):
    url = server.at("/a", "a;b\n", headers={"ETag": '"1"', "Last-Modified": "Tue, 24 Nov 2026"})
    seen = fetch(url, path, Known(), local=True)
    assert path.read_text() == "a;b\n"
    assert (seen.etag, seen.modified) == ('"1"', "Tue, 24 Nov 2026")
    assert fetch(url, path, seen, local=True) is None
    sent = server.asked[-1][1]
    assert (sent["If-None-Match"], sent["If-Modified-Since"]) == ('"1"', "Tue, 24 Nov 2026")
    assert "Aiguille" in sent["User-Agent"]


def test_a_server_without_etag_is_read_again_and_the_same_content_is_told_by_its_digest(
    server, path
):
    url = server.at("/b", "même")
    seen = fetch(url, path, Known(), local=True)
    assert fetch(url, path, seen, local=True) is None
    server.at("/b", "autre")
    assert fetch(url, path, seen, local=True).digest != seen.digest


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"status": 404}, "introuvable (404)"),
        ({"status": 503}, "en panne (503)"),
        ({"status": 403}, "accès refusé (403)"),
        ({"status": 429}, "refusé (429)"),
        ({"announced": 4_000}, "fichier interrompu : il manque 3990 octets"),
    ],
)
def test_a_failure_is_told_in_words(server, path, facts, told):
    url = server.at("/c", "0123456789", **facts)
    with pytest.raises(NotFetched) as error:
        fetch(url, path, Known(), local=True)
    assert error.value.message == told


def test_nobody_who_listens_is_told(path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(NotFetched, match="sans réponse"):
        fetch(f"http://127.0.0.1:{port}/", path, Known(), local=True)


def test_addresses_of_this_network_are_refused_unless_an_operator_allows_them(server, path):
    url = server.at("/d", "secret")
    before = len(server.asked)
    with pytest.raises(NotFetched, match="de ce réseau"):
        fetch(url, path, Known())
    assert len(server.asked) == before


def test_a_redirection_to_this_network_is_refused_though_its_first_host_was_public(
    server, path, monkeypatch
):
    """A name that tells a public address to the first request leads here to the second."""
    server.at("/e", "", status=302, headers={"Location": f"{server.base}/secret"})
    server.at("/secret", "secret")
    port = int(server.base.rpartition(":")[2])
    monkeypatch.setattr("service.addresses.public_address", lambda address: address == "127.0.0.9")

    def told(host, *_, **__):
        address = "127.0.0.9" if host == "public.exemple" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", told)
    before = len(server.asked)
    with pytest.raises(NotFetched, match="de ce réseau|sans réponse"):
        fetch(f"http://public.exemple:{port}/e", path, Known())
    assert "/secret" not in [asked for asked, _ in server.asked[before:]]


@pytest.mark.parametrize("announced", [100, None])
def test_what_is_too_heavy_or_too_slow_is_let_go(server, path, announced):
    heavy = server.at("/f", "x" * 5_000)
    with pytest.raises(NotFetched, match="trop lourd"):
        fetch(heavy, path, Known(), local=True, bounds=Bounds(total_bytes=4_000))
    slow = server.at("/g", "x" * 100, pause_s=30, announced=announced)
    begun = time.monotonic()
    with pytest.raises(NotFetched, match="trop long : au plus 0.5 secondes"):
        fetch(slow, path, Known(), local=True, bounds=Bounds(seconds=0.5))
    assert time.monotonic() - begun < 10


def test_over_tls_too_and_only_from_whom_is_trusted(path, tmp_path, monkeypatch):
    context, authority = certificate(tmp_path)
    with serving(context) as server:
        url = server.at("/h", "secret")
        with pytest.raises(NotFetched, match="sans réponse"):
            fetch(url, path, Known(), local=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        fetch(url, path, Known(), local=True)
        assert path.read_text() == "secret"
        slow = server.at("/i", "x" * 100, pause_s=30, announced=None)
        begun = time.monotonic()
        with pytest.raises(NotFetched, match="trop long"):
            fetch(slow, path, Known(), local=True, bounds=Bounds(seconds=0.5))
        assert time.monotonic() - begun < 10


def pages(server, *bodies, count=None, follow=None):
    """Pages that tell each the next; the address of the first."""
    for n, results in enumerate(bodies, start=1):
        following = f"{server.base}/p{n + 1}" if n < len(bodies) else follow
        announced = sum(map(len, bodies)) if count is None else count
        page = {"count": announced, "next": following, "results": results}
        server.at(f"/p{n}", json.dumps(page))
    return f"{server.base}/p1"


def test_every_page_is_followed_and_each_result_is_a_line(server, path):
    url = pages(server, [{"id": 1}, {"id": 2}], [{"id": 3}])
    seen = fetch_pages(url, path, Known(), local=True)
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [1, 2, 3]
    assert fetch_pages(url, path, seen, local=True) is None
    pages(server, [{"id": 1}, {"id": 2}], [{"id": 4}])
    assert fetch_pages(url, path, seen, local=True) is not None


@pytest.mark.parametrize("elsewhere", ["http://ailleurs.exemple/p2", "ftp://127.0.0.1/p2"])
def test_a_next_page_elsewhere_is_refused(server, path, elsewhere):
    url = pages(server, [{"id": 1}], follow=elsewhere)
    with pytest.raises(NotFetched, match="est ailleurs"):
        fetch_pages(url, path, Known(), local=True)


def test_a_relative_next_page_is_on_the_same_host(server, path):
    server.at("/p2", json.dumps({"next": None, "results": [{"id": 2}]}))
    url = pages(server, [{"id": 1}], count="?", follow="/p2")
    assert fetch_pages(url, path, Known(), local=True) is not None
    assert len(path.read_text().splitlines()) == 2


def test_pages_without_end_are_let_go(server, path):
    url = pages(server, [{"id": 1}], follow=f"{server.base}/p1")
    with pytest.raises(NotFetched, match="sans fin"):
        fetch_pages(url, path, Known(), local=True)
    url = pages(server, *([{"id": n}] for n in range(5)))
    with pytest.raises(NotFetched, match="au plus 3"):
        fetch_pages(url, path, Known(), local=True, bounds=Bounds(pages=3))


def test_fewer_results_than_were_announced_are_not_the_whole(server, path):
    url = pages(server, [{"id": 1}], count=40)
    with pytest.raises(NotFetched, match="40 résultats annoncés, 1 reçus"):
        fetch_pages(url, path, Known(), local=True)


def test_a_page_that_is_none_stops_all(server, path):
    url = pages(server, [{"id": 1}], [{"id": 2}])
    server.at("/p2", "<html>panne</html>")
    with pytest.raises(NotFetched, match="pas une page"):
        fetch_pages(url, path, Known(), local=True)
    server.at("/p2", json.dumps({"results": [1] * 100}))
    with pytest.raises(NotFetched, match="trop lourd"):
        fetch_pages(url, path, Known(), local=True, bounds=Bounds(page_bytes=200))
