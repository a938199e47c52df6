"""What is raised, answered: a page for a browser, a problem for a program; never its own words."""

from __future__ import annotations

from collections.abc import Callable
from errno import ENOSPC
from functools import partial

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from data.engine import is_full
from matching.errors import AiguilleError
from service.auth import SignInNeeded, remember_page
from service.errors import MEDIA_TYPE, headers_of, of_aiguille, of_http, of_validation, problem
from service.languages import LANGUAGES, PARAMETER
from service.pages.languages import say_to
from service.pages.rendering import render
from service.schemas.problems import Problem
from service.statuses import FAILED, NEEDS_KEY, NO_ROOM, NOT_NOW, TO_CORRECT, see_other
from service.typography import Say, marked

UNKEPT = marked(
    "Une valeur ne peut pas être gardée : caractère interdit (NUL), ou nombre trop grand."
)
OURS = marked(
    "Cette demande a échoué par notre faute, et la trace en est gardée. Recommencez ; si elle "
    "échoue encore, dites-le à qui tient ce site."
)
BUSY = marked("La base est occupée : rien n’a été enregistré. Recommencez dans un instant.")
FULL = marked(
    "Le disque de ce site est plein : rien n’a été enregistré, et lire reste possible. "
    "Recommencez plus tard, et dites-le à qui tient ce site."
)


def problem_response(found: Problem) -> JSONResponse:
    return JSONResponse(found.model_dump(), found.status, media_type=MEDIA_TYPE)


def told(request: Request, made: Callable[[Say], Problem]) -> Response:
    """A problem as a page for a browser that asks for one, as JSON in French for a program."""
    program = request.url.path.startswith("/v1/")
    if not program and "text/html" in request.headers.get("accept", ""):
        found = made(say_to(request))
        return render(request, "error.html", found, status=found.status, private=True)
    return problem_response(made(str))


def stated(status: int, kind: str, text: str, **values: object) -> Callable[[Say], Problem]:
    """A problem whose detail is this French text, with these values, in any language."""
    return lambda say: problem(status, kind, say(text).format(**values), say=say)


def install(app: FastAPI) -> None:
    """Turn every error of ours, of validation and of routing into a problem."""

    @app.exception_handler(SignInNeeded)
    async def sign_in(request: Request, error: SignInNeeded) -> Response:
        return _to_sign_in(request, error)

    @app.exception_handler(AiguilleError)
    async def aiguille(request: Request, error: AiguilleError) -> Response:
        response = told(request, partial(of_aiguille, error))
        response.headers.update(headers_of(error))
        return response

    @app.exception_handler(RequestValidationError)
    async def validation(request: Request, error: RequestValidationError) -> Response:
        return told(request, partial(of_validation, error.errors()))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        response = told(request, partial(of_http, error))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(DataError)
    async def unkept(request: Request, _: DataError) -> Response:
        return told(request, stated(TO_CORRECT, "valeur-impossible", UNKEPT))

    @app.exception_handler(OperationalError)
    async def busy(request: Request, error: OperationalError) -> Response:
        if is_full(error):
            return _full(request)
        return _busy(request, type(error.orig).__name__)

    @app.exception_handler(OSError)
    async def unwritten(request: Request, error: OSError) -> Response:
        if error.errno != ENOSPC:
            raise error
        return _full(request)

    @app.exception_handler(NoConnection)
    async def crowded(request: Request, _: NoConnection) -> Response:
        return _busy(request, "NoConnection")


def _busy(request: Request, code: str) -> Response:
    structlog.get_logger("aiguille.http").warning("database", code=code)
    return later(request, BUSY)


def _full(request: Request) -> Response:
    structlog.get_logger("aiguille.http").error("disk full")
    return told(request, stated(NO_ROOM, "plus-de-place", FULL))


def unforeseen(request: Request) -> Response:
    """What nobody foresaw: it failed by our fault."""
    return told(request, stated(FAILED, "erreur-interne", OURS))


def later(request: Request, text: str) -> Response:
    """Not now: nothing was done, and when to come back."""
    response = told(request, stated(NOT_NOW, "occupee", text))
    response.headers["Retry-After"] = "5"
    return response


def _to_sign_in(request: Request, error: SignInNeeded) -> Response:
    """To the sign-in page, in the language asked for, as links in mails do.

    A part of a page asked for by htmx cannot be it, so the page goes.
    """
    asked = request.query_params.get(PARAMETER)
    page = f"/connexion?{PARAMETER}={asked}" if asked in LANGUAGES else "/connexion"
    response: Response = see_other(page)
    if request.headers.get("hx-request") == "true":
        response = Response(status_code=NEEDS_KEY, headers={"HX-Redirect": page})
    remember_page(response, error.after, request.app.state.settings)
    return response
