"""What webhooks are told, described in OpenAPI for who generates a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from fastapi import FastAPI

from service.schemas.events import (
    Answered,
    Closed,
    EventOut,
    GapOpened,
    Matched,
    Nothing,
    OffersChanged,
    Qualified,
    Transmitted,
)
from service.statuses import NO_CONTENT

DESCRIBED: Mapping[str, type[EventOut[Any, Any]]] = {
    "need.qualified": EventOut[Literal["need.qualified"], Qualified],
    "need.matched": EventOut[Literal["need.matched"], Matched],
    "need.transmitted": EventOut[Literal["need.transmitted"], Transmitted],
    "need.answered": EventOut[Literal["need.answered"], Answered],
    "need.closed": EventOut[Literal["need.closed"], Closed],
    "offer.changed": EventOut[Literal["offer.changed"], OffersChanged],
    "gap.opened": EventOut[Literal["gap.opened"], GapOpened],
    "ping": EventOut[Literal["ping"], Nothing],
}
"""Type -> the whole body of an event."""


def describe(app: FastAPI) -> None:
    """Have OpenAPI tell of each event, beside what may be asked."""
    for kind, model in DESCRIBED.items():
        app.webhooks.add_api_route(
            kind,
            _told(model),
            methods=["POST"],
            tags=["webhooks"],
            summary=kind,
            operation_id=kind.replace(".", "_"),
            status_code=NO_CONTENT,
        )


def _told(model: type[EventOut[Any, Any]]) -> Callable[..., None]:
    def told(body: Any) -> None:
        """Répondez 2xx dans les cinq secondes."""

    told.__annotations__["body"] = model
    return told
