"""Posting to an address that a partner gave: out to the Internet, or not at all.

What is looked at is the very address that is connected to; no redirection is followed, no proxy
of the environment is used, and nobody holds us for longer than the time there is.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR, gaierror, socket
from threading import Timer
from time import monotonic
from urllib.parse import urlsplit

from matching.errors import AiguilleError
from service.addresses import NotPublic, connected, of_this_machine, public_address

TIMEOUT_S = 5.0
"""For connecting, sending and being answered, together."""
MOST_READ = 4096
"""Bytes read of an answer beyond its head; nothing is made of them."""
LONGEST_URL = 2000
GONE = HTTPStatus.GONE
"""The answer of who wants nothing there any more."""

_PRINTED = re.compile(r"[!-~]+")
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_HERE = ("localhost", "127.0.0.1", "::1")


class WrongAddress(AiguilleError):
    """Not an address that we would post to."""


class Unreached(OSError):
    """No answer came; `code` says why, in no words of a server."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Poster:
    """`local`: plain http to this machine is allowed too, for who develops a partner's side.

    `allowed`: may this IP address be connected to; `trusted`: the authorities of certificates.
    """

    local: bool = False
    timeout_s: float = TIMEOUT_S
    allowed: Callable[[str], bool] = public_address
    trusted: ssl.SSLContext | None = None

    def checked(self, url: str) -> str:
        """The address as it is kept; refuse what could only lead elsewhere than the Internet.

        Where a name leads is looked at when it is connected to: it may lead elsewhere later.
        """
        if len(url) > LONGEST_URL or not _PRINTED.fullmatch(url) or {"\\", "#"} & set(url):
            raise _wrong(url)
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _wrong(url) from None
        outside = parts.scheme == "https" and _NAME.fullmatch(host)
        here = self.local and parts.scheme == "http" and host in _HERE
        if "@" in parts.netloc or not (outside or here):
            raise _wrong(url)
        shown = f"[{host}]" if ":" in host else host
        where = f"{parts.scheme}://{shown}" + (f":{port}" if port else "")
        return where + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post to an address that was checked; the status of the answer. Raises `Unreached`."""
        parts = urlsplit(self.checked(url))
        until = monotonic() + self.timeout_s
        way = self._safe if parts.scheme == "https" else self._plain
        connection = way(parts.hostname or "", parts.port)
        try:
            connection.connect()
            with _cut_at(connection, until):
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                connection.request("POST", path, body, {**headers, "connection": "close"})
                answer = connection.getresponse()
                if monotonic() >= until:  # A head that was cut reads as one that ended.
                    raise TimeoutError
                with suppress(OSError, HTTPException):
                    answer.read(MOST_READ)
                return answer.status
        except (OSError, HTTPException, ValueError) as error:
            late = monotonic() >= until
            raise Unreached("timeout" if late else _code(error)) from error
        finally:
            connection.close()

    def _safe(self, host: str, port: int | None) -> HTTPConnection:
        made = HTTPSConnection(
            host, port, timeout=self.timeout_s, context=self.trusted or _authorities()
        )
        return _reaching(made, self.allowed)

    def _plain(self, host: str, port: int | None) -> HTTPConnection:
        return _reaching(HTTPConnection(host, port, timeout=self.timeout_s), of_this_machine)


def took(status: int) -> bool:
    """Is it the answer of who took what was posted?"""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _reaching(made: HTTPConnection, allowed: Callable[[str], bool]) -> HTTPConnection:
    """The same, that connects to allowed addresses alone."""

    def reach(address: tuple[str, int], timeout: float, *_: object) -> socket:
        return connected(*address, timeout, allowed)

    made._create_connection = reach  # type: ignore[attr-defined]
    return made


@contextmanager
def _cut_at(connection: HTTPConnection, until: float) -> Iterator[None]:
    """Cuts a connection at a moment: each of its reads may be as slow as it wants."""
    timer = Timer(max(until - monotonic(), 0), _cut, [connection.sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connected_by: socket) -> None:
    with suppress(OSError):
        connected_by.shutdown(SHUT_RDWR)


@cache
def _authorities() -> ssl.SSLContext:
    return ssl.create_default_context()


_CODES: tuple[tuple[type[Exception], str], ...] = (
    (NotPublic, "not-public"),
    (gaierror, "unknown-name"),
    (ssl.SSLError, "tls"),
    (TimeoutError, "timeout"),
    (HTTPException, "no-http"),
    (ConnectionError, "refused"),
)
"""What goes wrong -> its code; the first that fits."""


def _code(error: Exception) -> str:
    return next((code for kind, code in _CODES if isinstance(error, kind)), "unreachable")


def _wrong(url: str) -> WrongAddress:
    return WrongAddress(
        "« {url} » n’est pas une adresse où envoyer : attendu https:// et un nom public, sans "
        "identifiants ni ancre, comme https://portail.fr/webhooks/aiguille.",
        field="url",
        url=url[:200],
    )
