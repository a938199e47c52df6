"""Is there an answer at all? What tells a need that offers can help from one that none can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matching.encoder import Floats
from matching.hearing import Hearing
from matching.index import SIGNALS
from matching.logistic import logistic

SIGNS = (
    "best_score",
    "mean_of_five",
    "likeliest_type",
    "bm25_type",
    "dense_type",
    "bm25_offer",
    "bm25_expression",
    "dense_expression",
    "near_answered_dense",
    "near_answered_lexical",
    "foretold_answered",
)
"""The best score and the mean of the best five; the likeliest need type; the closest need type,
offer text and expression; the share of answered needs among the closest, and as all of them
foretell it. Not the length of the need: few words are no reason to refuse a clear one."""

_SIGNALS: Mapping[str, int] = {name: i for i, name in enumerate(SIGNALS)}


def signs(hearing: Hearing, scores: Floats) -> Floats:
    """One value per name of SIGNS, from a need heard and the scores of its candidates."""

    def best(signal: str) -> float:
        among = hearing.signals.table[_SIGNALS[signal]] * hearing.admissible
        return float(among.max(initial=0))

    top = np.sort(scores)[::-1][:5]
    return np.array(
        [
            float(top[0]) if len(top) else 0.0,
            float(top.mean()) if len(top) else 0.0,
            float(hearing.types.max(initial=0)),
            *hearing.closest_type,
            best("bm25_text"),
            best("bm25_closest"),
            best("dense_closest"),
            *hearing.answered,
        ],
        np.float32,
    )


AS_OFFER = float(np.log1p(6.0))
"""Least log(1 + BM25) with the text of an offer that says what the need says; of our needs out of
scope, the most is log(1 + 5.4)."""


class Doubt(Protocol):
    """`sure`: is there an answer to trust? `heard`: is there one worth a word of caution?"""

    def sure(self, seen: Floats) -> bool: ...

    def heard(self, seen: Floats) -> bool: ...


@dataclass(frozen=True, slots=True)
class LearnedDoubt:
    """Logistic regression over SIGNS, the bias last: the probability that some offer helps.

    An answer is sure from `threshold` on (learned on judged needs); it is worth a word from half
    of it, or when the text of an offer says the very words.
    """

    weights: Floats
    threshold: float

    def answerable(self, seen: Floats) -> float:
        return float(logistic(seen @ self.weights[:-1] + self.weights[-1]))

    def sure(self, seen: Floats) -> bool:
        return self.answerable(seen) >= self.threshold

    def heard(self, seen: Floats) -> bool:
        said = float(seen[SIGNS.index("bm25_offer")]) >= AS_OFFER
        return said or self.answerable(seen) >= self.threshold / 2


@dataclass(frozen=True, slots=True)
class PlainDoubt:
    """Thresholds for a catalogue without judged needs.

    `as_type` and `as_offer`: the least BM25 with the expressions of a need type (mean of the best
    three), or with the text of an offer; below both, a need is out of scope. On the examples of
    the frame the least of the first is 2.6; on everyday questions of ours the most are 2.8 and
    3.9. `score`: below this best score no answer is sure.
    """

    score: float = 0.30
    as_type: float = 2.6
    as_offer: float = AS_OFFER

    def sure(self, seen: Floats) -> bool:
        return self.heard(seen) and float(seen[SIGNS.index("best_score")]) >= self.score

    def heard(self, seen: Floats) -> bool:
        by_type, by_offer = seen[SIGNS.index("bm25_type")], seen[SIGNS.index("bm25_offer")]
        return bool(by_type >= self.as_type or by_offer >= self.as_offer)


PLAIN_DOUBT = PlainDoubt()
