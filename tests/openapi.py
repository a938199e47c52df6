"""Write docs/openapi.json: python -m tests.openapi (make openapi)."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from service.app import create_app
from tests.builders import settings, tiny_catalogue

DOCS = Path(__file__).parents[1] / "docs"
CURRENT, RELEASED = DOCS / "openapi.json", DOCS / "openapi-released.json"


def served(folder: Path) -> dict[str, Any]:
    """What /openapi.json answers."""
    return create_app(settings(folder), tiny_catalogue(folder)).openapi()


def written(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        CURRENT.write_text(written(served(Path(made))))
