"""`/bureau/mon-compte`: one's own account, what one is told by mail, and in which language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from data.store_users import User
from service.auth import CsrfDep, UserDep
from service.deps import CatalogueDep, PageWordingDep
from service.languages import LANGUAGES
from service.pages.rendering import render
from service.statuses import see_other
from service.triage.notices import NOTICES, notices_of
from service.triage.roles import ROLES
from service.usecases.own_account import choose

router = APIRouter(prefix="/bureau/mon-compte", include_in_schema=False, dependencies=[CsrfDep])


@dataclass(frozen=True, slots=True)
class OwnAccountPage:
    """What an administrator chose for `me`, and what they may choose; `done`: it was just kept."""

    me: User
    role: str
    territories: Sequence[str]
    need_types: Sequence[str]
    notices: str
    done: bool
    how_often: ClassVar[Mapping[str, str]] = NOTICES
    languages: ClassVar[Mapping[str, str]] = LANGUAGES


@router.get("")
def show(request: Request, me: UserDep, wording: PageWordingDep, fait: str = "") -> Response:
    labels = wording.labels
    page = OwnAccountPage(
        me,
        ROLES[me.role],
        [labels.place(code) for code in me.territories],
        [labels.label("need_types", code) for code in me.need_types],
        notices_of(me),
        done=bool(fait),
    )
    return render(request, "own_account.html", page, private=True)


@router.post("")
def change(
    me: UserDep,
    catalogue: CatalogueDep,
    avis: Annotated[str, Form()] = "",
    langue: Annotated[str, Form()] = "",
) -> Response:
    choose(catalogue.engine, me.id, notices=avis, language=langue)
    return see_other("/bureau/mon-compte?fait=1")
