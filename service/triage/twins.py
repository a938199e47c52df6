"""Needs that may be one need asked twice: the same place, and close words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from data.store_desk import Neighbour
from data.store_needs import StoredNeed
from matching.text import tokens

CLOSE = 75
"""The least likeness, of 100, at which two needs are told to be perhaps one."""
SAME = 90
"""The least at which one says again what the other said: it is not counted twice."""


class Twin(NamedTuple):
    """A need that may ask the same; `likeness` lies between 0 and 100."""

    need: Neighbour
    likeness: int


def twins_of(need: StoredNeed, others: Iterable[Neighbour]) -> list[Twin]:
    """Those of the others that may ask the same, the closest first.

    Words are compared stemmed and sorted: order, accents and small words do not count.
    """
    from rapidfuzz.fuzz import token_sort_ratio

    there = [o for o in others if o.id != need.id and need.place_code == o.place_code is not None]
    mine = _plain(need.text) if there else ""
    found = [Twin(other, round(token_sort_ratio(mine, _plain(other.text)))) for other in there]
    close = (twin for twin in found if mine and twin.likeness >= CLOSE)
    return sorted(close, key=lambda t: (-t.likeness, t.need.id))


def repeats(text: str, others: Iterable[str]) -> bool:
    """Does a need say, nearly word for word, what one of the others of its place says?"""
    from rapidfuzz.fuzz import token_sort_ratio

    mine = _plain(text)
    return bool(mine) and any(
        token_sort_ratio(mine, _plain(other), score_cutoff=SAME) for other in others
    )


def _plain(text: str) -> str:
    return " ".join(tokens(text))
