"""The house keeps its rules: who imports whom, how long a file is, who reads the environment."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("matching", "data", "evaluation", "service")
FILES = [p for f in FOLDERS for p in sorted((ROOT / f).rglob("*.py"))]
LONGEST = 300
HEAVY = {"sklearn", "sentence_transformers", "torch", "scipy", "bm25s", "rapidfuzz"}


def imported(path, *, top_only=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_is_one_idea_and_says_it_first(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    if text.strip():
        assert ast.get_docstring(ast.parse(text))


def test_the_core_imports_no_transport_no_storage_no_clock():
    forbidden = {"data", "evaluation", "service", "sqlalchemy", "fastapi", "pydantic", "os", "time"}
    for path in (ROOT / "matching").rglob("*.py"):
        roots = {name.partition(".")[0] for name in imported(path)}
        assert not roots & forbidden, path
        assert "today()" not in path.read_text()


def test_only_settings_read_the_environment():
    readers = {p.name for p in FILES if re.search(r"os\.environ|getenv", p.read_text())}
    assert readers <= {"catalogue.py"}  # it sets the BLAS threads, before numpy loads


def test_what_is_heavy_is_imported_where_it_is_used():
    for path in FILES:
        if path.parent.name == "training":  # an extra, itself imported where it is used
            continue
        roots = {name.partition(".")[0] for name in imported(path, top_only=True)}
        allowed = {"rapidfuzz"} if path.name == "ingest.py" else set()
        assert not roots & HEAVY - allowed, path


def test_nothing_shipped_depends_on_files_outside_the_project():
    for path in FILES:
        assert "shared/" not in path.read_text(encoding="utf-8")
