"""More at once than can be answered in good time: the rest is told at once when to come back."""

from __future__ import annotations

from prometheus_client import Counter, Gauge
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

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
    """Refuse at once what would only wait, when `most` requests are already under way.

    Answers are made by the processor: one more at once ends later, and so do all the others. So
    what is taken on waits, at worst, for `most` answers. What begins as `FREE` is answered all
    the same.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FREE):
            return await self.app(scope, receive, send)
        if self.under_way >= self.most:
            TURNED_AWAY.inc()
            return await later(Request(scope), CROWDED)(scope, receive, send)
        self.under_way += 1
        try:
            with UNDER_WAY.track_inprogress():
                return await self.app(scope, receive, send)
        finally:
            self.under_way -= 1
