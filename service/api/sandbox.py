"""/v1/sandbox: with a test key, make a need move as people would, to see what is told of it."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.api.needs import WriterDep, shown
from service.callers import TestKeyNeeded
from service.deps import NowDep, SettingsDep
from service.errors import responses
from service.schemas.needs import NeedOut
from service.schemas.partner_needs import AdvanceIn
from service.usecases.partner_needs import read_visible
from service.usecases.sandbox import Advance, advance

router = APIRouter(prefix="/sandbox", tags=["sandbox"])


@router.post("/needs/{need_id}/advance", responses=responses(401, 403, 404, 409, 410, 413, 422))
def advance_need(
    need_id: str,
    body: AdvanceIn,
    who: WriterDep,
    settings: SettingsDep,
    now: NowDep,
    response: Response,
) -> NeedOut:
    """Fait avancer un besoin du bac à sable : les mêmes états, pages et événements qu’en vrai."""
    if not who.is_test:
        raise TestKeyNeeded
    catalogue = who.catalogue
    read_visible(catalogue, need_id, who.partner_id)
    advance(catalogue, need_id, Advance(body.to, settings.link_days, body.outcome), now=now)
    fresh = read_visible(catalogue, need_id, who.partner_id)
    return shown(fresh, who, catalogue, settings, response)
