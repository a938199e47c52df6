"""Operations of the API that will go: announced in each of their answers (RFC 9745, RFC 8594).

Nothing goes before it was announced here for six months: v1 only grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.routes import Routes


@dataclass(frozen=True, slots=True)
class Retirement:
    """Since when an operation is deprecated, until when it answers, and a page that says why.

    Both moments are in UTC.
    """

    since: datetime
    until: datetime
    link: str


Table = Mapping[tuple[str, str], Retirement]

DEPRECATED: Table = {}
"""Method and path of the route, as in /openapi.json -> its retirement."""


class Retiring:
    """Says in the headers of an answer that its operation will go."""

    def __init__(self, app: ASGIApp, table: Table) -> None:
        self.app = app
        self.going = table
        self.routes = Routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            found = self._found(scope) if message["type"] == "http.response.start" else None
            if found is not None:
                headers = MutableHeaders(raw=message["headers"])
                headers["Deprecation"] = f"@{int(found.since.timestamp())}"
                headers["Sunset"] = format_datetime(found.until, usegmt=True)
                headers.append("Link", f'<{found.link}>; rel="deprecation"')
            await send(message)

        return await self.app(scope, receive, told if self.going else send)

    def _found(self, scope: Scope) -> Retirement | None:
        return self.going.get((scope["method"], self.routes.path_of(scope) or ""))
