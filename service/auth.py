"""Who is asking: the session's cookie, what a route requires, and the proof that a form is ours."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from secrets import token_hex
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from data.store_users import User
from matching.errors import AiguilleError
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.settings import Settings
from service.triage.roles import PERMISSIONS, may
from service.typography import marked
from service.usecases.signing_in import SESSION_LASTS, user_of_session

COOKIE = "aiguille"
DESK = "/bureau"
"""Where a sign-in leads, and all that it may lead back to."""
_AFTER_COOKIE = "aiguille-suite"
_HANDSHAKE_COOKIE = "aiguille-oidc"
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_SALT = 32
"""Letters of the salt that begins a proof."""


class SignInNeeded(AiguilleError):
    """Nobody is signed in; `after` is the page to come back to."""

    def __init__(self, after: str) -> None:
        super().__init__(marked("Connectez-vous pour voir cette page."))
        self.after = after


class NotAllowed(AiguilleError):
    """The user's role does not allow it."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Votre rôle ne permet pas cette action : demandez à l’administrateur de votre "
                "réseau."
            )
        )


class ForgedForm(AiguilleError):
    """The form does not prove that it comes from a page of this session."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Ce formulaire ne vient pas de votre session, ou elle a changé depuis : "
                "rechargez la page et recommencez."
            )
        )


def signed_in(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep
) -> User:
    """The user whose session the cookie holds; else to sign in, then back to the page asked."""
    token = session_token(request, settings)
    user = user_of_session(catalogue.engine, token, now=now) if token else None
    if user is None:
        raise SignInNeeded(request.url.path if request.method == "GET" else DESK)
    request.state.user = user
    return user


UserDep = Annotated[User, Depends(signed_in)]


def require(permission: str) -> Callable[[User], User]:
    """A dependency: the signed-in user, if their role has the permission."""
    if permission not in PERMISSIONS:
        raise KeyError(f"« {permission} » : attendu {', '.join(PERMISSIONS)}")

    def allowed(user: UserDep) -> User:
        if not may(user, permission):
            raise NotAllowed
        return user

    return allowed


async def _form_is_ours(request: Request, user: UserDep, settings: SettingsDep) -> None:  # noqa: ARG001
    if request.method in _SAFE_METHODS:
        return
    given = str((await request.form()).get("csrf") or "")
    salt = given[:_SALT]
    expected = _salted(session_token(request, settings), salt)
    if len(salt) < _SALT or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForgedForm


CsrfDep = Depends(_form_is_ours)
"""For `dependencies=` of a signed-in router: its forms hold `{{ csrf(request) }}`."""


def csrf_token(session: str) -> str:
    """Proves that who filled the form could read a page of the session; tells nothing of it.

    The session's own token, 256 secret bits, is the key: there is no other secret to keep. Each is
    another one: a constant beside what a reader typed could be guessed from lengths of compressed
    pages (BREACH).
    """
    return _salted(session, token_hex(_SALT // 2))


def _salted(session: str, salt: str) -> str:
    return salt + hmac.digest(session.encode(), f"aiguille csrf {salt}".encode(), "sha256").hex()


def csrf(request: Request) -> Markup:
    """The hidden field of a signed-in form; all those of an answer are the same."""
    if not hasattr(request.state, "csrf"):
        request.state.csrf = csrf_token(session_token(request, request.app.state.settings))
    return Markup('<input type="hidden" name="csrf" value="{}">').format(request.state.csrf)


def session_token(request: Request, settings: Settings) -> str:
    return request.cookies.get(_named(COOKIE, settings), "")


def remember(response: Response, session: str, settings: Settings) -> None:
    """Give the browser its session."""
    _set(response, COOKIE, session, int(SESSION_LASTS.total_seconds()), settings)


def forget(response: Response, settings: Settings) -> None:
    """Take the session back from the browser."""
    _set(response, COOKIE, "", 0, settings)


def remember_page(response: Response, path: str, settings: Settings) -> None:
    """Keep the page that asked to sign in, for an hour: the link of the mail does not say it."""
    _set(response, _AFTER_COOKIE, quote(path), 3600, settings)


def remember_handshake(response: Response, written: str, settings: Settings) -> None:
    """Keep in the browser, for ten minutes, what must come back from the identity provider."""
    _set(response, _HANDSHAKE_COOKIE, quote(written), 600, settings)


def handshake_of(request: Request, settings: Settings) -> str:
    return unquote(request.cookies.get(_named(_HANDSHAKE_COOKIE, settings), ""))


def forget_handshake(response: Response, settings: Settings) -> None:
    """It serves once."""
    _set(response, _HANDSHAKE_COOKIE, "", 0, settings)


def page_after(request: Request, settings: Settings) -> str:
    """The page of the desk that was asked before signing in, else the desk."""
    asked = unquote(request.cookies.get(_named(_AFTER_COOKIE, settings), ""))
    return asked if asked.startswith(f"{DESK}/") else DESK


def _named(name: str, settings: Settings) -> str:
    """Over https, the prefix by which browsers refuse a cookie that another host has set."""
    return f"__Host-{name}" if settings.https else name


def _set(response: Response, name: str, value: str, seconds: int, settings: Settings) -> None:
    response.set_cookie(
        _named(name, settings),
        value,
        max_age=seconds,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
