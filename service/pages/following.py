"""`/besoins/{id}/suivi`: where a sent need stands, in plain words, and what the person may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from service.deps import CatalogueDep, NowDep, PageWordingDep, SettingsDep
from service.pages.follow_view import FollowView
from service.pages.private import go
from service.pages.rendering import render
from service.statuses import TO_CORRECT
from service.triage.states import DRAFT
from service.usecases.answering import read_need
from service.usecases.following import (
    WrongMessage,
    answer_ask,
    follow,
    tell_outcome,
    withdraw,
    write_to_desk,
)

router = APIRouter(include_in_schema=False)


NOTICES = ("envoye", "deja", "note")
"""What a form just did, named in the address it leads to."""


@router.get("/besoins/{need_id}/suivi")
def following(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
) -> Response:
    if read_need(catalogue, need_id).state == DRAFT:
        return go(f"/besoins/{need_id}/envoyer")
    notice = next((n for n in NOTICES if n in request.query_params), "")
    shown = FollowView(catalogue, wording, settings, now)
    page = shown.page(follow(catalogue, need_id), notice=notice)
    return render(request, "follow.html", page, private=True)


@router.post("/besoins/{need_id}/suivi")
def write(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    settings: SettingsDep,
    now: NowDep,
    text: Annotated[str, Form()] = "",
) -> Response:
    """Un mot de la personne au catalyseur."""
    try:
        write_to_desk(catalogue, need_id, text, now=now)
    except WrongMessage as error:
        shown = FollowView(catalogue, wording, settings, now)
        found = follow(catalogue, need_id)
        page = shown.page(found, form={"text": text}, errors={"text": error.said(wording.say)})
        return render(request, "follow.html", page, status=TO_CORRECT, private=True)
    return go(f"/besoins/{need_id}/suivi?note=1#messages")


@router.post("/besoins/{need_id}/suivi/accord")
def agree(
    need_id: str,
    catalogue: CatalogueDep,
    now: NowDep,
    offre: Annotated[str, Form()],
    reponse: Annotated[str, Form()] = "non",
) -> Response:
    """La personne accepte, ou non, que le porteur d’une offre lise son besoin."""
    answer_ask(catalogue, need_id, offre, agreed=reponse == "oui", now=now)
    return go(f"/besoins/{need_id}/suivi?note=1")


@router.post("/besoins/{need_id}/suivi/retrait")
def take_back(
    need_id: str, catalogue: CatalogueDep, now: NowDep, offre: Annotated[str, Form()]
) -> Response:
    """La personne retire un accord."""
    withdraw(catalogue, need_id, offre, now=now)
    return go(f"/besoins/{need_id}/suivi?note=1#accords")


@router.post("/besoins/{need_id}/suivi/issue")
def outcome(
    need_id: str, catalogue: CatalogueDep, now: NowDep, aide: Annotated[str, Form()]
) -> Response:
    """La personne dit si elle a été aidée."""
    tell_outcome(catalogue, need_id, helped=aide == "oui", now=now)
    return go(f"/besoins/{need_id}/suivi?note=1")
