"""The reference of a need that was sent: short, and read aloud without mistaking a letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

LETTERS = "234679CDFGHJKMNPQRTVWXY"
"""No vowel, hence no word; none of 0 O, 1 I L, 5 S, 8 B, 2 Z taken for the other."""

LENGTH = 5


def make_reference(sent_on: date, draw: Callable[[str], str]) -> str:
    """AIG-26-7KQ4M: the year it was sent, then letters drawn one by one by `draw`."""
    return f"AIG-{sent_on:%y}-{''.join(draw(LETTERS) for _ in range(LENGTH))}"
