"""Following the links of the catalogue: is there still a page behind each?"""

from __future__ import annotations

import ipaddress
import socket
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request

TIMEOUT_S = 10
_GONE = {404: "introuvable", 410: "supprimée"}
_AGENT = "Aiguille (verification des liens du catalogue)"


def follow(urls: Iterable[str], *, private: bool = False) -> Iterator[tuple[str, str | None]]:
    """(URL, what is wrong or None) of each. `private` also follows to addresses of this network.

    Only what surely is gone is wrong: a page that refuses robots (403, 429) is not dead.
    """
    for url in urls:
        yield url, _problem(url, private)


def _problem(url: str, private: bool) -> str | None:
    if not private and not _public(url):
        return "adresse inconnue"
    opener = urllib.request.build_opener() if private else urllib.request.build_opener(_Redirects)
    request = Request(url, headers={"User-Agent": _AGENT})  # noqa: S310  (http, https: checked on import)
    try:
        with opener.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _GONE.get(error.code, "en panne" if error.code >= 500 else None)
    except (OSError, HTTPException, ValueError):
        return "sans réponse"


def _public(url: str) -> bool:
    """True when a link leads to public addresses alone: a catalogue may come from anywhere."""
    try:
        found = socket.getaddrinfo(urlsplit(url).hostname or "", None)
    except (OSError, UnicodeError):
        return False
    return all(ipaddress.ip_address(str(info[4][0])).is_global for info in found)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a page that moved, unless it moved to an address that is not public."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        return (
            super().redirect_request(req, fp, code, msg, headers, newurl)
            if _public(newurl)
            else None
        )
