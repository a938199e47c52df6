"""The page at `/`: a need, a place, who asks; and the answer under it. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from data.territories import AmbiguousTerritory, Territory
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.days import day_of
from service.deps import CatalogueDep, NowDep, WordingDep
from service.errors import of_aiguille, of_validation
from service.pages.rendering import render
from service.schemas.answers import AnswerOut
from service.schemas.need_in import LONGEST_NEED, NeedIn
from service.schemas.problems import FieldProblem
from service.usecases.answering import answer_need
from service.wording import UNVERIFIED, Wording

router = APIRouter(include_in_schema=False)

EXAMPLES = (
    "On n’arrive plus à payer les salaires, la subvention de la ville n’est toujours pas versée.",
    "Plus personne ne veut reprendre le bureau de l’association, tout le monde est fatigué.",
    "La facture d’électricité de la boulangerie a été multipliée par quatre.",
)


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that the template shows. `form` is what was typed, to type over."""

    profiles: Mapping[str, str]
    form: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    places: tuple[Territory, ...] = ()
    answer: AnswerOut | None = None
    wording: Wording | None = None
    examples: tuple[str, ...] = EXAMPLES
    longest: int = LONGEST_NEED
    unverified: str = UNVERIFIED


@router.get("/")
def home(request: Request, catalogue: CatalogueDep) -> Response:
    return _page(request, HomePage(_profiles(catalogue), {}))


@router.post("/")
def answer(
    request: Request,
    catalogue: CatalogueDep,
    wording: WordingDep,
    now: NowDep,
    text: Annotated[str, Form()] = "",
    commune: Annotated[str, Form()] = "",
    profile: Annotated[str, Form()] = "",
    employees: Annotated[str, Form()] = "",
) -> Response:
    form = {"text": text, "commune": commune, "profile": profile, "employees": employees}
    page = HomePage(_profiles(catalogue), form)
    try:
        said: dict[str, Any] = {k: v.strip() for k, v in form.items() if v.strip()}
        need_in = NeedIn.model_validate({"text": "", **said}, strict=False)
        _one_place(catalogue, commune.strip())
        need = need_in.to_need(catalogue.frame, catalogue.gazetteer)
    except ValidationError as error:
        errors = [{**e, "loc": ("body", *e["loc"])} for e in error.errors()]
        return _page(request, _wrong(page, of_validation(errors).errors), 422)
    except AiguilleError as error:
        places = error.candidates if isinstance(error, AmbiguousTerritory) else ()
        return _page(request, _wrong(page, of_aiguille(error).errors, places), 422)
    found = answer_need(catalogue, need, today=day_of(now), limit=10)
    shown = AnswerOut.of(found, wording)
    return _page(request, HomePage(page.profiles, form, answer=shown, wording=wording))


def _one_place(catalogue: Catalogue, text: str) -> None:
    """A person types postal codes more than INSEE codes: 13001 asks which of the two is meant."""
    if text.isdigit() and len(found := catalogue.gazetteer.candidates(text)) > 1:
        raise AmbiguousTerritory(text, found)


def _wrong(
    page: HomePage, problems: list[FieldProblem], places: tuple[Territory, ...] = ()
) -> HomePage:
    errors = {p.field: p.message for p in problems}
    return HomePage(page.profiles, page.form, errors, places)


def _profiles(catalogue: Catalogue) -> Mapping[str, str]:
    return {c.code: c.label for c in catalogue.frame.codes("profiles").values()}


def _page(request: Request, page: HomePage, status: int = 200) -> Response:
    return render(request, "home.html", page, status=status)
