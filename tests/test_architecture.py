"""The house keeps its rules: who imports whom, how long a file is, who reads the environment."""

import ast
import re
from http import HTTPStatus
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
    # They tell libraries, before these load, how many threads to take and to tell nobody of us.
    assert readers <= {"blas.py", "catalogue.py"}


def test_what_is_heavy_is_imported_where_it_is_used():
    for path in FILES:
        # An extra, and what that of sentence-transformers loads: never imported but where used.
        if path.parent.name in ("training", "encoder"):
            continue
        roots = {name.partition(".")[0] for name in imported(path, top_only=True)}
        allowed = {"rapidfuzz"} if path.name == "ingest.py" else set()
        assert not roots & HEAVY - allowed, path


def test_nothing_shipped_depends_on_files_outside_the_project():
    for path in FILES:
        assert "shared/" not in path.read_text(encoding="utf-8")


STATUSES = {status.value for status in HTTPStatus}
CHOSEN_IN = {"service/errors.py", "service/statuses.py"}
OTHERS_ARE_READ_IN = {"service/links.py", "service/fetching.py", "service/posting.py"}


def numbers(node):
    """The whole numbers of some code, but those of `responses(...)`, which document an API."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield node.value
    elif not (isinstance(node, ast.Call) and ast.unparse(node.func) == "responses"):
        for part in ast.iter_child_nodes(node):
            yield from numbers(part)


def said_to_be_statuses(node):
    """The parts of a node that are statuses by the name that they go with."""
    named = "status" in ast.unparse(node).lower()
    match node:
        case ast.keyword(arg=str(name), value=value) if "status" in name:
            yield value
        case ast.Assign(value=value) if any("status" in ast.unparse(t) for t in node.targets):
            yield value
        case ast.AnnAssign(value=ast.expr() as value) if "status" in ast.unparse(node.target):
            yield value
        case ast.Compare() if named:
            yield node
        case ast.Call(func=func) if re.search(r"(Response|render)$", ast.unparse(func)):
            yield from node.args
        case ast.arguments() if named:
            yield from (d for d in [*node.defaults, *node.kw_defaults] if d is not None)


CHOSEN = {n for place in CHOSEN_IN for n in numbers(ast.parse((ROOT / place).read_text()))}
ROUND = {200, 300, 400, 500}
"""Numbers of anything, too: statuses only where they are said to be."""


def literal_statuses(text):
    tree = ast.parse(text)
    yield from (n for n in numbers(tree) if n in (STATUSES & CHOSEN) - ROUND)
    for node in ast.walk(tree):
        for said in said_to_be_statuses(node):
            yield from (n for n in numbers(said) if n in STATUSES)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "service").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_a_status_is_chosen_by_its_name(path):
    place = path.relative_to(ROOT).as_posix()
    if place not in CHOSEN_IN:
        assert list(literal_statuses(path.read_text(encoding="utf-8"))) == []
        roots = set(imported(path))
        assert not roots & {"starlette.status", "fastapi.status"}
        assert "http" not in roots or place in OTHERS_ARE_READ_IN


@pytest.mark.parametrize(
    "written",
    [
        "render(r, 't.html', page, status=422)",
        "render(r, 't.html', page, status=422 if wrong else 200)",
        "RedirectResponse('/', 303)",
        "HTMLResponse(text, 200)",
        "response.status_code = 200",
        "started, status = now(), 500",
        "if found.status_code >= 400: pass",
        "def render(page, status: int = 200): pass",
        "router.get('/', status_code=201)",
        "status: int = 400",
    ],
)
def test_a_status_that_is_written_is_seen(written):
    assert list(literal_statuses(written))


@pytest.mark.parametrize(
    "written", ["MOST = 200", "text[:300]", "Query(max_length=500)", "responses(404)"]
)
def test_a_number_of_anything_else_is_none(written):
    assert not list(literal_statuses(written))
