"""Needs that may be one need asked twice: the same place, within weeks, in close words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from data.store_desk import Neighbour
from data.store_needs import StoredNeed
from matching.text import tokens

AGAIN = timedelta(days=45)
"""Who asks later than that asks anew: the first need was closed, or reminded, twice."""
CLOSE = 75
"""The least likeness, of 100, at which two needs are told to be perhaps one."""
_SPELT_ALIKE = 55
"""The least likeness of words as they are written: below it their stems are not compared."""
SAME = 90
"""The least at which one says again what the other said: it is not counted twice."""


class Twin(NamedTuple):
    """A need that may ask the same; `likeness` lies between 0 and 100."""

    need: Neighbour
    likeness: int


class Nearby:
    """Needs ready to be compared with many others: each is read once."""

    def __init__(self, needs: Iterable[Neighbour]) -> None:
        from rapidfuzz.utils import default_process

        self._there: dict[str | None, list[tuple[Neighbour, str]]] = {}
        self._processed = default_process
        for need in needs:
            self._there.setdefault(need.place_code, []).append((need, self._spelt(need.text)))

    def twins_of(self, need: StoredNeed) -> list[Twin]:
        """Those that may ask the same, the closest first.

        Words are compared stemmed and sorted: order, accents and small words do not count.
        """
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extract

        sent = need.sent_at
        if need.place_code is None or sent is None:
            return []
        there = [
            (other, spelt)
            for other, spelt in self._there.get(need.place_code, ())
            if other.id != need.id and abs(other.sent_at - sent) <= AGAIN
        ]
        spelt = [words for _, words in there]
        alike = extract(
            self._spelt(need.text), spelt, scorer=ratio, score_cutoff=_SPELT_ALIKE, limit=None
        )
        stems = _stems(need.text)
        found = [there[at][0] for _, _, at in alike]
        twins = [Twin(other, round(ratio(stems, _stems(other.text)))) for other in found]
        close = (twin for twin in twins if stems and twin.likeness >= CLOSE)
        return sorted(close, key=lambda t: (-t.likeness, t.need.id))

    def _spelt(self, text: str) -> str:
        return " ".join(sorted(self._processed(text).split()))


def repeats(text: str, others: Iterable[str]) -> bool:
    """Does a need say, nearly word for word, what one of the others of its place says?"""
    from rapidfuzz.fuzz import ratio

    mine = _stems(text)
    return bool(mine) and any(ratio(mine, _stems(other), score_cutoff=SAME) for other in others)


def _stems(text: str) -> str:
    return " ".join(sorted(tokens(text)))
