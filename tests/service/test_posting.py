"""Posting to an address that somebody else gave: to the Internet alone, in no other spelling."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest

from service.posting import LONGEST_URL, MOST_READ, Poster, Unreached, WrongAddress
from tests.service.receiver import receiving
from tests.service.smtp_server import certificate
from tests.service.test_links import SPELLINGS

NAME = "portail.exemple.fr"

WRONG = {
    "http": "http://portail.fr/",
    "no scheme": "portail.fr/",
    "another scheme": "ftp://portail.fr/",
    "a file": "file:///etc/passwd",
    "gopher": "gopher://portail.fr/_x",
    "user": "https://moi@portail.fr/",
    "user and password": "https://moi:secret@portail.fr/",
    "empty user": "https://@portail.fr/",
    "anchor": "https://portail.fr/#x",
    "empty anchor": "https://portail.fr/#",
    "backslash": "https://portail.fr\\@exemple.fr/",
    "space": "https://portail.fr/a b",
    "leading space": " https://portail.fr/",
    "tab in the scheme": "ht\ttps://portail.fr/",
    "line feed": "https://portail.fr/\nhost: x",
    "nought": "https://portail.fr/\x00",
    "not of ASCII": "https://été.fr/",
    "escaped host": "https://portail%2efr/",
    "no host": "https:///crochet",
    "port alone": "https://:443/",
    "port not a number": "https://portail.fr:https/",
    "port too high": "https://portail.fr:70000/",
    "one label": "https://intranet/",
    "trailing stop": "https://portail.fr./",
    "a number for a domain": "https://portail.1/",
    "hexadecimal for a domain": "https://127.0.0.0x1/",
    "a link of another kind": "javascript:alert(1)",
    "too long": "https://portail.fr/" + "a" * LONGEST_URL,
    "nothing": "",
    **{f"here, {how}": f"https://{host}/" for how, host in SPELLINGS.items() if "punyc" not in how},
    "metadata": "https://169.254.169.254/latest",
    "a public address, without a name": "https://93.184.215.14/",
}


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("url", WRONG.values(), ids=WRONG)
def test_an_address_that_is_not_https_and_a_public_name_is_refused(url, local):
    with pytest.raises(WrongAddress, match="https://"):
        Poster(local).checked(url)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://portail.fr", "https://portail.fr/"),
        ("HTTPS://Portail.FR:8443/a?b=c%20d", "https://portail.fr:8443/a?b=c%20d"),
        ("https://xn--t-9fab.fr/é".replace("é", "%C3%A9"), "https://xn--t-9fab.fr/%C3%A9"),
    ],
)
def test_a_good_address_is_kept_in_one_spelling(url, kept):
    assert Poster().checked(url) == kept
    assert Poster().checked(kept) == kept


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_plain_http_to_this_machine_is_for_who_develops(host):
    url = f"http://{host}:8000/"
    assert Poster(local=True).checked(url) == url
    with pytest.raises(WrongAddress):
        Poster().checked(url)


@pytest.fixture
def here(monkeypatch):
    """Every name leads to these addresses of the machine, one answer after the other."""
    asked, answers = [], [["127.0.0.1"]]
    real = socket.getaddrinfo

    def resolve(host, port, *args, **options):
        asked.append(host)
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [found for a in addresses for found in real(a, port, *args, **options)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    resolve.asked, resolve.answers = asked, answers
    return resolve


@contextmanager
def over_tls(folder, names=(NAME,)):
    context, authority = certificate(folder, *names)
    said = []
    context.sni_callback = lambda _socket, name, _context: said.append(name)
    trusted = ssl.create_default_context(cafile=str(authority))
    with receiving(tls=context) as receiver:
        receiver.said = said
        yield receiver, Poster(allowed=lambda _: True, trusted=trusted)


def code_of(poster, url):
    with pytest.raises(Unreached) as failed:
        poster.post(url, b"{}", {})
    return failed.value.code


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["93.184.215.14", "127.0.0.1"],
    ],
)
def test_a_name_that_leads_into_a_network_is_not_connected_to(here, addresses):
    here.answers[:] = [addresses]
    with receiving() as receiver:
        assert code_of(Poster(), f"https://{NAME}:{receiver.port}/") == "not-public"
    assert receiver.connected == 0


def test_the_address_that_was_looked_at_is_the_one_connected_to(here, tmp_path):
    """A name server that says another address the second time is not asked a second time."""
    here.answers[:] = [["127.0.0.1"], ["10.0.0.1"]]
    with over_tls(tmp_path) as (receiver, poster):
        assert poster.post(f"https://{NAME}:{receiver.port}/", b"{}", {}) == 204
    assert here.asked == [NAME]


def test_the_certificate_and_the_host_are_those_of_the_name(here, tmp_path):
    with over_tls(tmp_path) as (receiver, poster):
        poster.post(f"https://{NAME}:{receiver.port}/a?b", b"{}", {"x": "y"})
        (got,) = receiver.got
        assert (got.path, got.body, got.headers["x"]) == ("/a?b", "{}", "y")
        assert got.headers["host"] == f"{NAME}:{receiver.port}"
        assert receiver.said == [NAME]
        assert code_of(poster, f"https://autre.exemple.fr:{receiver.port}/") == "tls"
        assert code_of(Poster(allowed=poster.allowed), f"https://{NAME}:{receiver.port}/") == "tls"
    assert len(receiver.got) == 1


def test_plain_http_reaches_this_machine_alone(here):
    here.answers[:] = [["10.0.0.1"]]
    assert code_of(Poster(local=True), "http://localhost:9/") == "not-public"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(status):
    with receiving(status=status) as receiver:
        assert Poster(local=True).post(receiver.url, b"{}", {}) == status
    assert [got.path for got in receiver.got] == ["/crochet"]


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        assert Poster(local=True).post(receiver.url, b"{}", {}) == 204
    assert (proxy.connected, receiver.connected) == (0, 1)


@contextmanager
def answering(write):
    """A server that writes by hand what it is told to; its URL, and what it got to write."""
    written = []

    def serve(listening):
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            try:
                for piece in write():
                    connection.sendall(piece)
                    written.append(len(piece))
            except OSError:
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", written
        thread.join()


def slowly(pieces, every_s=0.1):
    for piece in pieces:
        time.sleep(every_s)
        yield piece


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda: slowly([b""] * 30), "timeout"),
        (
            lambda: slowly(bytes([c]) for c in b"HTTP/1.1 204 No Content, and so on for ever"),
            "timeout",
        ),
        (lambda: slowly([b"HTTP/1.1 204 OK\r\n", *[b"x: y\r\n"] * 40]), "timeout"),
        (lambda: iter([b"SSH-2.0-OpenSSH_9\r\n"]), "no-http"),
        (lambda: iter([b"HTTP/1.1 204 OK\r\n" + b"x: y\r\n" * 500]), "no-http"),
        (lambda: iter([]), "no-http"),
    ],
)
def test_who_does_not_answer_in_time_or_in_http_is_left(answer, code):
    with answering(answer) as (url, _):
        start = time.monotonic()
        assert code_of(Poster(local=True, timeout_s=1), url) == code
    assert time.monotonic() - start < 5


def test_of_a_long_answer_no_more_is_read_than_its_beginning():
    piece, many = b"a" * 65536, 1_000

    def endless():
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        for _ in range(many):
            yield piece

    with answering(endless) as (url, written):
        assert Poster(local=True).post(url, b"{}", {}) == 200
    # What the two sides of a connection hold by themselves is a few megabytes.
    assert sum(written) < many * len(piece) / 4
    assert len(piece) > MOST_READ


def test_an_answer_whose_body_never_ends_counts_by_its_status():
    head = b"HTTP/1.1 202 OK\r\ncontent-length: 100\r\n\r\n"
    with answering(lambda: slowly([head, *[b"a"] * 20])) as (url, _):
        assert Poster(local=True, timeout_s=0.5).post(url, b"{}", {}) == 202


def test_what_listens_nowhere_is_said_by_a_code():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert code_of(Poster(local=True), f"http://127.0.0.1:{port}/") == "refused"
    assert code_of(Poster(), "https://nom.invalid/") == "unknown-name"
