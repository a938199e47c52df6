"""What every request passes: a bound on its body, a line in the log, a count, safe headers."""

from __future__ import annotations

from email.message import Message as Head
from functools import partial
from time import perf_counter

import structlog
from anyio import current_time, fail_after
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.caching import is_private
from service.errors import of_aiguille, problem
from service.failures import problem_response, stated, told, unforeseen
from service.routes import Routes
from service.same_origin import FromElsewhere, from_elsewhere
from service.statuses import FAILED, TOO_LARGE, TOO_SLOW, UNREADABLE
from service.typography import marked

REQUESTS = Counter("aiguille_requests_total", "Requests", ("route", "status"))
SECONDS = Histogram("aiguille_request_seconds", "Time to answer", ("route",))

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (
        b"content-security-policy",
        # Bootstrap draws its ticks and arrows as data: images.
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'self'; "
        b"frame-ancestors 'none'; base-uri 'none'",
    ),
)

_FRAMED = ("/widget",)
"""A page that others may frame: its own policy says who, which the older header cannot."""
_NO_STORE = (b"cache-control", b"no-store")
_OVER_TLS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_API = "/v1/"
"""Called by programs, without any cookie: no browser can be made to abuse it."""


MOST_BODY_S = 30
"""Seconds for a body to come whole: a million bytes in so long is a slow telephone."""


class BodyLimit:
    """Refuse a body beyond `most_bytes`, announced or streamed, before anything reads it all; and
    one that has not wholly come in `most_s` seconds, which would hold a place for ever.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, most_s: float = MOST_BODY_S) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.most_s = most_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self.most_bytes:
            return await self._refuse(scope, receive, send)
        seen, whole, until = 0, False, current_time() + self.most_s

        async def counted() -> Message:
            nonlocal seen, whole
            try:
                # Once it is whole, what comes next is that they left: that may take long.
                with fail_after(None if whole else until - current_time()):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(TOO_SLOW) from None
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise HTTPException(TOO_LARGE)
            return message

        return await self.app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Le corps dépasse {self.most_bytes} octets : envoyez un besoin à la fois."
        await problem_response(problem(TOO_LARGE, "trop-volumineux", detail))(scope, receive, send)


OTHER_CHARSET = marked("Corps en « {charset} » : envoyez-le en UTF-8.")


class Utf8:
    """Refuse a body said to be in another encoding than UTF-8, in which our pages are written.

    Forms are decoded as they say, and some encodings of Python make texts that nobody can write.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            said = Head()
            said["Content-Type"] = Headers(scope=scope).get("content-type", "text/plain")
            charset = said.get_content_charset("utf-8")
            if charset not in {"utf-8", "utf8"}:
                refusal = stated(
                    UNREADABLE, "encodage-inconnu", OTHER_CHARSET, charset=charset[:40]
                )
                return await told(Request(scope), refusal)(scope, receive, send)
        return await self.app(scope, receive, send)


class SameOrigin:
    """Refuse a page's POST that comes from another site."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS:
            return await self.app(scope, receive, send)
        request = Request(scope)
        api = scope["path"].startswith(_API)
        if not api and from_elsewhere(request.headers, self.public_url):
            refusal = told(request, partial(of_aiguille, FromElsewhere()))
            return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)


class Answered:
    """Answer even what nobody foresaw; the server logs it all the same."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = scope["type"] != "http"

        async def seen(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            return await self.app(scope, receive, seen)
        except Exception:
            if not begun:
                await unforeseen(Request(scope))(scope, receive, seen)
            raise


class Observed:
    """Log and count each request by its route (never its query nor its body); add headers."""

    def __init__(self, app: ASGIApp, https: bool = False) -> None:
        self.app = app
        self.always = (*HEADERS, _OVER_TLS) if https else HEADERS
        self.log = structlog.get_logger("aiguille.http")
        self.routes = Routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started, status = perf_counter(), FAILED

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                private = is_private(scope["path"])
                kept = [
                    (name, value)
                    for name, value in message["headers"]
                    if not (private and name == b"cache-control")
                ]
                present = {name for name, _ in kept}
                if scope["path"] in _FRAMED:
                    present.add(b"x-frame-options")
                more = (*self.always, _NO_STORE) if private else self.always
                message["headers"] = [*kept, *(h for h in more if h[0] not in present)]
            await send(message)

        try:
            return await self.app(scope, receive, noted)
        finally:
            route = self.routes.path_of(scope) or "none"
            seconds = perf_counter() - started
            REQUESTS.labels(route, status).inc()
            SECONDS.labels(route).observe(seconds)
            self.log.info("request", route=route, status=status, ms=round(seconds * 1000, 1))
