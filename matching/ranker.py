"""Features in, score out: the seat of the learned ranker, held by a documented weighting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from matching.encoder import Floats
from matching.features import FEATURES


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
        return np.array([self.weights[name] for name in FEATURES], np.float32)

    def scores(self, features: Floats) -> Floats:
        log_odds = features @ self._vector() + np.float32(self.bias)
        return np.asarray(1 / (1 + np.exp(-log_odds)), np.float32)

    def contributions(self, features: Floats) -> Floats:
        return np.asarray(features * self._vector(), np.float32)


INITIAL_RANKER = WeightedRanker(WEIGHTS, BIAS)
