"""Following links: what is behind each, and never anything of this network."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.links import follow

SPELLINGS = {
    "dotted": "127.0.0.1",
    "decimal": "2130706433",
    "hexadecimal": "0x7f000001",
    "hexadecimal, a byte at a time": "0x7f.0x0.0x0.0x1",
    "octal": "017700000001",
    "octal, a byte at a time": "0177.0.0.01",
    "short": "127.1",
    "nought": "0",
    "another of loopback": "127.8.8.8",
    "name": "localhost",
    "name in capitals": "LOCALHOST",
    "full-width digits": "１２７.０.０.１",
    "circled letters": "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ideographic stops": "127。0。0。1",
    "after a user": "exemple.fr@127.0.0.1",
    "after a user and a password": "exemple.fr:80@127.0.0.1",
    "after an escaped one": "exemple.fr%2F@127.0.0.1",
    "trailing stop": "127.0.0.1.",
    "name with a trailing stop": "localhost.",
    "punycode": "xn--localhost-.fr",
    "IPv6": "[::1]",
    "IPv6 in full": "[0:0:0:0:0:0:0:1]",
    "IPv6, any": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped, hexadecimal": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "NAT64 of a network": "[64:ff9b:1::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001::7f00:1]",
}
REACHED = ("dotted", "decimal", "hexadecimal", "octal", "short", "name", "IPv6", "mapped")
"""Those that surely lead to this machine, for who follows them without looking."""


class Pages(BaseHTTPRequestHandler):
    """Answers /CODE with that status; /302?to leads there."""

    def do_GET(self):
        self.server.asked.append(self.path)
        code, _, to = self.path[1:].partition("?")
        self.send_response(int(code))
        if code == "302":
            self.send_header("Location", to or "/200")
        self.end_headers()

    def log_message(self, *_):
        pass


class Everywhere(ThreadingHTTPServer):
    """Listens to all the addresses of this machine, of both kinds, and counts who comes in."""

    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def verify_request(self, request, client_address):
        self.connected += 1
        return True


@contextmanager
def serving():
    server = Everywhere(("::", 0), Pages)
    server.asked, server.connected = [], 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def server():
    with serving() as made:
        yield made


def told(*urls, **options):
    return [problem for _, problem in follow(urls, **options)]


def test_what_is_behind_a_link_is_told(server):
    base = f"http://127.0.0.1:{server.server_port}/"
    found = told(*(f"{base}{code}" for code in (200, 302, 403, 404, 410, 500)), private=True)
    assert found == [None, None, None, "introuvable", "supprimée", "en panne"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_an_address_leads_to_this_machine(server, spelling):
    server.connected = 0
    (problem,) = told(f"http://{SPELLINGS[spelling]}:{server.server_port}/200")
    assert problem in {"adresse inconnue", "sans réponse"}
    assert server.connected == 0


@pytest.mark.parametrize("spelling", REACHED)
def test_these_spellings_would_have_led_to_it(server, spelling):
    server.connected = 0
    assert told(f"http://{SPELLINGS[spelling]}:{server.server_port}/200", private=True) == [None]
    assert server.connected == 1


def answers(address, port):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def test_a_name_that_tells_a_public_address_then_one_of_this_network_is_not_followed(
    server, monkeypatch
):
    names = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1"])
    server.connected = 0
    monkeypatch.setattr("service.links.TIMEOUT_S", 0.2)
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: answers(next(names), server.server_port)
    )
    assert told(f"http://nom.exemple:{server.server_port}/404") == ["sans réponse"]
    assert server.connected == 0


def test_a_name_one_of_whose_addresses_is_of_this_network_is_not_followed(server, monkeypatch):
    port = server.server_port
    server.connected = 0
    both = answers("127.0.0.1", port) + answers("8.8.8.8", port)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    assert told(f"http://nom.exemple:{port}/200") == ["adresse inconnue"]
    assert server.connected == 0


def test_a_page_leads_to_pages_alone(server):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        port = trap.getsockname()[1]
        start = f"http://127.0.0.1:{server.server_port}/302?ftp://127.0.0.1:{port}/a"
        assert told(start, private=True) == ["sans réponse"]
        with pytest.raises(TimeoutError):
            trap.accept()


def test_a_server_that_is_gone_does_not_answer():
    with serving() as server:
        url = f"http://127.0.0.1:{server.server_port}/200"
    assert told(url, private=True) == ["sans réponse"]
