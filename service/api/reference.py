"""/v1/territories and /v1/frame: the places and the codes that a caller may use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from service.deps import CatalogueDep
from service.errors import responses
from service.schemas.places import FrameCodeOut, FrameOut, Territories, TerritoryOut

router = APIRouter(tags=["reference"])


@router.get("/territories", responses=responses(422))
def complete_territory(
    catalogue: CatalogueDep,
    q: Annotated[str, Query(min_length=1, max_length=100)],
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> Territories:
    """Les lieux que désigne un début de nom, un code postal ou un code INSEE."""
    gazetteer = catalogue.gazetteer
    found = gazetteer.complete(q, limit) or gazetteer.candidates(q)[:limit]
    return Territories(
        territories=[
            TerritoryOut(
                code=t.code,
                kind=t.kind,
                name=t.name,
                label=t.label,
                population=t.population,
                postal_codes=list(t.postal_codes),
            )
            for t in found
        ]
    )


@router.get("/frame")
def frame(catalogue: CatalogueDep) -> FrameOut:
    """Le référentiel : chaque liste de codes, avec libellés et définitions."""
    return FrameOut(
        version=catalogue.frame.version,
        lists={
            name: [
                FrameCodeOut(code=c.code, label=c.label, definition=c.definition)
                for c in codes.values()
            ]
            for name, codes in catalogue.frame.lists.items()
        },
    )
