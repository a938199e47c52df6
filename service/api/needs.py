"""/v1/needs: needs that are kept, and the matches of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from data.store_needs import StoredNeed
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, WordingDep
from service.errors import responses
from service.schemas.answers import AnswerOut
from service.schemas.need_in import MOST_MATCHES, NeedIn
from service.schemas.needs import NeedOut
from service.schemas.places import PlaceOut
from service.statuses import CREATED, GONE, TO_CORRECT, TOO_LARGE, UNKNOWN
from service.usecases.answering import answer_kept, keep_need, read_need

router = APIRouter(prefix="/needs", tags=["needs"])


@router.post("", status_code=CREATED, responses=responses(TOO_LARGE, TO_CORRECT))
def create_need(body: NeedIn, catalogue: CatalogueDep, now: NowDep, response: Response) -> NeedOut:
    """Garde un besoin et le rend avec l’adresse de ses réponses."""
    need = body.to_need(catalogue.frame, catalogue.gazetteer)
    stored = keep_need(catalogue, need, today=body.today or day_of(now), now=now)
    response.headers["Location"] = f"/v1/needs/{stored.id}"
    return _need_out(stored, catalogue)


@router.get("/{need_id}", responses=responses(UNKNOWN, GONE, TO_CORRECT))
def get_need(need_id: str, catalogue: CatalogueDep) -> NeedOut:
    """Un besoin tel qu’il a été reçu."""
    return _need_out(read_need(catalogue, need_id), catalogue)


@router.get("/{need_id}/matches", responses=responses(UNKNOWN, GONE, TO_CORRECT))
def get_matches(
    need_id: str,
    catalogue: CatalogueDep,
    wording: WordingDep,
    limit: Annotated[int, Query(ge=1, le=MOST_MATCHES)] = 10,
) -> AnswerOut:
    """Les réponses à un besoin gardé, avec le catalogue d’aujourd’hui."""
    return AnswerOut.of(answer_kept(catalogue, need_id, limit=limit), wording)


def _need_out(stored: StoredNeed, catalogue: Catalogue) -> NeedOut:
    place = catalogue.gazetteer.place([stored.place_code]) if stored.place_code else None
    return NeedOut(
        id=stored.id,
        created_at=stored.created_at,
        today=stored.today,
        text=stored.text,
        place=PlaceOut.of(place),
        profile=stored.actor.kind,
        employees=stored.actor.employees,
        volunteer_only=stored.actor.volunteer_only,
        naf_section=stored.actor.naf_section,
        founded_on=stored.actor.founded_on,
        need_types=sorted(stored.need_types),
        matches_url=f"/v1/needs/{stored.id}/matches",
    )
