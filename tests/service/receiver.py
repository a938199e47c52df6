"""A partner's side, on loopback: it takes what is posted, as real HTTP, and answers as told."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self):
        return self.headers["webhook-id"]

    def verified(self, secret):
        """What it says, once the library of Standard Webhooks says that it comes from us."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`status` of each answer, after `slow_s`; all that came is in `got`."""

    port: int = 0
    status: int = 204
    slow_s: float = 0
    got: list[Got] = field(default_factory=list)
    connected: int = 0
    tls: object = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/crochet"

    @property
    def ids(self):
        return [one.id for one in self.got]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        told: Receiver = self.server.told
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        told.got.append(Got(self.path, headers, body))
        time.sleep(told.slow_s)
        self.send_response(told.status)
        self.send_header("Location", "/ailleurs")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def verify_request(self, request, client_address):
        self.told.connected += 1
        return True

    def handle_error(self, request, client_address):
        pass


@contextmanager
def receiving(**told):
    made = Receiver(**told)
    with _Server(("127.0.0.1", made.port), _Handler) as server:
        made.port = server.server_address[1]
        server.told = made
        if made.tls is not None:
            server.socket = made.tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
