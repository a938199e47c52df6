"""Following the links of the catalogue: is there still a page behind each?

A catalogue may come from anywhere: a link leads to public addresses alone, at each redirection.
"""

from __future__ import annotations

import socket
import ssl
import urllib.error
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from service.addresses import NotPublic, reach

TIMEOUT_S = 10
_GONE: Mapping[int, str] = {HTTPStatus.NOT_FOUND: "introuvable", HTTPStatus.GONE: "supprimée"}
_BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR
_AGENT = "Aiguille (verification des liens du catalogue)"
MANNERS = (
    ProxyHandler,
    UnknownHandler,
    HTTPDefaultErrorHandler,
    HTTPRedirectHandler,
    HTTPErrorProcessor,
)
"""Those of urllib's own opener, but FTP and files: a page may redirect to them."""


def follow(urls: Iterable[str], *, private: bool = False) -> Iterator[tuple[str, str | None]]:
    """(URL, what is wrong or None) of each. `private` also follows to addresses of this network.

    Only what surely is gone is wrong: a page that refuses robots (403, 429) is not dead.
    """
    web = (HTTPHandler, HTTPSHandler) if private else (_Http, _Https)
    opener = OpenerDirector()
    for handler in (*web, *MANNERS):
        opener.add_handler(handler())
    for url in urls:
        yield url, _problem(url, opener)


def _problem(url: str, opener: OpenerDirector) -> str | None:
    request = Request(url, headers={"User-Agent": _AGENT})  # noqa: S310  (http, https: checked on import)
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _GONE.get(error.code, "en panne" if error.code >= _BROKEN else None)
    except urllib.error.URLError as error:
        unknown = isinstance(error.reason, NotPublic | socket.gaierror)
        return "adresse inconnue" if unknown else "sans réponse"
    except (OSError, HTTPException, ValueError):
        return "sans réponse"


class _Plain(HTTPConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = reach


class _Tls(HTTPSConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = reach


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Plain, req)


class _Https(HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Tls, req, context=ssl.create_default_context())
