"""What every request passes: a bound on its body, a line in the log, a count, safe headers."""

from __future__ import annotations

from time import perf_counter

import structlog
from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import problem, problem_response

REQUESTS = Counter("aiguille_requests_total", "Requests", ("route", "status"))
SECONDS = Histogram("aiguille_request_seconds", "Time to answer", ("route",))

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        # Bootstrap draws its ticks and arrows as data: images.
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'self'; "
        b"frame-ancestors 'none'; base-uri 'none'",
    ),
)


class BodyLimit:
    """Refuse a body beyond `most_bytes`, announced or streamed, before anything reads it all."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.most_bytes:
            return await self._refuse(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise HTTPException(413)
            return message

        return await self.app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Le corps dépasse {self.most_bytes} octets : envoyez un besoin à la fois."
        await problem_response(problem(413, "trop-volumineux", detail))(scope, receive, send)


class Observed:
    """Log and count each request by its route (never its query nor its body); add headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = structlog.get_logger("aiguille.http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(h for h in HEADERS if h[0] not in present),
                ]
            await send(message)

        try:
            return await self.app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            seconds = perf_counter() - started
            REQUESTS.labels(route, status).inc()
            SECONDS.labels(route).observe(seconds)
            self.log.info("request", route=route, status=status, ms=round(seconds * 1000, 1))
