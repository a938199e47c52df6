"""The statuses that our answers carry, by what they say: numbers are here and in service/errors.py.

What an error of ours says is in the table of service/errors.py; a page that tells of one in its own
way asks `status_of`. A route's `responses(...)` documents those that may come, and chooses none.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse

OK = 200
CREATED = 201
ACCEPTED = 202
NO_CONTENT = 204
ELSEWHERE = 303
NOT_MODIFIED = 304
NEEDS_KEY = 401
TOO_SLOW = 408
CHANGED = 409
TOO_LARGE = 413
UNREADABLE = 415
TO_CORRECT = 422
FAILED = 500
NOT_NOW = 503
NO_ROOM = 507


def see_other(
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    background: BackgroundTask | None = None,
) -> RedirectResponse:
    """To a page to read, once a form is done: reloading it sends nothing again."""
    return RedirectResponse(address, ELSEWHERE, headers=headers, background=background)
