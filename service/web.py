"""Opening addresses of the web over connections that we make: who connects decides where to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
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

Connect = Callable[..., socket.socket]
"""What stands for `socket.create_connection`: (host, port), a time-out, and more."""

_MANNERS = (
    ProxyHandler,
    UnknownHandler,
    HTTPDefaultErrorHandler,
    HTTPRedirectHandler,
    HTTPErrorProcessor,
)
"""Those of urllib's own opener, but FTP and files: a page may redirect to them."""


def through(made: HTTPConnection, connect: Connect) -> HTTPConnection:
    """The same connection, made by `connect` once it is needed."""
    made._create_connection = connect  # type: ignore[attr-defined]
    return made


def opener(connect: Connect) -> OpenerDirector:
    """Opens http and https alone, each connection made by `connect`, at each redirection too."""
    made = OpenerDirector()
    for handler in (_Http(connect), _Https(connect), *(manner() for manner in _MANNERS)):
        made.add_handler(handler)
    return made


def _connecting(kind: type[HTTPConnection], connect: Connect, *args: Any, **options: Any) -> Any:
    return through(kind(*args, **options), connect)


class _Http(HTTPHandler):
    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._made = partial(_connecting, HTTPConnection, connect)

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._made, req)


class _Https(HTTPSHandler):
    def __init__(self, connect: Connect) -> None:
        super().__init__()
        self._made = partial(_connecting, HTTPSConnection, connect)

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._made, req, context=ssl.create_default_context())
