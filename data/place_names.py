"""Names of places as people write them: found by prefix, by name, or in spite of a typo."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

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
    def _lines(self) -> str:
        return "".join(f"\n{key}" for key in self.keys)

    @cached_property
    def _starts(self) -> tuple[list[str], list[int]]:
        """Every key from each of its words on, in order, with the number of the name."""
        pairs = [
            (key[m.start() :], number)
            for number, key in enumerate(self.keys)
            for m in re.finditer(r"\S+", key)
        ]
        pairs.sort()
        return [p[0] for p in pairs], [p[1] for p in pairs]

    @cached_property
    def _start_weights(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Population behind each start; the start of the whole name counts ten times more."""
        texts, numbers = self._starts
        return np.array(
            [
                (self.populations[n] + 1) * (10 if len(t) == len(self.keys[n]) else 1)
                for t, n in zip(texts, numbers, strict=True)
            ],
            np.int64,
        )

    def exact(self, key: str) -> list[int]:
        return self._by_key.get(key, [])

    def starting(self, prefix: str, limit: int) -> list[int]:
        """Numbers of the names of which a word starts with the prefix, most likely first."""
        texts, numbers = self._starts
        low, high = bisect_left(texts, prefix), bisect_left(texts, prefix + "\uffff")
        order = np.argsort(-self._start_weights[low:high], kind="stable")
        likely = dict.fromkeys(numbers[low + i] for i in order[: limit * 4])
        whole = [n for n in likely if self.keys[n] == prefix]
        return list(dict.fromkeys([*whole, *likely]))[:limit]

    def beginning(self, key: str, limit: int = 5) -> list[int]:
        """Numbers of the names that begin with these whole words."""
        # Most often there is none: a scan tells it before the table of all words is made.
        if f"\n{key} " not in self._lines:
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
