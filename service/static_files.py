"""Static files: kept for a year when their address holds their hash, asked again otherwise."""

from __future__ import annotations

import os
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from service.statuses import OK

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class KeptFiles(StaticFiles):
    """Static files with a Cache-Control header."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = OK,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        hashed = "v" in parse_qs(scope["query_string"].decode("latin-1"))
        response.headers["Cache-Control"] = FOREVER if hashed else ASK_AGAIN
        return response
