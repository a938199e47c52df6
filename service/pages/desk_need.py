"""A need's page at `/bureau/besoins/{key}`: all that a catalyst reads of it and does to it.

Its address holds the need's key, never its id: that is the person's private link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from data.store_needs import ChangedMeanwhile, StoredNeed
from data.store_users import User
from matching.errors import AiguilleError
from service.auth import CsrfDep, require
from service.deps import CatalogueDep, NowDep, PageWordingDep, SettingsDep
from service.errors import status_of
from service.pages.desk_actions import ACTIONS, Asked
from service.pages.desk_need_page import Conflict, as_typed, need_page, since
from service.pages.rendering import render
from service.statuses import see_other
from service.usecases.browsing import OfferFilter, browse_offers
from service.usecases.desk_need import need_of_key
from service.usecases.desk_reading import open_need

CatalystDep = Annotated[User, Depends(require("triage"))]
router = APIRouter(prefix="/bureau/besoins", include_in_schema=False, dependencies=[CsrfDep])

MOST_FOUND = 8


async def _form(request: Request) -> Mapping[str, list[str]]:
    """Every field of the form, each with all its values."""
    form = await request.form()
    return {name: [str(v) for v in form.getlist(name)] for name in form if name != "csrf"}


def _need(need_key: str, user: CatalystDep, catalogue: CatalogueDep) -> StoredNeed:
    """The need of the address, if the user sees it."""
    return need_of_key(catalogue, user, need_key)


NeedDep = Annotated[StoredNeed, Depends(_need)]
FormDep = Annotated[Mapping[str, list[str]], Depends(_form)]


@router.get("/{need_key}")
def page_of_need(
    request: Request,
    need: NeedDep,
    user: CatalystDep,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    chercher: str = "",
    lot: str = "",
) -> Response:
    opened = open_need(catalogue, user, need.id, now=now)
    page = need_page(catalogue, wording, settings, user, opened, now, batch=lot)
    if words := chercher.strip()[:200]:
        wanted = OfferFilter(q=words)
        found, _ = browse_offers(catalogue, wanted, after=None, limit=MOST_FOUND)
        page = replace(page, search=words, found=found)
    return render(request, "desk_need.html", page, private=True)


def _route(name: str) -> Callable[..., Response]:
    """The route of one action: it does one thing to the need, or shows what stands against it."""
    wanted = ACTIONS[name]

    def act(
        request: Request,
        need: NeedDep,
        form: FormDep,
        user: CatalystDep,
        catalogue: CatalogueDep,
        wording: PageWordingDep,
        settings: SettingsDep,
        now: NowDep,
    ) -> Response:
        undo = timedelta(seconds=settings.undo_seconds)
        asked = Asked(catalogue, user, need, form, now, undo, settings.link_days)
        try:
            batch = wanted.do(asked)
        except AiguilleError as error:
            status = status_of(error)
            opened = open_need(catalogue, user, need.id, now=now)
            page = need_page(catalogue, wording, settings, user, opened, now)
            if isinstance(error, ChangedMeanwhile):
                label = wording.say(wanted.label)
                both = Conflict(page, name, label, since(page, asked), as_typed(form))
                return render(request, "desk_conflict.html", both, status=status, private=True)
            told = error.said(wording.say)
            page = replace(page, error=told, at_fault=name, typed=as_typed(form))
            return render(request, "desk_need.html", page, status=status, private=True)
        query = f"?lot={batch}" if batch else ""
        return see_other(f"/bureau/besoins/{need.key}{query}#{wanted.anchor}")

    return act


for _name in ACTIONS:
    router.post(f"/{{need_key}}/{_name}", name=f"desk-{_name}")(_route(_name))
