"""`/besoins/{id}/envoyer`: choose who reads the need, then say how to be reached, and agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from data.store_contacts import CATALYST
from data.store_needs import StoredNeed
from matching.domain import Offer
from service.catalogue import Catalogue
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.pages.languages import language_of, say_to
from service.pages.private import go
from service.pages.rendering import render
from service.schemas.contact_in import (
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_PHONE,
    WrongContact,
    read_contact,
)
from service.statuses import TO_CORRECT
from service.triage.states import DRAFT
from service.usecases.answering import answer_kept, read_need
from service.usecases.sending import ConsentMissing, Sending, chosen_offers, send_need
from service.wording_consents import CONSENT_TEXTS, CONSENT_VERSION, ConsentTexts

router = APIRouter(include_in_schema=False)

SHOWN = 10


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """The answers among which to choose; `chosen` are ticked. A first answer takes so many working
    days at most.
    """

    need_id: str
    contact_days: int
    offers: tuple[Offer, ...]
    chosen: frozenset[str]


@dataclass(frozen=True, slots=True)
class SendPage:
    """Who will read the need, what was typed and ticked, and what is wrong in it."""

    need_id: str
    contact_days: int
    offers: tuple[Offer, ...]
    texts: ConsentTexts = CONSENT_TEXTS[CONSENT_VERSION]
    form: Mapping[str, str] = field(default_factory=dict)
    agreed: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict)
    catalyst: str = CATALYST
    longest: Mapping[str, int] = field(
        default_factory=lambda: {
            "name": LONGEST_NAME,
            "email": LONGEST_EMAIL,
            "phone": LONGEST_PHONE,
        }
    )


Several = Annotated[list[str], Form(default_factory=list)]


@router.get("/besoins/{need_id}/envoyer")
def choose(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    offre: Annotated[list[str], Query(default_factory=list)],
    etape: str = "",
) -> Response:
    """D’abord à qui, ensuite comment répondre : rien n’est demandé avant le choix."""
    if read_need(catalogue, need_id).state != DRAFT:
        return go(f"/besoins/{need_id}/suivi")
    offers, days = chosen_offers(catalogue, offre), settings.clocks.contact
    if etape:
        return render(request, "send.html", SendPage(need_id, days, offers), private=True)
    page = ChoosePage(need_id, days, _proposed(catalogue, need_id, offers), frozenset(offre))
    return render(request, "send_choose.html", page, private=True)


@router.post("/besoins/{need_id}/envoyer")
def send(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    now: NowDep,
    offre: Several,
    accord: Several,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    phone: Annotated[str, Form()] = "",
) -> Response:
    if _sent(read_need(catalogue, need_id)):
        return go(f"/besoins/{need_id}/suivi?deja=1")
    offers, agreed = chosen_offers(catalogue, offre), frozenset(accord)
    errors: dict[str, str] = {}
    say = say_to(request)
    try:
        contact = read_contact(name, email, phone, language_of(request))
        sending = Sending(contact, tuple(o.id for o in offers), agreed)
        new = send_need(catalogue, need_id, sending, now=now)
        return go(f"/besoins/{need_id}/suivi?{'envoye' if new else 'deja'}=1")
    except WrongContact as error:
        errors |= {field: wrong.said(say) for field, wrong in error.errors.items()}
    except ConsentMissing as error:
        errors |= {"agreed": error.said(say)}
    form = {"name": name, "email": email, "phone": phone}
    days = settings.clocks.contact
    page = SendPage(need_id, days, offers, form=form, agreed=agreed, errors=errors)
    return render(request, "send.html", page, status=TO_CORRECT, private=True)


def _sent(stored: StoredNeed) -> bool:
    return stored.state != DRAFT


def _proposed(catalogue: Catalogue, need_id: str, chosen: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """What the need was answered with, and what was chosen elsewhere."""
    answer = answer_kept(catalogue, need_id, limit=SHOWN)
    offers = {m.offer.id: m.offer for m in answer.matches} | {o.id: o for o in chosen}
    return tuple(offers.values())
