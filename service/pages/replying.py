"""`/reponse/{token}`: a provider reads a need and answers, without an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from data.store_contacts import Contact
from data.store_transmissions import Transmission
from matching.domain import Offer
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.private import go, read_day
from service.pages.rendering import render
from service.statuses import TO_CORRECT
from service.usecases.replying import (
    LATEST_CONTACT_DAYS,
    MOST_CAPACITY,
    NOT_YET,
    REFUSALS,
    Letter,
    Reply,
    WrongReply,
    read_letter,
    reply,
)
from service.wording import Wording

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """A need as its provider reads it, and the three ways to answer; no `text` once declined."""

    token: str
    transmission: Transmission
    reference: str | None
    text: str
    offer: Offer | None
    place: str | None
    profile: str | None
    size: str | None
    employees: int | None
    themes: tuple[str, ...]
    contact: Contact | None
    until: date
    answered_on: date | None
    sent_on: date
    first_day: date
    last_day: date
    again: bool = False
    form: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=lambda: REFUSALS)
    not_yet: str = NOT_YET
    most_capacity: int = MOST_CAPACITY


@router.get("/reponse/{token}")
def letter(
    request: Request, token: str, catalogue: CatalogueDep, wording: PageWordingDep, now: NowDep
) -> Response:
    found = read_letter(catalogue, token, now=now)
    page = _page(
        catalogue, wording, token, found, today=day_of(now), again="deja" in request.query_params
    )
    return render(request, "reply.html", page, private=True)


@router.post("/reponse/{token}")
def answer(
    request: Request,
    token: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    choice: Annotated[str, Form()] = "",
    contact_on: Annotated[str, Form()] = "",
    capacity: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    said = Reply(choice, read_day(contact_on), _count(capacity), reason)
    try:
        new = reply(catalogue, token, said, now=now)
    except WrongReply as error:
        form = {"contact_on": contact_on, "capacity": capacity, "reason": reason}
        found = read_letter(catalogue, token, now=now)
        page = _page(
            catalogue,
            wording,
            token,
            found,
            today=day_of(now),
            form=form,
            errors={error.field or "choice": error.said(wording.say)},
        )
        return render(request, "reply.html", page, status=TO_CORRECT, private=True)
    return go(f"/reponse/{token}{'' if new else '?deja=1'}")


def _count(text: str) -> int | None:
    """A number as typed; None when nothing was, and -1, which is refused, when it is no number."""
    text = text.strip()
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _page(
    catalogue: Catalogue,
    wording: Wording,
    token: str,
    found: Letter,
    *,
    today: date,
    again: bool = False,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> ReplyPage:
    stored, made, label = found.stored, found.transmission, wording.labels.label
    actor = stored.actor
    return ReplyPage(
        token=token,
        transmission=made,
        reference=stored.reference,
        text="" if made.state == "refused" else stored.text,
        offer=found.offer,
        place=catalogue.gazetteer.place([stored.place_code]).name if stored.place_code else None,
        profile=label("profiles", actor.kind) if actor.kind else None,
        size=label("size_classes", actor.size_class) if actor.size_class else None,
        employees=actor.headcount,
        themes=tuple(label("need_types", code) for code in sorted(stored.types)),
        contact=found.contact,
        until=day_of(made.expires_at),
        answered_on=day_of(made.answered_at) if made.answered_at else None,
        sent_on=day_of(stored.sent_at or stored.created_at),
        first_day=today,
        last_day=today + timedelta(days=LATEST_CONTACT_DAYS),
        again=again,
        form=form or {},
        errors=errors or {},
    )
