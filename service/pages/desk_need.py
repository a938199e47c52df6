"""A need's page at `/bureau/besoins/{id}`: all that a catalyst reads of it and does to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from data.store_needs import ChangedMeanwhile
from data.store_users import User
from matching.errors import AiguilleError
from service.auth import CsrfDep, require
from service.deps import CatalogueDep, NowDep, PageWordingDep, SettingsDep
from service.errors import status_of
from service.pages.desk_actions import ACTIONS, Asked
from service.pages.desk_need_page import Conflict, NeedPage, as_typed, need_page, since
from service.pages.rendering import render
from service.usecases.browsing import OfferFilter, browse_offers
from service.usecases.desk_reading import open_need

CatalystDep = Annotated[User, Depends(require("triage"))]
router = APIRouter(prefix="/bureau/besoins", include_in_schema=False, dependencies=[CsrfDep])

MOST_FOUND = 8


async def _form(request: Request) -> Mapping[str, list[str]]:
    """Every field of the form, each with all its values."""
    form = await request.form()
    return {name: [str(v) for v in form.getlist(name)] for name in form if name != "csrf"}


FormDep = Annotated[Mapping[str, list[str]], Depends(_form)]


@router.get("/{need_id}")
def page_of_need(
    request: Request,
    need_id: str,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    chercher: str = "",
    lot: str = "",
) -> Response:
    opened = open_need(catalogue, user, need_id, now=now)
    page = need_page(catalogue, wording, settings, user, opened, now, batch=lot)
    if words := chercher.strip()[:200]:
        wanted = OfferFilter(q=words)
        found, _ = browse_offers(catalogue, wanted, after=None, limit=MOST_FOUND)
        page = replace(page, search=words, found=found)
    return render(request, "desk_need.html", page, private=True)


@router.post("/{need_id}/{action}")
def act(
    request: Request,
    need_id: str,
    action: str,
    form: FormDep,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
) -> Response:
    """Do one thing to the need; when somebody changed it meanwhile, show both."""
    if action not in ACTIONS:
        raise HTTPException(404)
    undo = timedelta(seconds=settings.undo_seconds)
    asked = Asked(catalogue, user, need_id, form, now, undo)
    wanted = ACTIONS[action]
    try:
        batch = wanted.do(asked)
    except ChangedMeanwhile:
        opened = open_need(catalogue, user, need_id, now=now)
        page: NeedPage = need_page(catalogue, wording, settings, user, opened, now)
        conflict = Conflict(
            page, action, wording.say(wanted.label), since(page, asked), as_typed(form)
        )
        return render(request, "desk_conflict.html", conflict, status=409, private=True)
    except AiguilleError as error:
        opened = open_need(catalogue, user, need_id, now=now)
        page = need_page(catalogue, wording, settings, user, opened, now)
        page = replace(page, error=error.said(wording.say), at_fault=action, typed=as_typed(form))
        return render(request, "desk_need.html", page, status=status_of(error), private=True)
    query = f"?lot={batch}" if batch else ""
    return RedirectResponse(f"/bureau/besoins/{need_id}{query}#{wanted.anchor}", 303)
