"""Fetching what a feed gives: the whole of it, within bounds of bytes, pages and time, or nothing.

The address that is looked at is the one that is connected to: see `service.addresses`.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import urllib.error
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

from matching.errors import AiguilleError
from service.addresses import NotPublic, reach
from service.links import MANNERS

AGENT = "Aiguille (flux du catalogue)"
TIMEOUT_S = 20
"""How long a server may be silent."""
_CHUNK = 65_536
_BROKEN_OFF = "la réponse s’est interrompue"
_NO_PAGE = 'ce n’est pas une page attendue : {"next": …, "results": […]}'


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that one fetch takes."""

    total_bytes: int = 64 * 2**20
    page_bytes: int = 16 * 2**20
    pages: int = 400
    seconds: float = 300


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source since it was last read: sent with the request."""

    etag: str | None = None
    modified: str | None = None
    digest: str | None = None


class NotFetched(AiguilleError):
    """Nothing usable came; the message says why, in words."""


def fetch(
    url: str, path: Path, known: Known, *, local: bool = False, bounds: Bounds | None = None
) -> Known | None:
    """Write what is at the address into the file; None when it is what is known already."""
    most = bounds or Bounds()
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
    with _opened(local, most.seconds) as get, path.open("wb") as out:
        answer = get(url, {name: value for name, value in headers.items() if value})
        if answer is None:
            return None
        with answer:
            digest = _copy(answer, out, most.total_bytes)
            seen = Known(answer.headers["ETag"], answer.headers["Last-Modified"], digest)
    return None if digest == known.digest else seen


def fetch_pages(
    url: str, path: Path, known: Known, *, local: bool = False, bounds: Bounds | None = None
) -> Known | None:
    """Write the results of every page, one a line; each tells the `next`, on the same host.

    A first page that did not change says nothing of the others: all are asked for each time.
    """
    most = bounds or Bounds()
    visited, written, announced, digest = set[str](), 0, None, sha256()
    following: str | None = url
    with _opened(local, most.seconds) as get, path.open("wb") as out:
        while following is not None:
            if following in visited or len(visited) == most.pages:
                raise NotFetched(f"pages sans fin : au plus {most.pages}, toutes différentes")
            visited.add(following)
            page = _page(get, following, most.page_bytes)
            announced = page.get("count")
            for result in page["results"]:
                line = json.dumps(result, ensure_ascii=False).encode() + b"\n"
                digest.update(line)
                written += 1
                if out.write(line) and out.tell() > most.total_bytes:
                    raise NotFetched(_too_heavy(most.total_bytes))
            following = _next(following, page.get("next"))
    if isinstance(announced, int) and announced != written:
        raise NotFetched(f"{announced} résultats annoncés, {written} reçus : liste incomplète")
    seen = Known(digest=digest.hexdigest())
    return None if seen.digest == known.digest else seen


Get = Callable[[str, Mapping[str, str]], HTTPResponse | None]


@contextmanager
def _opened(local: bool, seconds: float) -> Iterator[Get]:
    """A way to GET, that ends with the delay; what it raises is NotFetched. None: unchanged."""
    line = _Line(local)
    opener = OpenerDirector()
    for handler in (_Http(line), _Https(line), *(manner() for manner in MANNERS)):
        opener.add_handler(handler)

    def get(url: str, headers: Mapping[str, str]) -> HTTPResponse | None:
        asked = Request(url, headers={"User-Agent": AGENT, **headers})  # noqa: S310  (http, https: checked when it was added)
        try:
            answer: HTTPResponse = opener.open(asked, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == HTTPStatus.NOT_MODIFIED:
                    return None
                raise NotFetched(_refusal(error.code)) from None
        return answer

    timer = threading.Timer(seconds, line.cut)
    timer.daemon = True
    timer.start()
    try:
        yield get
    except urllib.error.URLError as error:
        unknown = isinstance(error.reason, NotPublic | socket.gaierror)
        words = "adresse inconnue, ou de ce réseau" if unknown else "sans réponse"
        raise NotFetched(words) from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotFetched(_BROKEN_OFF) from error
    finally:
        timer.cancel()
        line.close()
        if line.cut_short:  # whatever it looked like: a cut body may look whole
            raise NotFetched(f"trop long : au plus {seconds:g} secondes")


class _Line:
    """The connection of a fetch, one at a time, which another thread may cut."""

    def __init__(self, local: bool) -> None:
        self._make = socket.create_connection if local else reach
        self._held: socket.socket | None = None
        self._lock = threading.Lock()
        self.cut_short = False

    def connect(self, address: tuple[str, int], timeout: float, *more: Any) -> socket.socket:
        made = self._make(address, timeout, *more)
        self.close()
        # TLS takes the socket over: shutting a copy of it still ends the connection.
        with self._lock:
            self._held = made.dup()
        if self.cut_short:
            self.cut()
        return made

    def cut(self) -> None:
        self.cut_short = True
        with self._lock, suppress(OSError):  # it may have ended by itself
            if self._held is not None:
                self._held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None


class _Http(HTTPHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_connecting(HTTPConnection, self._line), req)


class _Https(HTTPSHandler):
    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, req: Request) -> HTTPResponse:
        made = _connecting(HTTPSConnection, self._line)
        return self.do_open(made, req, context=ssl.create_default_context())


def _connecting(kind: type[HTTPConnection], line: _Line) -> Any:
    def made(*args: Any, **options: Any) -> HTTPConnection:
        connection = kind(*args, **options)
        connection._create_connection = line.connect  # type: ignore[attr-defined]
        return connection

    return made


def _copy(answer: HTTPResponse, out: BinaryIO, most: int) -> str:
    """Copy a body whole; its SHA-256. A body shorter than was announced raises."""
    digest, size = sha256(), 0
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > most:
            raise NotFetched(_too_heavy(most))
        digest.update(chunk)
        out.write(chunk)
    if answer.length:
        raise NotFetched(f"fichier interrompu : il manque {answer.length} octets")
    return digest.hexdigest()


def _page(get: Get, url: str, most: int) -> Mapping[str, Any]:
    answer = get(url, {})
    body = bytearray()
    if answer is not None:
        with answer:
            while chunk := answer.read1(_CHUNK):
                body += chunk
                if len(body) > most:
                    raise NotFetched(_too_heavy(most))
    try:
        page = json.loads(body)
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict) or not isinstance(page.get("results"), list):
        raise NotFetched(_NO_PAGE)
    return page


def _next(url: str, following: object) -> str | None:
    """The address of the next page; another host, or a less safe one, is refused."""
    if following in (None, ""):
        return None
    wanted = urljoin(url, str(following))
    here, there = urlsplit(url), urlsplit(wanted)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise NotFetched(f"la page suivante est ailleurs : {there.scheme}://{there.netloc}")
    return wanted


_REFUSALS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "accès refusé",
    HTTPStatus.FORBIDDEN: "accès refusé",
    HTTPStatus.NOT_FOUND: "introuvable",
    HTTPStatus.GONE: "supprimé",
}


def _refusal(status: int) -> str:
    broken = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return f"{_REFUSALS.get(status, 'en panne' if broken else 'refusé')} ({status})"


def _too_heavy(most: int) -> str:
    return f"trop lourd : au plus {most // 2**20} Mo"
