"""The place that a text names: few patterns, each of them sure, for a need without a place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.place_names import name_key
from data.territories import Gazetteer, Territory
from matching.domain import Place

_NAME = r"[A-ZÉÈÎÔ][\w’'-]*(?: (?:(?:de|du|des|la|le|les|sur|en) |[ld]['’])*[A-ZÉÈÎÔ][\w’'-]*)*"
_NAMED = re.compile(
    rf"\b(?P<before>[ÀàA]|[Aa]u|[Aa]ux|[Pp]rès de|[Ss]ur|[Ee]n|[Dd]ans (?:le|la|les)|[ÀàA] la)"
    rf" (?:(?P<name>{_NAME})|l['’](?P<elided>{_NAME}))(?: ?\((?P<departement>\d{{2,3}}|2[AB])\))?"
    rf"|\b[Dd]ans l['’](?P<wide>{_NAME})"
)
_CONTRACTED = {"au": "Le ", "aux": "Les "}
_WIDE_BEFORE = ("en", "dans", "à la", "a la")
_KNOWN = 2000
"""Least population of a commune whose name is one word: smaller ones are homonyms of words."""
_CLEAR = 10
"""How many times more peopled than its homonyms a commune must be."""
_FAR = "COM-75056"
"""People name Paris for those who decide, more often than for where they are."""


def named_place(gazetteer: Gazetteer, text: str) -> tuple[Place, str] | None:
    """The one place that a text names, with the words that do; None if none or several.

    Of a commune, its département: people name the nearest town, or that of the préfecture.
    """
    found: dict[str, str] = {}
    for match in _NAMED.finditer(text):
        territory, words = next(_readings(gazetteer, match), (None, ""))
        if territory is not None and territory.code != _FAR:
            department = territory.departement
            found.setdefault(f"DEP-{department}" if department else territory.code, words)
    narrowest = [
        code for code in found if not any(gazetteer.contains(code, o) for o in found if o != code)
    ]
    if len(narrowest) != 1:
        return None
    return gazetteer.place(narrowest), found[narrowest[0]]


def _readings(gazetteer: Gazetteer, match: re.Match[str]) -> Iterator[tuple[Territory, str]]:
    """What the words of a match may name, the longest name first."""
    before = (match["before"] or "dans").lower()
    parts = re.split(r"(?= )", match["name"] or match["elided"] or match["wide"])
    for length in range(len(parts), 0, -1):
        name = "".join(parts[:length])
        whole = length == len(parts)
        wide = before.startswith(_WIDE_BEFORE)
        named = _CONTRACTED.get(before, "") + name
        departement = match["departement"] if whole else None
        if territory := _sure(gazetteer, named, departement, wide=wide):
            end = len(match[0]) if whole else match[0].index(name) + len(name)
            yield territory, match[0][:end]


def _sure(
    gazetteer: Gazetteer, name: str, departement: str | None, *, wide: bool
) -> Territory | None:
    """The territory surely meant by a name: a département or région, or a commune that is known."""
    key = name_key(name)
    named = [
        t
        for t in gazetteer.candidates(f"{name} ({departement})" if departement else name)
        if name_key(t.name) in {key, f"la {key}", f"les {key}"}
    ]
    local = [] if wide else [t for t in named if t.kind == "commune"]
    found = local or [t for t in named if t.kind in {"departement", "region"}]
    if not found:
        return None
    first, others = found[0], [t for t in found[1:] if t.kind == found[0].kind]
    clear = all(first.population >= _CLEAR * t.population for t in others)
    known = departement or wide or " " in key or first.population >= _KNOWN
    return first if clear and known else None
