"""More at once than can be answered in good time: the rest is told at once when to come back."""

from __future__ import annotations

from prometheus_client import Counter, Gauge
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.failures import later
from service.typography import marked

UNDER_WAY = Gauge("aiguille_requests_under_way", "Requests taken on and not answered yet")
TURNED_AWAY = Counter("aiguille_requests_turned_away_total", "Requests refused unread: a crowd")

CROWDED = marked(
    "Trop de demandes à la fois : celle-ci n’a pas été lue. Recommencez dans un instant."
)
FREE = ("/health", "/ready", "/metrics", "/static/")
"""What tells whoever watches how the process is, and what the page that says no is dressed with."""


class Crowd:
    """Refuse at once what would only wait, when as many as there are `threads` are at work.

    So whatever is taken on begins at once, and waits at worst for that many answers. Those whose
    body is still coming are not at work; with them, at most `most` are under way. What begins as
    `FREE` is answered all the same.
    """

    def __init__(self, app: ASGIApp, threads: int, most: int) -> None:
        self.app = app
        self.threads = threads
        self.most = most
        self.under_way = 0
        self.coming = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            return await self.app(scope, receive, send)
        if self.under_way - self.coming >= self.threads or self.under_way >= self.most:
            TURNED_AWAY.inc()
            return await later(Request(scope), CROWDED)(scope, receive, send)
        whole = False

        async def received() -> Message:
            nonlocal whole
            if whole:  # What comes next is that they left.
                return await receive()
            self.coming += 1
            try:
                message = await receive()
            finally:
                self.coming -= 1
            whole = not message.get("more_body", False)
            return message

        self.under_way += 1
        try:
            with UNDER_WAY.track_inprogress():
                return await self.app(scope, received, send)
        finally:
            self.under_way -= 1
