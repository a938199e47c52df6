"""bm25s and numpy, as one writes it by hand in an afternoon: exact, and all in memory."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from data.indexes.filters import FIELDS, Condition
from tests.bench.peers.question import Asked, Built, World

NAME, NEEDS = "bm25s + numpy", "bm25s"
HOW = (
    "Postings of codes and columns of numbers make a mask; `BM25.get_scores` and a product of "
    "matrices score every offer; z-scores over the mask are summed, as Aiguille does."
)


def build(world: World, folder: Path) -> Built:
    return Built(partial(_summed, Hand(world)))


class Hand:
    """Every offer in memory, as postings, numbers and vectors."""

    def __init__(self, world: World) -> None:
        import bm25s

        self.ids = np.array([o.id for o in world.offers])
        self.vectors = world.vectors
        self.bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        self.bm25.index([list(one) for one in world.said], show_progress=False)
        self.numbers, self.rows = {}, {}
        for key, read in FIELDS.items():
            values = [read(o) for o in world.offers]
            if isinstance(values[0], int):
                self.numbers[key] = np.array(values, np.int64)
                continue
            bearing: dict[str, list[int]] = {}
            for row, codes in enumerate(values):
                for code in [codes] if isinstance(codes, str) else codes:
                    bearing.setdefault(code, []).append(row)
            self.rows[key] = {code: np.array(rows) for code, rows in bearing.items()}

    def mask(self, one: Condition):
        if one.among or one.outside:
            found = np.zeros(len(self.ids), np.bool_)
            rows = self.rows[one.key]
            for code in one.among or one.outside:
                if code in rows:
                    found[rows[code]] = True
            return found if one.among else ~found
        values = self.numbers[one.key]
        low = values >= one.at_least if one.at_least is not None else True
        return low & (values <= one.at_most) if one.at_most is not None else low

    def scores(self, asked: Asked):
        """Rows of the admissible offers, and of each its closeness by meaning and by words."""
        rows = np.flatnonzero(np.logical_and.reduce([self.mask(one) for one in asked.where]))
        known = [t for t in asked.query.tokens if t in self.bm25.vocab_dict]
        words = self.bm25.get_scores(known) if known else np.zeros(len(self.ids), np.float32)
        return rows, (self.vectors @ asked.query.vector)[rows], np.log1p(words[rows])


def _summed(hand: Hand, asked: Asked, count: int):
    rows, dense, words = hand.scores(asked)
    total = np.zeros(len(rows))
    for scores in (dense, words):
        if len(rows) and (deviation := scores.std()) > 1e-5:
            total += (scores - scores.mean()) / deviation
    return hand.ids[rows[np.argsort(-total, kind="stable")[:count]]]
