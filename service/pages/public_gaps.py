"""The gaps for everyone: the same pictures, drawn from the weekly counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from data.divisions import divisions
from matching.domain import FRANCE
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep
from service.pages.gap_files import public_file
from service.pages.gap_pictures import Pictures, public_pictures
from service.pages.gaps import query_of, wording
from service.pages.rendering import render
from service.triage.masking import STEP
from service.usecases.public_gaps import PublicRegister, read_public_register
from service.wording_gaps import GapWording

router = APIRouter(include_in_schema=False)

SHOWN = 15
PUBLIC = "/raquette"
Code = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class PublicGapsPage:
    """`pictures`: None where there is too little to draw."""

    register: PublicRegister
    pictures: Pictures | None
    words: GapWording
    query: Mapping[str, str]
    shown: int = SHOWN
    step: int = STEP

    @property
    def whole(self) -> bool:
        """Is everything looked at?"""
        return not any(self.query.values())

    def address(self, **more: str) -> str:
        """The same page, where some filters are others."""
        return f"{PUBLIC}{query_of({**self.query, **more})}"

    @property
    def csv(self) -> str:
        return f"{PUBLIC}/csv{query_of(self.query)}"


def _register(
    catalogue: CatalogueDep, now: NowDep, territoire: Code = FRANCE, theme: Code = ""
) -> PublicRegister:
    known = _known(catalogue, territoire, theme)
    return read_public_register(catalogue, *known, today=day_of(now))


RegisterDep = Annotated[PublicRegister, Depends(_register)]


@router.get(PUBLIC)
def gaps(request: Request, catalogue: CatalogueDep, found: RegisterDep) -> Response:
    """Les trous dans la raquette, d’après le relevé du dernier lundi."""
    words = wording(request, catalogue)
    tiles = divisions(catalogue.gazetteer).tiles
    territory = found.territory if found.territory != FRANCE else ""
    query = {"territoire": territory, "theme": found.need_type}
    pictures = None if found.few else public_pictures(found, tiles, words)
    page = PublicGapsPage(found, pictures, words, query)
    return render(request, "gaps_public.html", page)


@router.get(f"{PUBLIC}/csv")
def gaps_file(request: Request, catalogue: CatalogueDep, found: RegisterDep) -> Response:
    """Les mêmes chiffres, pour un tableur."""
    return public_file(found, wording(request, catalogue))


def _known(catalogue: Catalogue, territory: str, need_type: str) -> tuple[str, str]:
    known = divisions(catalogue.gazetteer).all
    return (
        territory if territory in known else FRANCE,
        need_type if need_type in catalogue.frame.codes("need_types") else "",
    )
