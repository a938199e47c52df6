"""The language of a screen: as its address asks, else as the browser remembers, else French."""

from __future__ import annotations

from starlette.requests import Request

from service.languages import FRENCH, LANGUAGES, PARAMETER, say_in
from service.typography import Say

COOKIE = "langue"


def language_of(request: Request) -> str:
    """The language asked for in the address, else remembered, else French."""
    for said in (request.query_params.get(PARAMETER), request.cookies.get(COOKIE)):
        if said in LANGUAGES:
            return str(said)
    return FRENCH


def say_to(request: Request) -> Say:
    """A function that says a French text in the language of who asks."""
    return say_in(language_of(request))
