"""Files: kept for a year when their address holds their hash, asked again otherwise."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
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


def saved_file(
    request: Request, path: Path, media_type: str, headers: Mapping[str, str]
) -> Response:
    """A file to be saved under its name; nothing but 304 for whoever has it already."""
    found = FileResponse(
        path, media_type=media_type, filename=path.name, stat_result=path.stat(), headers=headers
    )
    had = StaticFiles(check_dir=False).is_not_modified(found.headers, request.headers)
    return NotModifiedResponse(found.headers) if had else found
