r"""Territories as files prefix the codes of the Code officiel géographique, and as we type them.

The pattern of the national schema (`[A-Z]+-\d+`) forgets the letters of Corsica: 2A, 2B and the
communes there cannot be written, and are widened. What is read may have them, or the numbers of
before 1976 (20, and communes 20004), which stand for the same places.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from data.geography import shipped_areas
from data.territories import TYPED, Gazetteer
from matching.domain import FRANCE

COG_FRANCE = "PAYS-99100"
CORSICA = "REG-94"
_READ_AS = {COG_FRANCE: FRANCE, "DEP-20": CORSICA}
_COLLECTIVITY = re.compile(r"(?:COM|OM)-(9[78]\d)")
"""An overseas collectivity, which we type as a département."""
_OLD_CORSICAN = re.compile(r"COM-20\d{3}")
_WRITABLE = re.compile(r"[A-Z]+-\d+")


def from_cog(text: str, gazetteer: Gazetteer) -> str | None:
    """Our code for a prefixed one; None when it names no place of France.

    A code of the right form that nobody knows is kept: an import widens it, and tells.
    """
    code = text.strip().upper()
    if collectivity := _COLLECTIVITY.fullmatch(code):
        return f"DEP-{collectivity[1]}"
    if _OLD_CORSICAN.fullmatch(code) and code not in gazetteer:
        return CORSICA
    code = _READ_AS.get(code, code)
    return code if TYPED.fullmatch(code) else None


def writable(code: str) -> bool:
    """Does the pattern of the schema admit this code of ours as it is?"""
    return code == FRANCE or _WRITABLE.fullmatch(code) is not None


def to_cog(code: str, gazetteer: Gazetteer) -> frozenset[str]:
    """The codes that the pattern admits for one of ours: itself, or what is just wider."""
    if code == FRANCE:
        return frozenset({COG_FRANCE})
    if _WRITABLE.fullmatch(code):
        return frozenset({code})
    members = next((codes for area, _, codes in shipped_areas() if area == code), ())
    if members:
        return frozenset[str]().union(*(to_cog(member, gazetteer) for member in members))
    around = gazetteer.within(code) if code in gazetteer else ()
    wider = [c for c in around if _WRITABLE.fullmatch(c)]
    smallest = min(wider, key=lambda c: (gazetteer.get(c).population, c), default=COG_FRANCE)
    return frozenset({smallest})


def without(
    codes: Collection[str], excluded: Collection[str], gazetteer: Gazetteer
) -> tuple[frozenset[str], frozenset[str]]:
    """(What is left of `codes` once `excluded` is cut out, the excluded that are too fine to cut).

    France is cut by région, a région by département: what is within a département stays in it.
    """
    known = frozenset(gazetteer.get(c).code for c in excluded if c in gazetteer)
    if not known:
        return frozenset(codes), known
    kept = frozenset(part for code in codes for part in _cut(code, known, gazetteer))
    too_fine = (e for e in known if kept & gazetteer.within(e))
    return kept, frozenset(too_fine)


def _cut(code: str, excluded: frozenset[str], gazetteer: Gazetteer) -> Iterator[str]:
    if code not in gazetteer:
        yield code
    elif not gazetteer.within(code) & excluded:
        wide = [*gazetteer.codes("region"), *gazetteer.codes("departement")]
        parts = [c for c in wide if code in gazetteer.get(c).parents]
        if parts and any(gazetteer.contains(code, e) for e in excluded):
            for part in parts:
                yield from _cut(part, excluded, gazetteer)
        else:
            yield code
