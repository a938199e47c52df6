"""Every text of a screen that is marked for translation has its English."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from string import Formatter

import pytest
from babel.messages.extract import extract

import service.app
from data.fields import FIELDS
from matching.errors import AiguilleError
from service.languages import ENGLISH, merged, say_in, translations
from service.typography import plain, typeset
from service.usecases.tending import EDITABLE
from tests.builders import FRAME

FOLDER = Path(service.__file__).parent
LISTS = (
    "need_types",
    "families",
    "costs",
    "channels",
    "kinds",
    "profiles",
    "size_classes",
    "naf_sections",
    "statuses",
)


SAYING = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None}
"""What a text is given to: functions that say it, and the errors that a page may tell."""


# All of them: what errors there are must not hang on which tests were read before.
for module in walk_packages(service.__path__, "service."):
    import_module(module.name)


def errors_under(error):
    """The names of the errors that are given their text."""
    for kind in error.__subclasses__():
        if "__init__" not in vars(kind):
            yield kind.__name__
        yield from errors_under(kind)


KEYWORDS = {**SAYING, **dict.fromkeys(errors_under(AiguilleError))}


TEMPLATES = (".html", ".txt")
"""Of pages, and of mails."""


def texts_of(path: Path, keywords=KEYWORDS):
    """The texts that a template or a module marks, as keys of translations."""
    template = path.suffix in TEMPLATES
    method = "jinja2.ext:babel_extract" if template else "python"
    options = {"trimmed": "true"} if template else {}
    with path.open("rb") as opened:
        for _, said, _, _ in extract(method, opened, keywords, options=options):
            parts = said if isinstance(said, tuple) else (said,)
            yield tuple(plain(part) for part in parts if part)


TOLD = [FOLDER.parent / "data" / name for name in ("store_needs.py", "territories.py")]
"""The stores whose errors pages tell."""

FILES = sorted([p for s in (*TEMPLATES, ".py") for p in FOLDER.rglob(f"*{s}")] + TOLD)
MARKED = {key for path in FILES for key in texts_of(path)}
MARKED |= set(texts_of(FOLDER.parent / "data" / "places.py", {"__init__": None}))
WHOLE = {
    tuple(m.id if isinstance(m.id, tuple) else (m.id,)): m.string for m in merged(ENGLISH) if m.id
}


def test_every_marked_text_is_translated():
    assert not {" | ".join(key) for key in MARKED - WHOLE.keys()}


def test_no_translation_is_left_of_a_text_that_is_gone():
    labels = {(plain(c.label),) for name in LISTS for c in FRAME.codes(name).values()}
    labels |= {(c.facts["label_plural"],) for c in FRAME.codes("profiles").values()}
    labels |= {(text,) for f in EDITABLE for text in (FIELDS[f].header, FIELDS[f].help)}
    assert not {" | ".join(key) for key in WHOLE.keys() - MARKED - labels}


def test_every_field_of_the_form_of_an_offer_is_translated():
    said = {text for f in EDITABLE for text in (FIELDS[f].header, FIELDS[f].help)}
    assert not said - {k[0] for k in WHOLE}


@pytest.mark.parametrize("name", LISTS)
def test_every_label_of_the_frame_is_translated(name):
    assert not {plain(c.label) for c in FRAME.codes(name).values()} - {k[0] for k in WHOLE}


def test_a_translation_names_what_its_text_names():
    for key, string in WHOLE.items():
        strings = string if isinstance(string, tuple) else (string,)
        named = set.union(*map(names_in, key))
        assert names_in(strings[-1]) == named, key
        assert all(names_in(said) <= named for said in strings), key
        assert all(said.count("%%") == key[0].count("%%") for said in strings), key


def names_in(text):
    """The places of values, {x} and %(x)s."""
    braces = {f"{{{n}}}" for _, n, _, _ in Formatter().parse(text) if n}
    return braces | set(re.findall(r"%\(\w+\)s", text))


def test_french_is_typeset_and_its_key_is_plain():
    assert typeset("« Quoi ? » : 10 %") == "«\u00a0Quoi\u00a0?\u00a0»\u00a0: 10\u00a0%"
    assert say_in("fr")("Le coût : rien") == "Le coût\u00a0: rien"
    assert say_in(ENGLISH)("Inconnu\u00a0: rien") == "Inconnu\u00a0: rien"
    assert say_in(ENGLISH)("Coût") == "Cost"


def test_plurals_follow_each_language():
    one, many = "{n} salarié", "{n} salariés"
    assert translations("fr").ngettext(one, many, 0) == one
    assert translations("fr").ngettext(one, many, 2) == many
