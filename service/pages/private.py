"""Pages that their address alone protects: where a form leads, and dates as people type them."""

from __future__ import annotations

from datetime import date, datetime

from starlette.responses import Response

from service.pages.rendering import PRIVATE_HEADERS
from service.statuses import see_other

_FORMS = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y")


def go(path: str) -> Response:
    """To another page, once a form is done: reloading it sends nothing again."""
    return see_other(path, headers=PRIVATE_HEADERS)


def read_day(text: str) -> date | None:
    """A day as a browser sends it, or as it is typed (31/12/2026); None when it is none."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a day, no time
        except ValueError:
            continue
    return None
