"""POST /v1/match: a need in, ranked and explained offers out; nothing is kept."""

from __future__ import annotations

from fastapi import APIRouter

from service.days import day_of
from service.deps import CatalogueDep, NowDep, WordingDep
from service.errors import responses
from service.schemas.answers import AnswerOut
from service.schemas.need_in import MatchIn
from service.usecases.answering import answer_need

router = APIRouter(tags=["match"])


@router.post("/match", responses=responses(413, 422))
def match(body: MatchIn, catalogue: CatalogueDep, wording: WordingDep, now: NowDep) -> AnswerOut:
    """Répond à un besoin sans rien conserver."""
    need = body.to_need(catalogue.frame, catalogue.gazetteer)
    today = body.today or day_of(now)
    answer = answer_need(catalogue, need, today=today, limit=body.limit)
    return AnswerOut.of(answer, wording, body.explain)
