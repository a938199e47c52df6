"""Territories of any kind as administrators type them, and as their forms show them."""

from __future__ import annotations

import re

from data.territories import AmbiguousTerritory, Gazetteer, UnknownTerritory
from matching.errors import AiguilleError

_WIDE = ("departement", "region", "country")
_CODED = re.compile(r"\(([A-Z]+-[\w-]+)\)$")
"""A code after a name, as the form of an account writes it."""


def code_of(text: str, places: Gazetteer) -> str:
    """What a code, a number or a name means: the département before its région and its communes."""
    if coded := _CODED.search(text):
        text = coded[1]
    upper = text.upper()
    for code in (text, upper, f"DEP-{upper}", f"EPCI-{upper}"):
        if code in places:
            return places.get(code).code
    named = places.candidates(text)
    # Paris is a commune before it is a département.
    around = [places.get(c) for t in named for c in t.parents]
    names = {t.name for t in named}
    wide = [t for t in (*named, *(t for t in around if t.name in names)) if t.kind in _WIDE]
    if wide:
        return min(wide, key=lambda t: _WIDE.index(t.kind)).code
    try:
        return places.resolve(text).code
    except AmbiguousTerritory as error:
        raise AmbiguousTerritory(text, error.candidates, "territories") from None
    except UnknownTerritory:
        raise UnknownTerritory(
            "« {text} » n’est le nom ni le code d’aucun territoire : donnez une région, un "
            "département, une intercommunalité, une commune ou une zone (« Lozère », « 48 », "
            "« Mende (48) », « EPCI-244800405 »), ou « France » pour tout le pays.",
            field="territories",
            text=text,
        ) from None


def as_typed(code: str, places: Gazetteer) -> str:
    """What to type to mean a territory: its name, and its code where the name means another."""
    if code not in places:
        return code
    name = places.get(code).name.replace(",", "")
    try:
        plain = code_of(name, places) == code
    except AiguilleError:
        plain = False
    return name if plain else f"{name} ({code})"
