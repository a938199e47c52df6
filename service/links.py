"""Following the links of the catalogue: is there still a page behind each?

A catalogue may come from anywhere: a link leads to public addresses alone. What is looked at is
the very address that is connected to, at each redirection: a name may tell another one later.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

TIMEOUT_S = 10
_GONE = {404: "introuvable", 410: "supprimée"}
_AGENT = "Aiguille (verification des liens du catalogue)"


class NotPublic(OSError):
    """The address of a link is not a public one."""


def follow(urls: Iterable[str], *, private: bool = False) -> Iterator[tuple[str, str | None]]:
    """(URL, what is wrong or None) of each. `private` also follows to addresses of this network.

    Only what surely is gone is wrong: a page that refuses robots (403, 429) is not dead.
    """
    opener = urllib.request.build_opener(*(() if private else (_Http, _Https)))
    for url in urls:
        yield url, _problem(url, opener)


def _problem(url: str, opener: urllib.request.OpenerDirector) -> str | None:
    request = Request(url, headers={"User-Agent": _AGENT})  # noqa: S310  (http, https: checked on import)
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _GONE.get(error.code, "en panne" if error.code >= 500 else None)
    except urllib.error.URLError as error:
        unknown = isinstance(error.reason, NotPublic | socket.gaierror)
        return "adresse inconnue" if unknown else "sans réponse"
    except (OSError, HTTPException, ValueError):
        return "sans réponse"


def _reach(address: tuple[str, int], timeout: float, *_: object) -> socket.socket:
    """A connection to a name all of whose addresses are public, or to the proxy that is set."""
    host, port = address
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    proxies = {urlsplit(proxy).hostname for proxy in urllib.request.getproxies().values()}
    if host not in proxies and not all(_is_public(str(told[4][0])) for told in found):
        raise NotPublic(host)
    failed: OSError = NotPublic(host)
    for family, kind, protocol, _name, where in found:
        made = socket.socket(family, kind, protocol)
        made.settimeout(timeout)
        try:
            made.connect(where)
        except OSError as error:
            made.close()
            failed = error
        else:
            return made
    raise failed


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global


class _Plain(HTTPConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = _reach


class _Tls(HTTPSConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._create_connection = _reach


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Plain, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Tls, req, context=ssl.create_default_context())
