"""The page at `/`: a need in one's own words, where, who. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from data.places import Territory
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.examples import EXAMPLES, example
from service.pages.need_reading import (
    LONGEST,
    SHORTEST,
    Misread,
    Typed,
    TypedDep,
    Words,
    read_need,
)
from service.pages.rendering import render
from service.statuses import TO_CORRECT, see_other
from service.triage.personal import KINDS, masked, personal_in
from service.usecases.answering import keep_need
from service.wording import Wording

router = APIRouter(include_in_schema=False)

SUGGESTED = 8


@dataclass(frozen=True, slots=True)
class FormPage:
    """All that the form shows. `typed` is what was typed, to type over; `action` where it goes.

    `personal` names what was seen in the words that is personal.
    """

    profiles: Mapping[str, str]
    typed: Typed
    action: str = "/"
    errors: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Territory, ...] = ()
    personal: tuple[str, ...] = ()
    examples: Mapping[str, tuple[str, tuple[str, str]]] = field(default_factory=lambda: EXAMPLES)
    shortest: int = SHORTEST
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class PersonalNotice:
    personal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    places: tuple[Territory, ...]


@router.get("/")
def home(
    request: Request,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    exemple: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    said = Typed(text=example(exemple))
    return render(request, "need_form.html", form_page(catalogue, wording, said))


@router.post("/")
def ask(
    request: Request,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    said: TypedDep,
    masquer: Annotated[str, Form()] = "",
) -> Response:
    """Keep the need as a draft and show its answers; or ask to correct what was typed."""
    if masquer:
        said = replace(said, text=masked(said.text))
        page = form_page(catalogue, wording, said)
        return render(request, "need_form.html", page, private=True)
    need = read_need(said, catalogue, wording.say)
    if isinstance(need, Misread):
        page = form_page(catalogue, wording, said, need)
        return render(request, "need_form.html", page, status=TO_CORRECT, private=True)
    stored = keep_need(catalogue, need, today=day_of(now), now=now)
    return see_other(f"/besoins/{stored.id}")


@router.post("/relire")
def read_again(request: Request, wording: PageWordingDep, text: Words = "") -> Response:
    """A fragment: what is personal in words that are still being typed."""
    page = PersonalNotice(personal_kinds(text, wording))
    return render(request, "_personal.html", page, private=True)


@router.get("/lieux")
def places(
    request: Request,
    catalogue: CatalogueDep,
    q: Annotated[str, Query(max_length=100)] = "",
    commune: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """A fragment: the places whose name or postal code starts so."""
    asked, gazetteer = (q or commune).strip(), catalogue.gazetteer
    found = gazetteer.complete(asked, SUGGESTED) if asked else []
    found = found or (gazetteer.candidates(asked)[:SUGGESTED] if len(asked) > 2 else [])
    return render(request, "_places.html", Places(tuple(found)))


def form_page(
    catalogue: Catalogue,
    wording: Wording,
    said: Typed,
    misread: Misread | None = None,
    action: str = "/",
) -> FormPage:
    codes = catalogue.frame.codes("profiles")
    return FormPage(
        profiles={code: wording.labels.label("profiles", code) for code in codes},
        typed=said,
        action=action,
        errors=misread.errors if misread else {},
        places=misread.places if misread else (),
        personal=personal_kinds(said.text, wording),
    )


def personal_kinds(text: str, wording: Wording) -> tuple[str, ...]:
    """What is personal in a text, named once each."""
    return tuple(wording.say(KINDS[k]) for k in dict.fromkeys(f.kind for f in personal_in(text)))
