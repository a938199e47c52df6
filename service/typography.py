"""French typography, and the marks by which the texts of screens are found for translation."""

from __future__ import annotations

import re
from collections.abc import Callable

NBSP = "\u00a0"

Say = Callable[[str], str]
"""A French text -> the same, in the language of the screen."""

# "%(" opens the place of a value, it is no percentage.
_BEFORE = re.compile(r" (?=[:;?!»€]|%(?!\())")
_AFTER = re.compile(r"(?<=«) ")


def typeset(text: str) -> str:
    """With spaces that do not break, where French asks for them."""
    return _AFTER.sub(NBSP, _BEFORE.sub(NBSP, text))


def plain(text: str) -> str:
    """As a key of translations: every space an ordinary one."""
    return text.replace(NBSP, " ").replace("&nbsp;", " ")


def marked(text: str) -> str:
    """The same text, of a table: marked as one that is said on a screen later."""
    return text
