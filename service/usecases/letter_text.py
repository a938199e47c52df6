"""What a letter says: its template in the reader's language, with links to pages in the same."""

from __future__ import annotations

from functools import cache, partial
from textwrap import fill

from jinja2 import Environment, PackageLoader, StrictUndefined

from data.frames import load_frame
from data.territories import Gazetteer
from service.labels import CodeLabels
from service.languages import FRENCH, PARAMETER, say_in, translations
from service.usecases.letters import Letter
from service.wording import day, english_day
from service.wording_clocks import due_sentence

WIDTH = 78
"""Characters of a line, but for a link, which is never cut."""


def text_of(letter: Letter, public_url: str) -> tuple[str, str]:
    """The subject and the body."""
    site = public_url.rstrip("/")
    asking = "" if letter.language == FRENCH else f"?{PARAMETER}={letter.language}"

    def page(path: str) -> str:
        return f"{site}{path}{asking}"

    template = _templates(letter.language).get_template(f"{letter.template}.txt")
    text = template.render(page=page, link=page(letter.path), **letter.facts)
    subject, _, body = text.partition("\n")
    return subject.strip(), "\n".join(map(_folded, body.strip().split("\n"))) + "\n"


def _folded(line: str) -> str:
    return fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)


@cache
def _templates(language: str) -> Environment:
    """The templates of mails, said in a language: a sentence each line."""
    made = Environment(
        loader=PackageLoader("service", "templates/mail"),
        autoescape=False,  # noqa: S701 - plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    say, said_day = say_in(language), day if language == FRENCH else english_day
    made.globals |= {
        "day": said_day,
        "due_sentence": partial(due_sentence, say=say, day=said_day),
        "labels": CodeLabels(load_frame(), Gazetteer.load(), say),
    }
    return made
