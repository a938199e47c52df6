"""Which route answered a request, by its whole path, as in /openapi.json."""

from __future__ import annotations

from fastapi.routing import iter_route_contexts
from starlette.types import Scope


class Routes:
    """The routes of an application, read when the first of its requests is answered.

    A route knows its own path alone, without what its router was included under.
    """

    def __init__(self) -> None:
        self._paths: dict[int, str | None] = {}

    def path_of(self, scope: Scope) -> str | None:
        """The path of the route that answered; None when no route did."""
        route = scope.get("route")
        if route is None:
            return None
        if id(route) not in self._paths:
            contexts = iter_route_contexts(scope["app"].routes)
            self._paths = {id(context.original_route): context.path for context in contexts}
        return self._paths.get(id(route))
