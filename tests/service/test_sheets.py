"""Style sheets: each is an idea, and a page has those of the classes that it bears."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import service.app

FOLDER = Path(service.app.__file__).parent
TEMPLATES = {p.name: p.read_text("utf-8") for p in (FOLDER / "templates").glob("*.html")}
SHEETS = {p.name: p.read_text("utf-8") for p in (FOLDER / "static").glob("*.css")}
PAGES = [n for n, t in TEMPLATES.items() if 'extends "base.html"' in t or "<html" in t]
SCRIPTS_AND_PICTURES = [*(FOLDER / "static").glob("*.js"), *(FOLDER / "pictures").glob("*.py")]

_PART = re.compile(r'{% (?:extends|include|from|import) "([^"]+)"')
_BORNE = re.compile(r'class="((?:{{.*?}}|{%.*?%}|[^"])*)"')
_TAG = re.compile(r"{%.*?%}")
_VALUE = re.compile(r"{{(.*?)}}")
_WORD = re.compile(r"[\w-]+")
_SELECTORS = re.compile(r"([^{}]+){")
_CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")


def selectors(css):
    """Each selector of a sheet, as the classes that it names."""
    text = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for said in _SELECTORS.findall(text):
        if not said.strip().startswith("@"):
            yield from (_CLASS.findall(one) for one in said.split(","))


def styled(sheet):
    """All the classes that a sheet names."""
    return {name for names in selectors(SHEETS[sheet]) for name in names}


def made_by(sheet):
    """The classes that a sheet makes what they are: `.row .state` is of the row."""
    return {names[0] for names in selectors(SHEETS[sheet]) if names}


BOOTSTRAP = (FOLDER / "static/vendor/bootstrap.min.css").read_text("utf-8")
OF_OTHERS = {name for names in selectors(BOOTSTRAP) for name in names} | {"htmx-request"}
OF_VALUES = {"eligible", "to_check", "ok", "soon", "person"}
"""Verdicts, standings and actors, that templates say as they are."""


def parts(name):
    """A template and all that it is made of."""
    yield name
    for part in _PART.findall(TEMPLATES[name]):
        yield from parts(part)


def borne(name):
    """The classes that a template bears, whichever way its conditions go."""
    for said in _BORNE.findall(TEMPLATES[name]):
        values = " ".join(re.findall(r'"([^"]*)"', " ".join(_VALUE.findall(said))))
        yield from _WORD.findall(_VALUE.sub(" ", _TAG.sub(" ", said)) + " " + values)


def test_a_sheet_is_read_as_a_browser_reads_it():
    css = "/* .no */ .a .b, a.c:hover { } @media (x: .5rem) { .d > .e { margin: .5em } }"
    assert list(selectors(css)) == [["a", "b"], ["c"], ["d", "e"]]
    assert {"chip", "panel", "brand"} <= made_by("aiguille.css")
    assert len(PAGES) > 20


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_the_sheet_of_each_class_that_it_bears(page):
    text = "".join(TEMPLATES[part] for part in parts(page))
    loaded = [sheet for sheet in SHEETS if f'static("{sheet}")' in text]
    bears = {name for part in parts(page) for name in borne(part)} - OF_OTHERS
    needed = {name for sheet in SHEETS for name in made_by(sheet)} & bears
    assert needed - {name for sheet in loaded for name in made_by(sheet)} == set()


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_styles_nothing_that_no_page_bears(sheet):
    bears = {name for template in TEMPLATES for name in borne(template)}
    made = {w for path in SCRIPTS_AND_PICTURES for w in _WORD.findall(path.read_text("utf-8"))}
    assert styled(sheet) - bears - made - OF_OTHERS - OF_VALUES == set()
