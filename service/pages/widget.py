"""The widget: our form and answers in a frame of a partner's page, and the script that puts it.

No cookie, no address of another site, and no page of ours in any frame but these, which only the
exact origins of the key may hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from data.engine import read
from data.places import Territory
from data.store_needs import Sender
from data.store_partners import Key, load_key
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep
from service.labels import CodeLabels
from service.languages import FRENCH, LANGUAGES, say_in
from service.pages.cards import Card, cards_of
from service.pages.need_form import personal_kinds
from service.pages.need_reading import LONGEST, SHORTEST, Misread, Typed, TypedDep, read_need
from service.pages.rendering import render
from service.statuses import OK, TO_CORRECT
from service.usecases.answering import answer_need, keep_need
from service.usecases.keys import TEST, UnknownKey
from service.widget_theme import Theme, theme_of
from service.wording import Wording, day, english_day

router = APIRouter(include_in_schema=False)

SHOWN = 5
KEPT = {"Cache-Control": "public, max-age=3600"}
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors {origins}"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Which widget is shown: by which key, in which language, with which tokens."""

    key: Key
    language: str
    theme: Theme

    @property
    def query(self) -> str:
        """The same widget, as the query of an address."""
        said = {
            "cle": self.key.id,
            "langue": self.language,
            "couleur": self.theme.colour,
            "fond": self.theme.ground,
            "rayon": self.theme.radius,
        }
        return urlencode(said)


@dataclass(frozen=True, slots=True)
class WidgetPage:
    """The form, and under it the answers once there are some; `link` goes on at our own site."""

    frame: Frame
    typed: Typed
    profiles: Mapping[str, str]
    errors: Mapping[str, str]
    places: tuple[Territory, ...] = ()
    personal: tuple[str, ...] = ()
    answered: bool = False
    sure: bool = False
    cards: tuple[Card, ...] = ()
    link: str | None = None
    shortest: int = SHORTEST
    longest: int = LONGEST


def _frame(
    catalogue: CatalogueDep,
    now: NowDep,
    cle: Annotated[str, Query(max_length=24)] = "",
    langue: Annotated[str, Query(max_length=5)] = FRENCH,
    couleur: Annotated[str, Query(max_length=7)] = "",
    fond: Annotated[str, Query(max_length=7)] = "",
    rayon: Annotated[int, Query(ge=0, le=24)] = 8,
) -> Frame:
    with read(catalogue.engine) as connection:
        key = load_key(connection, cle)
    if key is None or not key.usable(now) or "widget" not in key.scopes or not key.origins:
        raise UnknownKey("Aucune clé « {id} ».", field="cle", id=cle)
    language = langue if langue in LANGUAGES else FRENCH
    return Frame(key, language, theme_of(couleur, fond, rayon))


FrameDep = Annotated[Frame, Depends(_frame)]


@router.get("/widget.js")
def script() -> Response:
    """The one script of a partner's page: it makes the frame, and gives it its height."""
    text = files("service").joinpath("static", "widget.js").read_text("utf-8")
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(text, media_type="text/javascript", headers=headers)


@router.get("/widget.css")
def sheet(frame: FrameDep) -> Response:
    """The tokens of the frame: a style sheet, since no page of ours has styles of its own."""
    return Response(frame.theme.css, media_type="text/css", headers=KEPT)


@router.get("/widget")
def form(request: Request, catalogue: CatalogueDep, frame: FrameDep) -> Response:
    return _shown(request, _page(catalogue, frame, Typed()))


@router.post("/widget")
def ask(
    request: Request, catalogue: CatalogueDep, now: NowDep, frame: FrameDep, said: TypedDep
) -> Response:
    """The answers, in the frame; the need is the partner's draft, which its private link opens.

    With a test key nothing is kept.
    """
    wording = _wording(catalogue, frame.language)
    need = read_need(said, catalogue, wording.say)
    if isinstance(need, Misread):
        return _shown(request, _page(catalogue, frame, said, need), TO_CORRECT)
    today, link = day_of(now), None
    answer = answer_need(catalogue, need, today=today, limit=SHOWN)
    if frame.key.mode != TEST:
        sender = Sender(frame.key.partner_id)
        stored = keep_need(catalogue, need, today=today, now=now, sender=sender)
        link = f"/besoins/{stored.id}?lang={frame.language}"
    cards = cards_of(answer.matches[:SHOWN], need, wording)
    page = _page(catalogue, frame, said, answered=True, sure=answer.sure, cards=cards, link=link)
    return _shown(request, page)


def _page(
    catalogue: Catalogue,
    frame: Frame,
    said: Typed,
    misread: Misread | None = None,
    *,
    answered: bool = False,
    sure: bool = False,
    cards: tuple[Card, ...] = (),
    link: str | None = None,
) -> WidgetPage:
    wording = _wording(catalogue, frame.language)
    codes = catalogue.frame.codes("profiles")
    return WidgetPage(
        frame=frame,
        typed=said,
        profiles={code: wording.labels.label("profiles", code) for code in codes},
        errors=misread.errors if misread else {},
        places=misread.places if misread else (),
        personal=personal_kinds(said.text, wording),
        answered=answered,
        sure=sure,
        cards=cards,
        link=link,
    )


def _wording(catalogue: Catalogue, language: str) -> Wording:
    say = say_in(language)
    labels = CodeLabels(catalogue.frame, catalogue.gazetteer, say)
    return Wording(labels, say, day if language == FRENCH else english_day)


def _shown(request: Request, page: WidgetPage, status: int = OK) -> Response:
    """The page, which the origins of the key alone may frame."""
    language = page.frame.language
    shown = render(request, "widget.html", page, status=status, private=True, language=language)
    shown.headers["Content-Security-Policy"] = CSP.format(origins=" ".join(page.frame.key.origins))
    return shown
