"""Following the links of the catalogue: is there still a page behind each?

A catalogue may come from anywhere: a link leads to public addresses alone, at each redirection.
"""

from __future__ import annotations

import socket
import urllib.error
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPException
from urllib.request import OpenerDirector, Request

from service.addresses import NotPublic, reach
from service.web import opener

TIMEOUT_S = 10
_GONE: Mapping[int, str] = {HTTPStatus.NOT_FOUND: "introuvable", HTTPStatus.GONE: "supprimée"}
_BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR
_AGENT = "Aiguille (verification des liens du catalogue)"


def follow(urls: Iterable[str], *, private: bool = False) -> Iterator[tuple[str, str | None]]:
    """(URL, what is wrong or None) of each. `private` also follows to addresses of this network.

    Only what surely is gone is wrong: a page that refuses robots (403, 429) is not dead.
    """
    web = opener(socket.create_connection if private else reach)
    for url in urls:
        yield url, _problem(url, web)


def _problem(url: str, web: OpenerDirector) -> str | None:
    request = Request(url, headers={"User-Agent": _AGENT})  # noqa: S310  (http, https: checked on import)
    try:
        with web.open(request, timeout=TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        with error:
            return _GONE.get(error.code, "en panne" if error.code >= _BROKEN else None)
    except urllib.error.URLError as error:
        unknown = isinstance(error.reason, NotPublic | socket.gaierror)
        return "adresse inconnue" if unknown else "sans réponse"
    except (OSError, HTTPException, ValueError):
        return "sans réponse"
