"""A real server on loopback whose answers a test sets: ETags, failures, slow bodies, pages."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Page:
    """What is served at a path. `announced`: a Content-Length that may lie; None: chunked."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = -1
    pause_s: float = 0

    def __post_init__(self) -> None:
        if self.announced == -1:
            self.announced = len(self.body)


@dataclass
class Served:
    """The pages of a server by path, and what was asked of it: (path, headers)."""

    base: str
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    def at(self, path: str, body: str | bytes, **facts) -> str:
        """Serve this at a path; its address."""
        content = body if isinstance(body, bytes) else body.encode()
        self.pages[path] = Page(content, **facts)
        return self.base + path


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        served = self.server.served
        served.asked.append((self.path, dict(self.headers)))
        page = served.pages.get(self.path, Page(b"", 404))
        etag, modified = page.headers.get("ETag"), page.headers.get("Last-Modified")
        same = etag and self.headers["If-None-Match"] == etag
        same = same or (modified and self.headers["If-Modified-Since"] == modified)
        self.send_response(304 if same and page.status == 200 else page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        if same and page.status == 200:
            self.end_headers()
            return
        if page.announced is not None:
            self.send_header("Content-Length", str(page.announced))
        self.end_headers()
        half = len(page.body) // 2
        self.wfile.write(page.body[:half])
        self.wfile.flush()
        time.sleep(page.pause_s)
        self.wfile.write(page.body[half:])

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that went away is what some tests are about


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """A server on a free port, over TLS if a context is given."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.served = Served(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
