"""/v1/needs: needs that are kept, by anybody or by a partner, and the matches of each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, ValidationError

from data.store_needs import Sender, StoredNeed
from data.store_partner_needs import Wanted
from service.callers import ANYBODY, AnyCallerDep, Caller, KeyNeeded, partner
from service.catalogue import Catalogue
from service.cursors import opened, signed
from service.days import day_of
from service.deps import CatalogueDep, NowDep, SettingsDep, WordingDep
from service.errors import responses
from service.etags import IfMatch, check_version, etag_of
from service.idempotency import ONCE, Once
from service.schemas.answers import AnswerOut
from service.schemas.contact_in import read_contact
from service.schemas.need_in import MOST_MATCHES, Explain, NeedIn
from service.schemas.needs import NeedOut
from service.schemas.partner_needs import CountsOut, FactsIn, NeedPage, PartnerNeedIn, SendIn
from service.settings import Settings
from service.statuses import CREATED, NO_CONTENT
from service.usecases.answering import answer_need, keep_need, need_of
from service.usecases.erasing import erase_need
from service.usecases.partner_needs import (
    Consented,
    Facts,
    add_facts,
    counts,
    keep_for_partner,
    page_of,
    read_visible,
    send_for_person,
    sending_of,
)
from service.usecases.sending import Sending

router = APIRouter(prefix="/needs", tags=["needs"], route_class=Once)

ReaderDep = Annotated[Caller, Depends(partner("needs:read"))]
WriterDep = Annotated[Caller, Depends(partner("needs:write"))]
LIST = "needs"
"""What the cursors of the list are signed for."""


@router.post(
    "",
    status_code=CREATED,
    dependencies=[ONCE],
    openapi_extra=ANYBODY,
    responses=responses(401, 403, 409, 410, 413, 422),
)
def create_need(
    body: PartnerNeedIn,
    who: AnyCallerDep,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    now: NowDep,
    response: Response,
) -> NeedOut:
    """Garde un besoin et le rend avec l’adresse de ses réponses.

    Sans clé : un brouillon, que son lien privé ouvre. Avec une clé : un besoin du partenaire, qui
    peut porter son propre identifiant et être envoyé aussitôt à un catalyseur.
    """
    if who is None:
        if body.external_id is not None or body.send is not None:
            raise KeyNeeded
        need = body.to_need(catalogue.frame, catalogue.gazetteer)
        stored = keep_need(catalogue, need, today=body.today or day_of(now), now=now)
    else:
        stored = keep_said(partner("needs:write")(who), body, now)
    response.headers["Location"] = f"/v1/needs/{stored.id}"
    return shown(stored, who, catalogue, settings, response)


@router.get("", responses=responses(401, 403, 422))
def list_needs(
    who: ReaderDep,
    settings: SettingsDep,
    state: Annotated[str | None, Query(max_length=20)] = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    moved_since: AwareDatetime | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> NeedPage:
    """Les besoins que le partenaire a envoyés, dans l’ordre de leur arrivée."""
    after = None
    if cursor is not None:
        at, need_id = opened(settings, LIST, cursor)
        after = datetime.fromisoformat(at), need_id
    wanted = Wanted(who.partner_id, state, external_id, moved_since, after)
    page, more = page_of(who.catalogue, wanted, limit)
    return NeedPage(
        needs=[said_of(s, who, settings) for s in page],
        next_cursor=_after(settings, page[-1]) if more else None,
    )


@router.get("/counts", responses=responses(401, 403))
def count_needs(who: ReaderDep) -> CountsOut:
    """Combien de besoins du partenaire sont dans chaque état."""
    return CountsOut(counts=dict(counts(who.catalogue, who.partner_id)))


@router.get("/{need_id}", openapi_extra=ANYBODY, responses=responses(401, 403, 404, 410, 422))
def get_need(
    need_id: str,
    who: AnyCallerDep,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    response: Response,
) -> NeedOut:
    """Un besoin tel qu’il a été reçu, et où il en est."""
    found, partner_id = seen_by(who, catalogue)
    return shown(read_visible(found, need_id, partner_id), who, found, settings, response)


@router.get(
    "/{need_id}/matches", openapi_extra=ANYBODY, responses=responses(401, 403, 404, 410, 422)
)
def get_matches(
    need_id: str,
    who: AnyCallerDep,
    catalogue: CatalogueDep,
    wording: WordingDep,
    limit: Annotated[int, Query(ge=1, le=MOST_MATCHES)] = 10,
    explain: Explain = "reasons",
) -> AnswerOut:
    """Les réponses à un besoin gardé, avec le catalogue d’aujourd’hui."""
    found, partner_id = seen_by(who, catalogue)
    stored = read_visible(found, need_id, partner_id)
    answer = answer_need(found, need_of(found, stored), today=stored.today, limit=limit)
    return AnswerOut.of(answer, wording, explain)


@router.patch("/{need_id}", responses=responses(401, 403, 404, 409, 410, 412, 413, 422, 428))
def complete_need(
    need_id: str,
    body: FactsIn,
    who: WriterDep,
    settings: SettingsDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> NeedOut:
    """Ajoute ou corrige des faits ; le besoin reçoit aussitôt de nouvelles réponses."""
    stored = read_visible(who.catalogue, need_id, who.partner_id)
    check_version(stored, if_match)
    facts = _facts(who.catalogue, stored, body)
    if facts.given:
        add_facts(who.catalogue, stored, facts, by=named(who), now=now)
    fresh = read_visible(who.catalogue, need_id, who.partner_id)
    return shown(fresh, who, who.catalogue, settings, response)


@router.delete("/{need_id}", status_code=NO_CONTENT, responses=responses(401, 403, 404, 410, 422))
def withdraw_need(need_id: str, who: WriterDep, settings: SettingsDep, now: NowDep) -> None:
    """Retire le besoin : tout ce qui est de la personne est effacé, partout, aussitôt."""
    read_visible(who.catalogue, need_id, who.partner_id)
    mails = None if who.is_test else settings.mail_folder
    journal = settings.erased_file
    erase_need(who.catalogue, need_id, actor=named(who), now=now, journal=journal, mails=mails)


def keep_said(who: Caller, body: PartnerNeedIn, now: datetime) -> StoredNeed:
    """Keep a partner's need, and send it if that is asked; nothing is kept of what is refused."""
    catalogue = who.catalogue
    sending = None if body.send is None else read_sending(catalogue, body.send, now)
    need = body.to_need(catalogue.frame, catalogue.gazetteer)
    sender = Sender(who.partner_id, body.external_id)
    today = body.today or day_of(now)
    stored = keep_for_partner(catalogue, need, sender, today=today, now=now)
    if sending is None:
        return stored
    send_for_person(catalogue, stored.id, sending, by=named(who), now=now)
    return read_visible(catalogue, stored.id, who.partner_id)


def read_sending(catalogue: Catalogue, body: SendIn, now: datetime) -> Sending:
    """A sending as a partner says it, checked."""
    person, said = body.contact, body.consent
    contact = read_contact(person.name, person.email, person.phone, person.language)
    consent = Consented(tuple(said.recipients), said.text_version, said.agreed_at)
    return sending_of(catalogue, contact, consent, now=now)


def seen_by(who: Caller | None, catalogue: Catalogue) -> tuple[Catalogue, str | None]:
    """The database to look in, and whose needs may be seen there: with a key, its partner's."""
    if who is None:
        return catalogue, None
    return partner("needs:read")(who).catalogue, who.partner_id


def shown(
    stored: StoredNeed,
    who: Caller | None,
    catalogue: Catalogue,
    settings: Settings,
    response: Response,
) -> NeedOut:
    """A need as the answer to a request: its version goes with it."""
    response.headers["ETag"] = etag_of(stored)
    is_test = who is not None and who.is_test
    return NeedOut.of(stored, catalogue.gazetteer, settings, is_test=is_test)


def said_of(stored: StoredNeed, who: Caller, settings: Settings) -> NeedOut:
    return NeedOut.of(stored, who.catalogue.gazetteer, settings, is_test=who.is_test)


def named(who: Caller) -> str:
    """A partner, as the audit log names it."""
    return f"partner:{who.partner_id}"


def _after(settings: Settings, last: StoredNeed) -> str:
    return signed(settings, LIST, last.created_at.isoformat(), last.id)


def _facts(catalogue: Catalogue, stored: StoredNeed, body: FactsIn) -> Facts:
    """The facts that were given, read together with those that stand."""
    given = body.model_dump(exclude_unset=True)
    actor = stored.actor
    before = {
        "profile": actor.kind,
        "employees": actor.employees,
        "volunteer_only": actor.volunteer_only if actor.employees is None else None,
        "naf_section": actor.naf_section,
        "founded_on": actor.founded_on,
    }
    try:
        said = NeedIn.model_validate({"text": stored.text, **before, **given})
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
    need = said.to_need(catalogue.frame, catalogue.gazetteer)
    names = {"commune": "place", "profile": "kind"}
    return Facts(frozenset(names.get(n, n) for n in given), need.actor, need.place)
