"""The accounts of the desk, for administrators: who may sign in, over which territories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from data.store_users import User
from matching.errors import AiguilleError
from service.auth import CsrfDep, require
from service.catalogue import Catalogue
from service.deps import CatalogueDep, NowDep
from service.errors import status_of
from service.labels import CodeLabels
from service.pages.languages import say_to
from service.pages.rendering import render
from service.statuses import OK, see_other
from service.triage.roles import POWERS, ROLES
from service.typed_places import as_typed
from service.typography import Say, marked
from service.usecases.accounts import (
    Wanted,
    account,
    accounts,
    change_account,
    close_account,
    open_account,
    reopen_account,
)

_administrator = require("manage-accounts")
AdministratorDep = Annotated[User, Depends(_administrator)]
router = APIRouter(
    prefix="/bureau/comptes",
    include_in_schema=False,
    dependencies=[CsrfDep, Depends(_administrator)],
)

DONE: Mapping[str, str] = {
    "ouvert": marked("Compte ouvert : un message d’invitation part vers son adresse."),
    "change": marked("Compte modifié."),
    "ferme": marked("Compte fermé : ses sessions sont terminées."),
    "rouvert": marked("Compte rouvert."),
}
"""What was just done, by the code that the address carries."""


@dataclass(frozen=True, slots=True)
class Row:
    """An account as the list shows it."""

    user: User
    role: str
    territories: Sequence[str]
    need_types: Sequence[str]


@dataclass(frozen=True, slots=True)
class AccountsPage:
    rows: Sequence[Row]
    done: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account, or one to open when `user` is None. `form` is what was typed, to type over.

    `months`: how long a closed account is kept.
    """

    me: User
    user: User | None
    form: Mapping[str, Any]
    need_types: Mapping[str, str]
    months: int
    roles: Mapping[str, str] = field(default_factory=lambda: ROLES)
    powers: Mapping[str, str] = field(default_factory=lambda: POWERS)
    errors: Mapping[str, str] = field(default_factory=dict)
    wrong: str = ""


def _wanted(
    email: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    territories: Annotated[str, Form()] = "",
    need_types: Annotated[list[str] | None, Form()] = None,
) -> Wanted:
    places = tuple(part.strip() for part in territories.replace(";", ",").split(","))
    return Wanted(email, name, role, places, tuple(need_types or ()))


WantedDep = Annotated[Wanted, Depends(_wanted)]


@router.get("")
def show(request: Request, catalogue: CatalogueDep, fait: str = "") -> Response:
    rows = [_row(catalogue, user, say_to(request)) for user in accounts(catalogue.engine)]
    return render(request, "accounts.html", AccountsPage(rows, DONE.get(fait, "")), private=True)


@router.get("/nouveau")
def blank(request: Request, me: AdministratorDep, catalogue: CatalogueDep) -> Response:
    return _form(request, catalogue, me, None, {"role": "catalyst"})


@router.post("/nouveau")
def invite(
    request: Request, me: AdministratorDep, catalogue: CatalogueDep, now: NowDep, wanted: WantedDep
) -> Response:
    by = f"user:{me.id}"
    try:
        open_account(catalogue.engine, catalogue.reading, wanted, by=by, now=now, tell=True)
    except AiguilleError as error:
        return _form(request, catalogue, me, None, _typed(wanted), error)
    return _done("ouvert")


@router.get("/{user_id}")
def one(request: Request, me: AdministratorDep, catalogue: CatalogueDep, user_id: str) -> Response:
    user = account(catalogue.engine, user_id)
    return _form(request, catalogue, me, user, _kept(catalogue, user))


@router.post("/{user_id}")
def change(
    request: Request,
    me: AdministratorDep,
    catalogue: CatalogueDep,
    now: NowDep,
    user_id: str,
    wanted: WantedDep,
) -> Response:
    user = account(catalogue.engine, user_id)
    by = f"user:{me.id}"
    try:
        change_account(catalogue.engine, catalogue.reading, user_id, wanted, by=by, now=now)
    except AiguilleError as error:
        return _form(request, catalogue, me, user, _typed(wanted), error)
    return _done("change")


@router.post("/{user_id}/fermer")
def close(
    request: Request, me: AdministratorDep, catalogue: CatalogueDep, now: NowDep, user_id: str
) -> Response:
    user = account(catalogue.engine, user_id)
    try:
        close_account(catalogue.engine, user_id, by=f"user:{me.id}", now=now)
    except AiguilleError as error:
        return _form(request, catalogue, me, user, _kept(catalogue, user), error)
    return _done("ferme")


@router.post("/{user_id}/rouvrir")
def reopen(me: AdministratorDep, catalogue: CatalogueDep, now: NowDep, user_id: str) -> Response:
    reopen_account(catalogue.engine, user_id, by=f"user:{me.id}", now=now)
    return _done("rouvert")


def _form(
    request: Request,
    catalogue: Catalogue,
    me: User,
    user: User | None,
    form: Mapping[str, Any],
    error: AiguilleError | None = None,
) -> Response:
    need_types = {c.code: c.label for c in catalogue.frame.codes("need_types").values()}
    told = error.said(say_to(request)) if error else ""
    errors = {error.field: told} if error and error.field else {}
    wrong = told if error and not error.field else ""
    months = request.app.state.settings.keep_accounts_months
    page = AccountPage(me, user, form, need_types, months, errors=errors, wrong=wrong)
    status = status_of(error) if error else OK
    return render(request, "account.html", page, status=status, private=True)


def _row(catalogue: Catalogue, user: User, say: Say) -> Row:
    labels = CodeLabels(catalogue.frame, catalogue.gazetteer, say)
    types = [labels.label("need_types", code) for code in user.need_types]
    places = [labels.place(code) for code in user.territories]
    return Row(user, ROLES.get(user.role, user.role), places, types)


def _kept(catalogue: Catalogue, user: User) -> Mapping[str, Any]:
    """An account as its form shows it."""
    facts = {name: getattr(user, name) for name in ("email", "name", "role", "need_types")}
    places = [as_typed(code, catalogue.gazetteer) for code in user.territories]
    return {**facts, "territories": ", ".join(places)}


def _typed(wanted: Wanted) -> Mapping[str, Any]:
    facts = {name: getattr(wanted, name) for name in ("email", "name", "role", "need_types")}
    return {**facts, "territories": ", ".join(t for t in wanted.territories if t)}


def _done(what: str) -> Response:
    return see_other(f"/bureau/comptes?fait={what}")
