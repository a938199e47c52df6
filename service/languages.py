"""The languages of people: French is the text of templates, English a file of translations.

A `.po` file of `service/locales/en/LC_MESSAGES` maps the French text, written with ordinary spaces,
to the English one. All of the folder are read at start and compiled in memory: nothing is built,
and a part of the application may bring a file of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from service.typography import Say, plain, typeset

FRENCH, ENGLISH = "fr", "en"
LANGUAGES: Mapping[str, str] = {FRENCH: "Français", ENGLISH: "English"}
"""Code -> name in that language."""
PARAMETER = "lang"
"""What asks for a language in the address of a page."""


class French(NullTranslations):
    """The texts themselves, typeset."""

    def gettext(self, message: str) -> str:
        return typeset(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return typeset(msgid1 if n < 2 else msgid2)


class Translated(GNUTranslations):
    """Another language, whose keys are French texts with ordinary spaces."""

    def gettext(self, message: str) -> str:
        found = super().gettext(plain(message))
        return typeset(message) if found == plain(message) else found

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return super().ngettext(plain(msgid1), plain(msgid2), n)


@cache
def translations(language: str) -> NullTranslations:
    """What turns the texts of templates into those of a language."""
    if language == FRENCH:
        return French()
    compiled = BytesIO()
    write_mo(compiled, merged(language))
    compiled.seek(0)
    return Translated(compiled)


def merged(language: str) -> Catalog:
    """All translation files of a language as one; the first to translate a text wins."""
    whole = Catalog(locale=language)
    folder = files("service").joinpath("locales", language, "LC_MESSAGES")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".po"):
            with file.open("rb") as opened:
                for message in read_po(opened, locale=language, abort_invalid=True):
                    key = _plain(message.id)
                    if message.id and message.string and key not in whole:
                        whole.add(key, message.string)
    return whole


def _plain(key: str | Sequence[str]) -> str | tuple[str, ...]:
    return plain(key) if isinstance(key, str) else tuple(map(plain, key))


def say_in(language: str) -> Say:
    """A function that says a French text in a language."""
    return translations(language).gettext
