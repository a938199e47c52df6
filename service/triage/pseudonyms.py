"""A person's words without what names them: for copies that others will read, to learn from.

What a checksum or a form proves is masked, and names that are known or announced. A name that
nothing announces stays: somebody reads the copy again before it is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stdnum.fr import siren, siret

from matching.text import fold
from service.triage.personal import MASK, masked

_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]{1,40}"
_TITLE = r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame|Mademoiselle|Maître|Me|Dr)"
_ANNOUNCED = (
    re.compile(rf"(?P<before>{_TITLE} ){_NAME}(?: {_NAME}){{0,2}}"),
    re.compile(
        rf"(?P<before>\b(?i:je m[’']appelle|mon nom est|signé) ?:? ?){_NAME}(?: {_NAME}){{0,2}}"
    ),
    re.compile(rf"(?P<before>\b(?i:je suis|ici|c[’']est) ){_NAME}(?: {_NAME}){{1,2}}"),
)
_NUMBER = re.compile(r"\b(?:W\d[0-9AB]\d{7}|\d{3}(?:[ .]?\d{3}){2}(?:[ .]?\d{5})?)\b")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)[^\s<>«»\"]{1,2000}", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_TOO_COMMON = frozenset({"aux", "chez", "dans", "des", "les", "mairie", "nos", "pour", "sur"})
SHORTEST, LONGEST = 3, 60
"""Letters of a word that is masked because a name has it."""


def pseudonymised(text: str, names: Iterable[str]) -> str:
    """The text with `MASK` in place of what is personal, and of every word of these names."""
    text = masked(_ADDRESS.sub(MASK, text))
    text = _NUMBER.sub(_unless_free, text)
    for announced in _ANNOUNCED:
        text = announced.sub(rf"\g<before>{MASK}", text)
    known = frozenset(word for name in names for word in _words(name))
    return _WORD.sub(lambda m: MASK if _is_one(m.group(), known) else m.group(), text)


def _is_one(word: str, known: frozenset[str]) -> bool:
    return len(word) <= LONGEST and fold(word) in known


def _words(name: str) -> Iterable[str]:
    """The words of a name that tell of it."""
    words = map(fold, _WORD.findall(name))
    return (w for w in words if len(w) >= SHORTEST and w not in _TOO_COMMON)


def _unless_free(found: re.Match[str]) -> str:
    """A number that a register knows is masked; an amount is not."""
    said = found.group()
    digits = re.sub(r"[ .]", "", said)
    known = said.startswith("W") or siren.is_valid(digits) or siret.is_valid(digits)
    return MASK if known else said
