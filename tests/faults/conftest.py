"""A memory of few judged needs, so that an index is derived in a second."""

from __future__ import annotations

import os
import shutil
from itertools import islice

import pytest

from evaluation.datasets import TRAIN_NEEDS

REMEMBERED = int(os.environ.get("AIGUILLE_SOAK_REMEMBERED", "60"))
"""Of the judged needs: from all of them, as `make soak` does, deriving takes seconds."""


@pytest.fixture
def few(tmp_path, monkeypatch):
    """Few judged needs are remembered here; and Python by which another process does the same."""
    made = shutil.copytree(TRAIN_NEEDS, tmp_path / "judged")
    with (TRAIN_NEEDS / "queries.jsonl").open(encoding="utf-8") as queries:
        (made / "queries.jsonl").write_text("".join(islice(queries, REMEMBERED)), encoding="utf-8")
    monkeypatch.setattr("service.catalogue.TRAIN_NEEDS", made)
    return (
        "from pathlib import Path; import service.catalogue; "
        f"service.catalogue.TRAIN_NEEDS = Path({str(made)!r})"
    )
