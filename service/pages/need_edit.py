"""A need that is said otherwise, or whose words lose what is personal, before it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from data.store_needs import StoredNeed
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.need_form import form_page
from service.pages.need_reading import Misread, Typed, TypedDep, read_need
from service.pages.rendering import render
from service.statuses import OK, TO_CORRECT, see_other
from service.triage.personal import masked
from service.usecases.answering import read_need as kept_need
from service.usecases.revising import mask, rewrite

router = APIRouter(prefix="/besoins", include_in_schema=False)


@router.get("/{need_id}/modifier")
def edit(
    request: Request, need_id: str, catalogue: CatalogueDep, wording: PageWordingDep
) -> Response:
    said = _as_typed(kept_need(catalogue, need_id), catalogue)
    page = form_page(catalogue, wording, said, action=_action(need_id))
    return render(request, "need_form.html", page, private=True)


@router.post("/{need_id}/modifier")
def save(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    said: TypedDep,
    masquer: Annotated[str, Form()] = "",
) -> Response:
    kept_need(catalogue, need_id)
    read = read_need(said, catalogue, wording.say)
    if masquer or isinstance(read, Misread):
        said = replace(said, text=masked(said.text)) if masquer else said
        misread = None if masquer or not isinstance(read, Misread) else read
        page = form_page(catalogue, wording, said, misread, _action(need_id))
        status = TO_CORRECT if misread else OK
        return render(request, "need_form.html", page, status=status, private=True)
    rewrite(catalogue, need_id, read, today=day_of(now), now=now)
    return see_other(f"/besoins/{need_id}")


@router.post("/{need_id}/masquer")
def hide(need_id: str, catalogue: CatalogueDep, now: NowDep) -> Response:
    """Take what is personal out of the words that are kept."""
    mask(catalogue, need_id, today=day_of(now), now=now)
    return see_other(f"/besoins/{need_id}")


def _action(need_id: str) -> str:
    return f"/besoins/{need_id}/modifier"


def _as_typed(stored: StoredNeed, catalogue: Catalogue) -> Typed:
    place = catalogue.gazetteer.get(stored.place_code) if stored.place_code else None
    count = stored.actor.headcount
    return Typed(
        text=stored.text,
        commune=place.label if place else "",
        lieu=place.code if place else "",
        profile=stored.actor.kind or "",
        employees="" if count is None else str(count),
    )
