"""How every page is rendered: one set of templates, a language, links to static files by hash."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from service.languages import LANGUAGES, PARAMETER, day_in, say_in, translations
from service.pages.languages import COOKIE, language_of
from service.statuses import OK
from service.wording import quoted

A_YEAR = 365 * 24 * 3600
PRIVATE_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Of a page that its address alone protects: kept by nobody, told to nobody."""

GLOBALS: dict[str, Callable[..., Any]] = {}
"""Functions that every template may call, by name; a part of the application adds its own."""


def render(
    request: Request,
    template: str,
    page: object,
    *,
    status: int = OK,
    private: bool = False,
    language: str | None = None,
) -> Response:
    """A template as a response; it sees `page`, the request and the language, and no more.

    `private`: not stored, not indexed, its address told to no other site.
    """
    language = language or language_of(request)
    context = {
        "page": page,
        "request": request,
        "language": language,
        "languages": {code: _switched(request, code) for code in LANGUAGES},
        "private": private,
    }
    text = environment(language).get_template(template).render(context)
    headers = PRIVATE_HEADERS if private else {"Cache-Control": "no-cache"}
    response = HTMLResponse(text, status, headers={**headers, "Content-Language": language})
    if request.query_params.get(PARAMETER) in LANGUAGES:
        response.set_cookie(COOKIE, language, max_age=A_YEAR, samesite="lax", httponly=True)
    return response


@cache
def environment(language: str) -> Environment:
    """The templates, said in a language."""
    made = Environment(
        loader=PackageLoader("service", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters["grouped"] = partial(format_decimal, locale=language)
    made.filters["quoted"] = partial(quoted, say=say_in(language))
    made.globals |= {
        "static": static,
        "language_names": LANGUAGES,
        "day": day_in(language),
        "say": say_in(language),
        **GLOBALS,
    }
    return made


@cache
def static(path: str) -> str:
    """The address of a static file, which changes with its content so that it may be kept."""
    content = files("service").joinpath("static", path).read_bytes()
    return f"/static/{path}?v={sha256(content).hexdigest()[:10]}"


def is_fragment(request: Request) -> bool:
    """Is only a part of the page asked for, by htmx?"""
    return request.headers.get("HX-Request") == "true"


def _switched(request: Request, language: str) -> str:
    """The same page in another language."""
    url = request.url.include_query_params(**{PARAMETER: language})
    return f"{url.path}?{url.query}"
