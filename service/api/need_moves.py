"""/v1/needs/…: what a partner does next with a need: send it, say more, read its moves; by many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from starlette.responses import StreamingResponse

from matching.errors import AiguilleError
from service.api.needs import (
    WriterDep,
    keep_said,
    named,
    read_sending,
    said_of,
    seen_by,
    shown,
)
from service.callers import ANYBODY, AnyCallerDep, Caller
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.errors import of_aiguille, of_validation, responses
from service.idempotency import ONCE, Once
from service.schemas.needs import NeedOut
from service.schemas.partner_needs import (
    BatchLine,
    ConsentTextsOut,
    MessageIn,
    MoveOut,
    PartnerNeedIn,
    SendIn,
    TimelineOut,
)
from service.settings import Settings
from service.statuses import NO_CONTENT
from service.usecases.following import write_to_desk
from service.usecases.partner_needs import (
    AlreadyKnown,
    read_visible,
    send_for_person,
    timeline,
)
from service.wording_consents import CONSENT_TEXTS, CONSENT_VERSION

router = APIRouter(tags=["needs"], route_class=Once)

NDJSON = "application/x-ndjson"
LINE = BatchLine.model_json_schema(ref_template="#/components/schemas/{model}")
# The description of the API has them already.
LINE.pop("$defs")
MOST_AT_ONCE = 1_000
"""Needs of a batch."""


class WrongBatch(AiguilleError):
    """A batch that is not read at all."""


@router.get("/consents")
def consent_texts() -> ConsentTextsOut:
    """Les textes à montrer à la personne avant d’envoyer, et leur version."""
    texts = CONSENT_TEXTS[CONSENT_VERSION]
    return ConsentTextsOut(
        version=CONSENT_VERSION, catalyst=texts.catalyst, provider=texts.provider
    )


@router.post(
    "/needs/{need_id}/send",
    dependencies=[ONCE],
    responses=responses(401, 403, 404, 409, 410, 413, 422),
)
def send(
    need_id: str,
    body: SendIn,
    who: WriterDep,
    settings: SettingsDep,
    now: NowDep,
    response: Response,
) -> NeedOut:
    """Envoie un brouillon à un catalyseur, avec l’accord de la personne."""
    catalogue = who.catalogue
    read_visible(catalogue, need_id, who.partner_id)
    sending = read_sending(catalogue, body, now)
    send_for_person(catalogue, need_id, sending, by=named(who), now=now)
    fresh = read_visible(catalogue, need_id, who.partner_id)
    return shown(fresh, who, catalogue, settings, response)


@router.post(
    "/needs/{need_id}/messages",
    status_code=NO_CONTENT,
    dependencies=[ONCE],
    responses=responses(401, 403, 404, 409, 410, 413, 422),
)
def say(need_id: str, body: MessageIn, who: WriterDep, now: NowDep) -> None:
    """Transmet au bureau les mots de la personne : une réponse, ou un fait de plus."""
    read_visible(who.catalogue, need_id, who.partner_id)
    write_to_desk(who.catalogue, need_id, body.text, now=now)


@router.get(
    "/needs/{need_id}/timeline",
    openapi_extra=ANYBODY,
    responses=responses(401, 403, 404, 410, 422),
)
def read_timeline(need_id: str, who: AnyCallerDep, catalogue: CatalogueDep) -> TimelineOut:
    """Ce qui est arrivé au besoin, dans l’ordre : des codes, des dates, jamais de mots."""
    found, partner_id = seen_by(who, catalogue)
    return TimelineOut(
        steps=[
            MoveOut(at=s.at, step=s.name, actor=s.actor, detail=dict(s.detail))
            for s in timeline(found, need_id, partner_id)
        ]
    )


@router.post(
    "/needs/batch",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Une ligne par besoin, dans l’ordre, à mesure",
            "content": {NDJSON: {"schema": LINE}},
        },
        **responses(401, 403, 413, 422),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string"}}},
        }
    },
)
async def send_many(
    request: Request, who: WriterDep, settings: SettingsDep, now: NowDep
) -> StreamingResponse:
    """Jusqu’à 1 000 besoins, un objet JSON par ligne ; chaque ligne reçoit sa réponse.

    Une ligne refusée n’arrête pas les autres. La même ligne envoyée deux fois sous le même
    `external_id` ne fait qu’un besoin : c’est lui, et non Idempotency-Key, qui vaut ici, où les
    réponses partent à mesure.
    """
    lines = [line for line in (await request.body()).split(b"\n") if line.strip()]
    if not 0 < len(lines) <= MOST_AT_ONCE:
        raise WrongBatch(
            "{count} lignes : envoyez de 1 à {most} besoins, un objet JSON par ligne.",
            count=len(lines),
            most=MOST_AT_ONCE,
        )
    return StreamingResponse(_answers(who, lines, settings, now), media_type=NDJSON)


def _answers(who: Caller, lines: list[bytes], settings: Settings, now: datetime) -> Iterator[bytes]:
    for number, line in enumerate(lines, start=1):
        answer = _answer(who, number, line, settings, now)
        yield answer.model_dump_json(exclude_none=True).encode() + b"\n"


def _answer(who: Caller, number: int, line: bytes, settings: Settings, now: datetime) -> BatchLine:
    try:
        stored = keep_said(who, PartnerNeedIn.model_validate_json(line), now)
    except AlreadyKnown as known:
        stored = read_visible(who.catalogue, known.need_id, who.partner_id)
        return BatchLine(line=number, status="known", need=said_of(stored, who, settings))
    except ValidationError as error:
        problem = of_validation([{**e, "loc": ("body", *e["loc"])} for e in error.errors()])
        return BatchLine(line=number, status="refused", problem=problem)
    except AiguilleError as error:
        return BatchLine(line=number, status="refused", problem=of_aiguille(error))
    return BatchLine(line=number, status="created", need=said_of(stored, who, settings))
