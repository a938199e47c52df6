"""The codes of data.inclusion v1 and ours: a table (codes.tsv), and zones of eligibility."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import NamedTuple

from data.fields import Reading
from data.territories import TYPED
from matching.domain import FRANCE

CHANNELS: Mapping[str, Collection[str]] = {
    "numerique": ("a-distance",),
    "presentiel": ("en-presentiel",),
    "mixte": ("a-distance", "en-presentiel"),
}
FREE, PAID = "gratuit", "payant"
_COUNTRY = {"france": FRANCE, "99100": FRANCE}
_ABROAD = "99"
_SAID_BY_PARTS = ("REG-", "AREA-")
_BY_LENGTH = {2: "DEP-", 3: "DEP-", 5: "COM-", 9: "EPCI-"}


class Code(NamedTuple):
    """A row of codes.tsv. Sense: "=" both ways, ">" read only, "<" written only, "-" no place."""

    of: str
    code: str
    sense: str
    ours: str
    remark: str


@cache
def table() -> tuple[Code, ...]:
    text = files(__package__).joinpath("codes.tsv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:], delimiter="\t")
    return tuple(Code(*(row + [""] * 5)[:5]) for row in rows)


def reads(of: str) -> Mapping[str, Code]:
    """How each code of theirs is read."""
    return {c.code: c for c in table() if c.of == of and c.sense != "<"}


def writes(of: str) -> Mapping[str, str]:
    """How a code of ours is written, of those that can be."""
    return {c.ours: c.code for c in table() if c.of == of and c.sense in "=<"}


class Codes:
    """What reading and writing ask, made once for a file."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.frame = reading.frame
        self.thematiques = reads("thematiques")
        self.types = reads("types")
        self.publics = reads("publics")
        self._inside: dict[str, Collection[str]] = {}

    def zone(self, territories: Collection[str]) -> list[str]:
        """Their codes of our territories: a région or an area is said by what it holds."""
        said = (
            inner
            for code in sorted(territories)
            for inner in (self.inside(code) if code.startswith(_SAID_BY_PARTS) else (code,))
        )
        codes = ("france" if code == FRANCE else code.partition("-")[2] for code in said)
        return list(dict.fromkeys(codes))

    def territories(self, zone: Collection[str]) -> tuple[frozenset[str], list[str]]:
        """Our territories of their codes, and the codes that are no place of France.

        All the départements of a région are the région: the format has no other word for it.
        """
        known, unknown = set(), []
        for code in zone:
            ours = _COUNTRY.get(code) or _BY_LENGTH.get(len(code), "") + code
            if code in _COUNTRY or (TYPED.fullmatch(ours) and not code.startswith(_ABROAD)):
                known.add(ours)
            else:
                unknown.append(code)
        for region in self._regions:
            if known.issuperset(held := self.inside(region)):
                known = known.difference(held) | {region}
        return frozenset(known), unknown

    def inside(self, code: str) -> Collection[str]:
        """The départements in a territory, and of an area its communes that are in none of them."""
        if code not in self._inside:
            gazetteer = self.reading.gazetteer
            held = [d for d in self._departements if code in gazetteer.within(d)]
            if code.startswith("AREA-"):
                around = ((c, gazetteer.within(c)) for c in gazetteer.codes("commune"))
                held += [c for c, within in around if code in within and not within & set(held)]
            self._inside[code] = held
        return self._inside[code]

    @cached_property
    def _regions(self) -> list[str]:
        return self.reading.gazetteer.codes("region")

    @cached_property
    def _departements(self) -> list[str]:
        return self.reading.gazetteer.codes("departement")
