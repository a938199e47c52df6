"""Names of places as people write them: found by prefix, by name, or in spite of a typo."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import accumulate

SAINT = {"st": "saint", "ste": "sainte"}
ABBREVIATED = {
    "paca": "provence alpes cote d azur",
    "idf": "ile de france",
    "aura": "auvergne rhone alpes",
    "bfc": "bourgogne franche comte",
    "hdf": "hauts de france",
    "cvl": "centre val de loire",
    "pdl": "pays de la loire",
}
"""Keys of the régions as people shorten them."""
CLOSE_ENOUGH = 84.0
"""Least rapidfuzz ratio (0-100) for a misspelt name."""


def name_key(name: str) -> str:
    """A name without case, accents, hyphens nor apostrophes; St is Saint; Lyon 3ème is lyon 3."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("œ", "oe").replace("æ", "ae"))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    words = [w for w in re.findall(r"[a-z0-9]+", plain) if w != "arrondissement"]
    return " ".join(SAINT.get(w, re.sub(r"^(\d+)(er|e|eme)$", r"\1", w)) for w in words)


@dataclass(frozen=True)
class PlaceNames:
    """Keys of the names, with the population behind each, to order those that look alike."""

    keys: Sequence[str]
    populations: Sequence[int]

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, key in enumerate(self.keys):
            found.setdefault(key, []).append(number)
        return found

    @cached_property
    def _lines(self) -> tuple[str, list[int]]:
        """The keys in one text, each after a line end and a space, and where each begins.

        A table of every word would take a command longer to make than the text takes to scan.
        """
        begins = list(accumulate((len(key) + 2 for key in self.keys), initial=2))
        return "".join(f"\n {key}" for key in self.keys) + "\n", begins

    def exact(self, key: str) -> list[int]:
        return self._by_key.get(key, [])

    def starting(self, prefix: str, limit: int) -> list[int]:
        """Numbers of the names of which a word starts with the prefix, most likely first."""
        text, begins = self._lines
        found: list[tuple[int, str, int]] = []
        before = -1
        while (before := text.find(f" {prefix}", before + 1)) >= 0:
            number = bisect_right(begins, before + 1) - 1
            # The start of the whole name counts ten times more.
            times = 10 if begins[number] == before + 1 else 1
            start = text[before + 1 : text.index("\n", before)]
            found.append((-times * (self.populations[number] + 1), start, number))
        likely = dict.fromkeys(number for _, _, number in nsmallest(limit * 4, found))
        whole = [n for n in likely if self.keys[n] == prefix]
        return list(dict.fromkeys([*whole, *likely]))[:limit]

    def beginning(self, key: str, limit: int = 5) -> list[int]:
        """Numbers of the names that begin with these whole words."""
        if not key:
            return []
        return [n for n in self.starting(key, limit) if self.keys[n].startswith(f"{key} ")]

    def close(self, key: str, limit: int = 5) -> list[int]:
        """Numbers of the names closest to a misspelt one, best first, then most peopled."""
        from rapidfuzz import fuzz, process

        found = process.extract(
            key, self.keys, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH, limit=limit * 4
        )
        ordered = sorted(found, key=lambda hit: (-round(hit[1]), -self.populations[hit[2]]))
        return [number for _, _, number in ordered[:limit]]
