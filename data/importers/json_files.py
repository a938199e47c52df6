"""JSON files that others make: one value, or one a line (pages of a feed, kept as they came)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from matching.errors import AiguilleError

LARGEST = 64 * 2**20


def read_documents(path: Path) -> list[Any]:
    """The JSON values of a file, in order."""
    size = path.stat().st_size
    if size > LARGEST:
        raise AiguilleError(
            f"« {path.name} » pèse {size // 2**20} Mo, au plus {LARGEST // 2**20} : découpez-le.",
            field="file",
        )
    content = path.read_bytes()
    try:
        return [json.loads(content.decode("utf-8-sig"))]
    except UnicodeDecodeError:
        raise AiguilleError(
            f"« {path.name} » n’est pas en UTF-8 : enregistrez-le ainsi.", field="file"
        ) from None
    # ValueError is wider than JSONDecodeError: a number of 5000 digits raises it too.
    except (ValueError, RecursionError):
        lines = [line for line in content.splitlines() if line.strip()]
        return [_line(line, path) for line in lines or [content]]


def _line(line: bytes, path: Path) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise AiguilleError(
            f"« {path.name} » n’est pas du JSON lisible : est-il complet, et du bon format ?",
            field="file",
        ) from None
