"""`/besoins/{id}/effacer`: one question, and all is gone."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.deps import CatalogueDep, NowDep, SettingsDep
from service.pages.rendering import render
from service.triage.states import DRAFT
from service.usecases.answering import read_need
from service.usecases.erasing import erase_need

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ErasePage:
    need_id: str
    sent: bool
    done: bool = False


@router.get("/besoins/{need_id}/effacer")
def confirm(request: Request, need_id: str, catalogue: CatalogueDep) -> Response:
    stored = read_need(catalogue, need_id)
    page = ErasePage(need_id, stored.state != DRAFT)
    return render(request, "erase.html", page, private=True)


@router.post("/besoins/{need_id}/effacer")
def erase(
    request: Request, need_id: str, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep
) -> Response:
    sent = read_need(catalogue, need_id).state != DRAFT
    erase_need(
        catalogue,
        need_id,
        actor="person",
        now=now,
        journal=settings.erased_file,
        mails=settings.mail_folder,
    )
    return render(request, "erase.html", ErasePage(need_id, sent, done=True), private=True)
