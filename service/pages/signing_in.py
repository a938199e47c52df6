"""Signing in: asking for a link, using it by a button, leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from data.store_users import User
from matching.errors import AiguilleError
from service.auth import CsrfDep, forget, page_after, remember, session_token
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.errors import headers_of, status_of
from service.pages.languages import say_to
from service.pages.rendering import render
from service.rates import counter_of, machine_of
from service.settings import Settings
from service.statuses import see_other
from service.usecases.accounts import checked_email
from service.usecases.signing_in import LinkPast, check_link, send_link, sign_in, sign_out

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """`sent`: a link was asked for, whether or not the address has an account."""

    provider: str = ""
    email: str = ""
    error: str = ""
    past: str = ""
    sent: bool = False


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Whose link it is: nobody signs in to another's account without seeing it."""

    user: User


@router.get("/connexion")
def ask(request: Request, settings: SettingsDep, lien: str = "") -> Response:
    page = SignInPage(_provider(settings), sent=lien == "demande")
    return render(request, "sign_in.html", page, private=True)


@router.post("/connexion")
def send(
    request: Request,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    now: NowDep,
    email: Annotated[str, Form()] = "",
) -> Response:
    """The same answer, as soon, for every address: the mail is written once it has left."""
    try:
        counter_of(request).count_link(checked_email(email), machine_of(request))
    except AiguilleError as error:
        page = SignInPage(_provider(settings), email, error.said(say_to(request)))
        response = render(request, "sign_in.html", page, status=status_of(error), private=True)
        response.headers.update(headers_of(error))
        return response
    later = BackgroundTask(send_link, catalogue.engine, email, now=now)
    return see_other("/connexion?lien=demande", background=later)


@router.get("/connexion/{token}")
def show_link(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep, token: str
) -> Response:
    """A button: the programs that read mails follow links, and must not use this one up."""
    try:
        user = check_link(catalogue.engine, token, now=now)
    except LinkPast as error:
        return _past(request, settings, error)
    return render(request, "sign_in_link.html", LinkPage(user), private=True)


@router.post("/connexion/{token}")
def use(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep, token: str
) -> Response:
    previous = session_token(request, settings)
    try:
        session = sign_in(catalogue.engine, token, now=now, previous=previous)
    except LinkPast as error:
        return _past(request, settings, error)
    response = see_other(page_after(request, settings))
    remember(response, session, settings)
    return response


@router.post("/deconnexion", dependencies=[CsrfDep])
def leave(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep
) -> Response:
    sign_out(catalogue.engine, session_token(request, settings), now=now)
    response = see_other("/connexion")
    forget(response, settings)
    return response


def _past(request: Request, settings: Settings, error: LinkPast) -> Response:
    page = SignInPage(_provider(settings), past=error.said(say_to(request)))
    return render(request, "sign_in.html", page, status=status_of(error), private=True)


def _provider(settings: Settings) -> str:
    return settings.oidc_name if settings.oidc_issuer else ""
