"""Personal data that somebody may have written in a need: found, and masked if they wish."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import iban
from stdnum.fr import nir

from service.typography import marked


@dataclass(frozen=True, slots=True)
class Found:
    """Something personal, from `start` to `end` in the text."""

    kind: str
    start: int
    end: int


def _any(_: str) -> bool:
    return True


def _is_nir(said: str) -> bool:
    """Its length is looked at first: digits without end would be long to check otherwise."""
    return sum(map(str.isalnum, said)) in {13, 15} and bool(nir.is_valid(said))


# In the order of trust: what a checksum proves first, then what only looks like it.
_IBAN = r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b"
_NIR = r"(?<!\d)[1-478][ .-]?(?:\d[ .-]?){4}(?:\d|2[AB])(?:[ .-]?[\dAB]){7,9}(?!\d)"
_AT = r"(?:@| ?\((?:at|arobase)\) ?)"
_EMAIL = rf"[\w.+-]{{1,64}}{_AT}[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.[a-z]{{2,24}}\b"
_ABROAD = r"(?:\+|00) ?33[ .-]?(?:\(0\) ?)?"
_PHONE = rf"(?<![\d.])(?:{_ABROAD}|0)[1-9](?:[ .-]?\d{{2}}){{4}}(?![\d]|[ .-]\d)"

_DETECTORS: Mapping[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "iban": (re.compile(_IBAN, re.IGNORECASE), iban.is_valid),
    "nir": (re.compile(_NIR), _is_nir),
    "email": (re.compile(_EMAIL, re.IGNORECASE), _any),
    "phone": (re.compile(_PHONE), _any),
}
KINDS: Mapping[str, str] = {
    "email": marked("une adresse électronique"),
    "phone": marked("un numéro de téléphone"),
    "iban": marked("un numéro de compte bancaire"),
    "nir": marked("un numéro de sécurité sociale"),
}
"""Kind -> what it is, in a sentence."""
MASK = "[…]"


def personal_in(text: str) -> tuple[Found, ...]:
    """What is personal in a text, in its order; never two that overlap."""
    found: list[Found] = []
    taken = bytearray(len(text))
    for kind, (pattern, is_valid) in _DETECTORS.items():
        for seen in pattern.finditer(text):
            span = _proved(seen.group(), is_valid)
            if not span:
                continue
            one = Found(kind, seen.start(), seen.start() + span)
            if not any(taken[one.start : one.end]):
                taken[one.start : one.end] = b"\x01" * span
                found.append(one)
    return tuple(sorted(found, key=lambda f: f.start))


def _proved(said: str, is_valid: Callable[[str], bool]) -> int:
    """How many characters of `said` are what they look like: words may follow an IBAN."""
    while said:
        if is_valid(said):
            return len(said)
        if " " not in said:
            return 0
        said = said.rpartition(" ")[0]
    return 0


def masked(text: str) -> str:
    """The same text, where `MASK` takes the place of all that is personal."""
    parts, last = [], 0
    for found in personal_in(text):
        parts += [text[last : found.start], MASK]
        last = found.end
    return "".join((*parts, text[last:]))
