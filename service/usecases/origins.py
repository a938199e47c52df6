"""Web origins, exactly as browsers send them: where a partner's widget may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from matching.errors import AiguilleError

MOST = 20
"""Origins of one key."""

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_LOCAL = ("localhost", "127.0.0.1")
_PORTS: Mapping[str, int] = {"https": 443, "http": 80}


class WrongOrigin(AiguilleError):
    """What no browser would send as an origin, or too many of them."""


def exact_origins(texts: Iterable[str]) -> tuple[str, ...]:
    """Each origin once, as browsers send it."""
    exact = tuple(dict.fromkeys(map(origin, texts)))
    if len(exact) > MOST:
        raise WrongOrigin("Au plus {most} origines pour une clé.", field="origins", most=MOST)
    return exact


def origin(text: str) -> str:
    """Scheme, host, and port if it is not the usual."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise _no_origin(text) from None
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if more or not safe or not _HOST.fullmatch(host):
        raise _no_origin(text)
    usual = port is None or port == _PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def _no_origin(text: str) -> WrongOrigin:
    return WrongOrigin(
        "« {origin} » n’est pas une origine : attendu https://exemple.fr, sans chemin.",
        field="origins",
        origin=text[:200],
    )
