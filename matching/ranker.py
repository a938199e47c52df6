"""Features in, score out: the learned ranker, and the plain one for a foreign catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matching.encoder import Floats
from matching.features import FEATURES
from matching.logistic import logistic
from matching.trees import Trees


class Ranker(Protocol):
    """`contributions` says how much each feature moved each score, in log-odds."""

    @property
    def version(self) -> str: ...

    def scores(self, features: Floats) -> Floats: ...

    def contributions(self, features: Floats) -> Floats: ...


WEIGHTS: Mapping[str, float] = {
    "dense_text": 0.30,
    "bm25_text": 0.30,
    "dense_expressions": 0.35,
    "bm25_expressions": 0.35,
    "type_agreement": 1.20,
    "type_coverage": 0.80,
    "type_focus": 0.30,
    "locality": 0.90,
    "covered": 1.00,
    "eligible": 0.30,
    "audience_focus": 0.30,
    "urgency": 0.20,
    "generalist": 0.10,
}
"""Log-odds per unit of each feature, set by hand: the four similarities weigh alike (a plain sum
of z-scores was measured better than rank fusion: .650 against .616); agreement of need types is
worth two standard deviations of them; a local offer, one; sure coverage, one."""

BIAS = -4.0
"""Log-odds of an average admissible offer: about two offers in a hundred help a given need."""


@dataclass(frozen=True, slots=True)
class WeightedRanker:
    """score = sigmoid(bias + sum of weight x feature)."""

    weights: Mapping[str, float]
    bias: float
    version: str = "weighted-1"

    def _vector(self) -> Floats:
        return np.array([self.weights.get(name, 0) for name in FEATURES], np.float32)

    def scores(self, features: Floats) -> Floats:
        return logistic(features @ self._vector() + np.float32(self.bias))

    def contributions(self, features: Floats) -> Floats:
        return np.asarray(features * self._vector(), np.float32)


PLAIN_RANKER = WeightedRanker(WEIGHTS, BIAS)
KNOWN = list(FEATURES).index("known")


@dataclass(frozen=True, slots=True)
class TreeRanker:
    """Boosted trees learned from judged needs (see `matching.training.ranker`).

    score = sigmoid(slope x sum of the trees + shift): Platt's calibration to the probability
    that an adviser would grade the offer 2 or more. The trees have nothing to say of an offer
    that no judged need graded (imported yesterday): the plain weighting ranks it.
    """

    trees: Trees
    slope: float
    shift: float
    version: str

    def scores(self, features: Floats) -> Floats:
        known = features[:, KNOWN] > 0
        scores = PLAIN_RANKER.scores(features)
        scores[known] = logistic(self.slope * self.trees.sum(features[known]) + self.shift)
        return scores

    def contributions(self, features: Floats) -> Floats:
        known = features[:, KNOWN] > 0
        moved = PLAIN_RANKER.contributions(features)
        moved[known] = self.slope * self.trees.contributions(features[known])
        return moved
