"""The perimeters of Aides-territoires, by name and scale, as our typed codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from data.aides_territoires import folded
from data.place_names import name_key
from data.territories import Gazetteer

SCALES: Mapping[str, str] = {
    folded("Commune"): "commune",
    folded("EPCI"): "epci",
    folded("Département"): "departement",
    folded("Région"): "region",
}
"""`perimeter_scale` -> kind of territory. The other scales name no one territory of ours."""
MAINLAND = tuple(f"REG-{n}" for n in (11, 24, 27, 28, 32, 44, 52, 53, 75, 76, 84, 93, 94))
OVERSEAS = (
    *(f"REG-0{n}" for n in (1, 2, 3, 4, 6)),
    *(f"DEP-{n}" for n in (975, 977, 978, 986, 987, 988)),
)
WIDE: Mapping[str, tuple[str, ...]] = {
    folded("France"): ("FR",),
    folded("Europe"): ("FR",),
    folded("Union européenne"): ("FR",),
    folded("Métropole"): MAINLAND,
    folded("France métropolitaine"): MAINLAND,
    folded("Outre-mer"): OVERSEAS,
}
"""Perimeters wider than a région -> codes."""
_WITH_SCALE = re.compile(r"(.+) \(([^()\d–]+?)(?: – ([\d, ]+))?\)")
"""As 1.6 says it: Mende (Commune – 48000), Lozère (Département)."""


def codes_of(perimeter: str, scale: str, gazetteer: Gazetteer) -> tuple[str, ...]:
    """The codes of a perimeter: none when no territory, or several, are of that scale and name.

    A name is never guessed: an ad-hoc perimeter may have nearly that of a commune.
    """
    name, postal = perimeter, None
    form = _WITH_SCALE.fullmatch(perimeter)
    if form and folded(form[2]) in SCALES:
        name, scale, postal = form[1], form[2], form[3]
    kind = SCALES.get(folded(scale))
    if kind is None:
        return WIDE.get(folded(name), ())
    codes = _by_name(gazetteer, kind).get(name_key(name), ())
    if postal is not None:
        among = {p.strip() for p in postal.split(",")}
        codes = tuple(c for c in codes if among.intersection(gazetteer.get(c).postal_codes))
    return codes if len(codes) == 1 else ()


@lru_cache(maxsize=8)
def _by_name(gazetteer: Gazetteer, kind: str) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code in gazetteer.codes(kind):
        key = name_key(gazetteer.get(code).name)
        found[key] = (*found.get(key, ()), code)
    return found
