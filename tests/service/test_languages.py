"""Every text of a screen that is marked for translation has its English."""

from __future__ import annotations

from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract

import service
from service.pages.languages import ENGLISH, merged, say_in, translations
from service.typography import plain, typeset
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
)


def texts_of(path: Path):
    """The texts that a template or a module marks, as keys of translations."""
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    options = {"trimmed": "true"} if path.suffix == ".html" else {}
    with path.open("rb") as opened:
        keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "marked": None}
        for _, said, _, _ in extract(method, opened, keywords, options=options):
            parts = said if isinstance(said, tuple) else (said,)
            yield tuple(plain(part) for part in parts if part)


AWAITING = {
    "account.html",
    "accounts.html",
    "desk_bar.html",
    "erase.html",
    "follow.html",
    "reply.html",
    "send.html",
    "send_choose.html",
    "sign_in.html",
    "sign_in_link.html",
    "wording_following.py",
}
"""Files whose English is yet to be written: they are read in French meanwhile."""

FILES = sorted([*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")])
MARKED = {key for path in FILES for key in texts_of(path)}
WHOLE = {
    tuple(m.id if isinstance(m.id, tuple) else (m.id,)): m.string for m in merged(ENGLISH) if m.id
}


def test_every_marked_text_is_translated():
    checked = {key for path in FILES if path.name not in AWAITING for key in texts_of(path)}
    assert not {" | ".join(key) for key in checked - WHOLE.keys()}


def test_a_file_that_is_translated_no_longer_waits():
    complete = {p.name for p in FILES if set(texts_of(p)) <= WHOLE.keys()}
    assert not AWAITING & complete


def test_no_translation_is_left_of_a_text_that_is_gone():
    labels = {(plain(c.label),) for name in LISTS for c in FRAME.codes(name).values()}
    labels |= {(c.facts["label_plural"],) for c in FRAME.codes("profiles").values()}
    assert not {" | ".join(key) for key in WHOLE.keys() - MARKED - labels}


@pytest.mark.parametrize("name", LISTS)
def test_every_label_of_the_frame_is_translated(name):
    assert not {plain(c.label) for c in FRAME.codes(name).values()} - {k[0] for k in WHOLE}


def test_a_translation_names_what_its_text_names():
    for key, string in WHOLE.items():
        strings = string if isinstance(string, tuple) else (string,)
        names = [{n for _, n, _, _ in Formatter().parse(text) if n} for text in key]
        for said in strings:
            assert {n for _, n, _, _ in Formatter().parse(said) if n} <= set.union(*names), key


def test_french_is_typeset_and_its_key_is_plain():
    assert typeset("« Quoi ? » : 10 %") == "«\u00a0Quoi\u00a0?\u00a0»\u00a0: 10\u00a0%"
    assert say_in("fr")("Le coût : rien") == "Le coût\u00a0: rien"
    assert say_in(ENGLISH)("Inconnu\u00a0: rien") == "Inconnu\u00a0: rien"
    assert say_in(ENGLISH)("Coût") == "Cost"


def test_plurals_follow_each_language():
    one, many = "{n} salarié", "{n} salariés"
    assert translations("fr").ngettext(one, many, 0) == one
    assert translations("fr").ngettext(one, many, 2) == many
