"""The same by hand, fused by rank as the engines do: what fusion alone changes, nothing missed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from tests.bench.peers.by_hand import NEEDS, Hand
from tests.bench.peers.question import Asked, Built, World

__all__ = ["HOW", "NAME", "NEEDS", "build"]

NAME = "bm25s + numpy, by rank"
K = 60
HOW = (
    "The same scores, but the first of each list fused by rank (RRF, k = 60) as LanceDB, PostgreSQL "
    "and txtai do: the recall that an exact engine has when it fuses so."
)


def build(world: World, folder: Path) -> Built:
    return Built(partial(_fused, Hand(world)))


def _fused(hand: Hand, asked: Asked, count: int):
    rows, dense, words = hand.scores(asked)
    total = np.zeros(len(rows))
    # Any offer is more or less close by meaning; by words, only one that has some of them.
    for scores, least in ((dense, -np.inf), (words, 0)):
        first = np.argsort(-scores, kind="stable")[:count]
        first = first[scores[first] > least]
        total[first] += 1 / (K + 1 + np.arange(len(first)))
    found = np.flatnonzero(total)
    return hand.ids[rows[found[np.argsort(-total[found], kind="stable")[:count]]]]
