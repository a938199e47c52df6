"""What an answer may be kept by, and an ETag on every read: who has it already is not sent it."""

from __future__ import annotations

from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.statuses import NOT_MODIFIED, OK

_PRIVATE = ("/bureau", "/besoins", "/connexion", "/deconnexion", "/reponse")
"""What these pages answer is for one reader: no browser nor proxy may keep it."""
API = "/v1/"
_PUBLIC = ("/v1/offers", "/v1/territories", "/v1/frame", "/v1/consents")
"""The same for everybody. All else of the API is for who asks."""
_SHARED = "public, max-age=60"
_SUFFIX = '-gzip"'
_BODILY = ("content-length", "content-type", "content-encoding")


def is_private(path: str) -> bool:
    """Is what this address answers for one reader?"""
    return path.startswith(_PRIVATE) or (path.startswith(API) and not path.startswith(_PUBLIC))


class Fresh:
    """An ETag on every read of the API, and 304 to who says that it has it (RFC 9110, 8.8, 13.1).

    It stands around compression. A strong ETag names bytes: the digest is of those that leave, and
    a version that a route set is said with `-gzip` when they are compressed, and read without.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            return await self.app(scope, receive, send)
        answer = _Answer(scope, send)
        # In place: who observes the request finds in its scope the route that answered.
        scope["headers"] = [_plain(*header) for header in scope["headers"]]
        return await self.app(scope, receive, answer.pass_on)


class _Answer:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.send = send
        self.is_read = scope["method"] == "GET"
        self.is_shared = self.is_read and not is_private(scope["path"])
        self.known = _tags(Headers(scope=scope).get("if-none-match", ""))
        self.start: Message | None = None

    async def pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if "etag" in headers and headers.get("content-encoding") == "gzip":
                headers["etag"] = headers["etag"].removesuffix('"') + _SUFFIX
            if self.is_read and message["status"] == OK:
                # The digest that goes in the head is that of the body.
                self.start = message
                return
        elif self.start is not None:
            message = await self._begin(self.start, message)
            self.start = None
        await self.send(message)

    async def _begin(self, start: Message, first: Message) -> Message:
        """Send the head; the body that is left to send."""
        headers = MutableHeaders(raw=start["headers"])
        body = first.get("body", b"")
        whole = not first.get("more_body", False)
        if self.is_shared:
            headers.setdefault("cache-control", _SHARED)
        if whole:
            headers.setdefault("etag", f'"{sha256(body).hexdigest()[:32]}"')
        tag = headers.get("etag")
        if whole and tag is not None and self.known & {"*", _weak(tag)}:
            for name in _BODILY:
                if name in headers:
                    del headers[name]
            start["status"] = NOT_MODIFIED
            first = {**first, "body": b""}
        await self.send({**start, "headers": headers.raw})
        return first


def _plain(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """A header of a request, where a version is said as it is kept."""
    return name, value.replace(_SUFFIX.encode(), b'"') if name == b"if-match" else value


def _tags(said: str) -> set[str]:
    """The tags of a header, to be compared weakly."""
    return {_weak(tag.strip()) for tag in said.split(",") if tag.strip()}


def _weak(tag: str) -> str:
    return tag.removeprefix("W/")
