"""The person's own page: what was understood, the parcours, the ranked answers, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from data.store_needs import StoredNeed
from matching.domain import Answer, Correction, NearMiss, Step
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.cards import Card, cards_of
from service.pages.filters import Group, chosen_in, groups_of, kept
from service.pages.need_form import personal_kinds
from service.pages.rendering import is_fragment, render
from service.pages.understanding import Understood, understood_of
from service.schemas.answers import message_of
from service.statuses import OK, TO_CORRECT, see_other
from service.triage.states import DRAFT
from service.triage.unmet import UNMET, UnknownReason
from service.usecases.answering import answer_need, need_of, read_need
from service.usecases.revising import NothingLeft, correct, note_unmet, who_to_talk_to
from service.wording import Wording

router = APIRouter(prefix="/besoins", include_in_schema=False)

SEEN, FIRST = 20, 8
"""How many answers the page has, and how many it shows before more are asked for."""


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step of the parcours: `covers` are the themes it answers.

    `words` are the parts of the need that it is for; none when it is for all of it.
    """

    title: str
    provider: str
    kind: str | None
    address: str
    covers: tuple[str, ...]
    words: tuple[str, ...]
    urgent: bool


@dataclass(frozen=True, slots=True)
class NearShown:
    title: str
    provider: str
    sentence: str
    successor: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """`human` is a generalist to talk to: where nothing is sure, or nothing suits.

    `wrong` names a form of the page, and what was wrong in it.
    """

    need: StoredNeed
    address: str
    understood: Understood
    sure: bool
    message: str | None
    human: Card | None
    steps: tuple[StepShown, ...]
    cards: tuple[Card, ...]
    total: int
    more: str | None
    groups: tuple[Group, ...]
    filtered: bool
    near: tuple[NearShown, ...]
    personal: tuple[str, ...]
    unmet: str | None
    reasons: Mapping[str, str]
    wording: Wording
    wrong: tuple[str, str] = ("", "")

    @property
    def is_draft(self) -> bool:
        return self.need.state == DRAFT


@router.get("/{need_id}")
def results(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
) -> Response:
    stored = read_need(catalogue, need_id)
    page = results_page(request, stored, catalogue, wording, day_of(now))
    return render(request, "results.html", page, private=True)


@router.post("/{need_id}/comprendre")
def understand(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    theme: Annotated[list[str], Form(default_factory=list)],
    ajouter: Annotated[str, Form()] = "",
    urgent: Annotated[str, Form()] = "",
) -> Response:
    """Correct what was understood, and rank again at once."""
    codes = catalogue.frame.codes("need_types")
    themes = frozenset(code for code in (*theme, ajouter) if code in codes)
    wrong = ("", "")
    try:
        correction = Correction(themes, bool(urgent))
        correct(catalogue, need_id, correction, today=day_of(now), now=now)
    except NothingLeft as error:
        wrong = ("understood", error.said(wording.say))
    if not is_fragment(request) and not wrong[0]:
        return see_other(f"/besoins/{need_id}#compris")
    stored = read_need(catalogue, need_id)
    page = results_page(request, stored, catalogue, wording, day_of(now), wrong=wrong)
    template = "_results.html" if is_fragment(request) else "results.html"
    return render(request, template, page, status=TO_CORRECT if wrong[0] else OK, private=True)


@router.post("/{need_id}/aucune")
def none_suits(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    raison: Annotated[str, Form()] = "",
) -> Response:
    """No answer suits: the reason feeds the gap register, and somebody is named."""
    try:
        note_unmet(catalogue, need_id, raison, now=now)
    except UnknownReason as error:
        stored = read_need(catalogue, need_id)
        wrong = ("unmet", error.said(wording.say))
        page = results_page(request, stored, catalogue, wording, day_of(now), wrong=wrong)
        return render(request, "results.html", page, status=TO_CORRECT, private=True)
    return see_other(f"/besoins/{need_id}#aucune")


@router.get("/{need_id}/imprimer")
def printed(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
) -> Response:
    """The answers on paper, or as the PDF that a browser prints."""
    stored = read_need(catalogue, need_id)
    page = results_page(request, stored, catalogue, wording, day_of(now), whole=True)
    return render(request, "print.html", page, private=True)


def results_page(
    request: Request,
    stored: StoredNeed,
    catalogue: Catalogue,
    wording: Wording,
    today: date,
    *,
    whole: bool = False,
    wrong: tuple[str, str] = ("", ""),
) -> ResultsPage:
    need = need_of(catalogue, stored)
    answer = answer_need(catalogue, need, today=today, limit=SEEN)
    chosen = chosen_in(request.query_params)
    passing = kept(answer.matches, chosen)
    whole |= bool(chosen) or "tout" in request.query_params or len(passing) <= FIRST + 2
    shown = passing if whole else passing[:FIRST]
    human = answer.fallback
    if human is None and stored.unmet:
        human = who_to_talk_to(catalogue, answer.need, today=today)
    visible = {m.offer.id for m in shown}
    return ResultsPage(
        need=stored,
        address=f"{request.app.state.settings.public_url.rstrip('/')}/besoins/{stored.id}",
        understood=understood_of(answer, catalogue, wording),
        sure=answer.sure,
        message=message_of(answer, wording),
        human=next(iter(cards_of((human,), answer.need, wording)), None) if human else None,
        steps=tuple(_step(s, answer, wording, visible) for s in answer.bundle.steps),
        cards=cards_of(shown, answer.need, wording),
        total=len(passing),
        more=None if whole else "?tout=1#reponses",
        groups=groups_of(
            answer.matches,
            chosen,
            wording,
            themes=tuple(answer.understanding.need_types),
            anchor="reponses",
        ),
        filtered=bool(chosen),
        near=tuple(_near(n, answer, wording) for n in answer.near_misses),
        personal=personal_kinds(stored.text, wording),
        unmet=wording.say(UNMET.get(stored.unmet, stored.unmet)) if stored.unmet else None,
        reasons={code: wording.say(label) for code, label in UNMET.items()},
        wording=wording,
        wrong=wrong,
    )


def _step(step: Step, answer: Answer, wording: Wording, visible: set[str]) -> StepShown:
    offer, understanding = step.match.offer, answer.understanding
    covered = (code for code in understanding.need_types if code in offer.need_types)
    parts = understanding.facets
    words = tuple(parts[i].text for i in step.facets)
    return StepShown(
        title=offer.title,
        provider=offer.provider.name,
        kind=wording.labels.label("kinds", offer.kind) if offer.kind else None,
        address=f"#offre-{offer.id}" if offer.id in visible else f"/offres/{offer.id}",
        covers=tuple(wording.labels.label("need_types", code) for code in covered),
        words=words if len(words) < len(parts) else (),
        urgent=step.urgent,
    )


def _near(near: NearMiss, answer: Answer, wording: Wording) -> NearShown:
    after = near.successor
    return NearShown(
        near.offer.title,
        near.offer.provider.name,
        wording.near_miss(near, answer.need),
        (after.id, after.title) if after else None,
    )
