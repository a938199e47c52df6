"""From judged needs to the learned qualifier, ranker and doubt: the whole story in `train`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from matching.doubt import SIGNS, LearnedDoubt, signs
from matching.encoder import Encoder, Floats
from matching.features import FEATURES
from matching.index import SIGNALS, ExactIndex
from matching.learned import Learned
from matching.logistic import logistic
from matching.matcher import Matcher
from matching.precedents import GAINS, Precedent, Precedents
from matching.qualify import LearnedTypes
from matching.ranker import TreeRanker
from matching.training.examples import BLOCKS, Case, Examples, cases, examples, heard
from matching.trees import Trees

USEFUL = 2
"""The least grade of an offer that is of use."""
FOLDS = 5
REFUSED = 0.035
"""The share of good cases (those without a word on who asks included) that may be left unsure."""
RISING = frozenset({*SIGNALS, "foretold", "similar_dense", "similar_lexical", "type_agreement"})
"""Features of which more can only help."""
ROUNDS = 400
PARAMETERS: Mapping[str, Any] = {
    "objective": "cross_entropy",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "max_depth": 5,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
    "monotone_constraints": [int(name in RISING) for name in FEATURES],
}


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learned, and what was foreseen for each need by trees that had not seen it.

    `foreseen` has one score a pair of `examples`; `answerable`, one probability a case.
    """

    learned: Learned
    examples: Examples
    foreseen: Floats
    answerable: Floats


def train(
    index: ExactIndex, encoder: Encoder, judged: Sequence[Precedent], *, version: str, seed: int = 0
) -> Trained:
    """Learn from `judged`, in minutes; the same data and seed give the same model."""
    precedents = Precedents.build(judged, encoder, index)
    plain = Matcher(index, encoder, precedents=precedents)
    types = learn_types(plain, judged)
    nowhere = LearnedDoubt(np.zeros(len(SIGNS) + 1, np.float32), 0.0)
    reading = Learned(encoder.name, types, _no_trees(version), nowhere)
    qualified = Matcher(index, encoder, precedents=precedents, learned=reading)
    among = cases(judged)
    table = examples(qualified, among)
    raw = foresee(table, seed)
    useful = table.grades >= USEFUL
    slope, shift = calibrate(raw, useful)
    foreseen = logistic(slope * raw + shift)
    doubt, answerable = learn_doubt(qualified, among, table, foreseen)
    ranker = TreeRanker(grow(table, np.ones(len(raw), np.bool_), seed), slope, shift, version)
    learned = Learned(encoder.name, types, ranker, doubt)
    return Trained(learned, table, foreseen, answerable)


def learn_types(matcher: Matcher, judged: Sequence[Precedent]) -> LearnedTypes:
    """One logistic regression for all need types, over what speaks for each; one for urgency."""
    truth = matcher.precedents.types
    known = cases(judged)[: len(judged)]
    found = [matcher.qualifier.evidence(h.query, h.signals, h.near) for h in heard(matcher, known)]
    evidence = np.stack([e for e, _ in found])
    labelled = truth[:, :-1].any(axis=1)
    pairs = evidence[labelled].reshape(-1, evidence.shape[2])
    types = _weights(LogisticRegression(max_iter=1000).fit(pairs, truth[labelled, :-1].ravel()))
    counts = truth[labelled].T @ truth[labelled]
    urgent_types = (counts[:-1, -1] + 1) / (np.diag(counts)[:-1] + 2)
    said = np.stack([u for _, u in found])[labelled]
    probable = logistic(evidence[labelled] @ types[:-1] + types[-1])
    by_types = probable @ urgent_types / np.maximum(probable.sum(axis=1), 1e-6)
    inputs = np.column_stack((said, by_types))
    urgency = _weights(LogisticRegression(C=10, max_iter=1000).fit(inputs, truth[labelled, -1]))
    return LearnedTypes(types, urgency, urgent_types.astype(np.float32))


def foresee(table: Examples, seed: int) -> Floats:
    """For each pair, the sum of trees grown on the needs of the other folds."""
    raw = np.zeros(len(table.grades), np.float32)
    for held_out in folds(table):
        raw[held_out] = grow(table, ~held_out, seed).sum(table.features[held_out])
    return raw


def folds(table: Examples) -> Iterator[NDArray[np.bool_]]:
    """The pairs of each fold; a fold is whole blocks, so that no tree saw what was left out."""
    fold = np.repeat(table.blocks * FOLDS // BLOCKS, table.sizes)
    for number in range(FOLDS):
        yield fold == number


def grow(table: Examples, among: NDArray[np.bool_], seed: int) -> Trees:
    """Gradient boosting (LightGBM) towards the gain of the grade, a soft label."""
    gains = np.array(GAINS)[table.grades[among]]
    data = lightgbm.Dataset(table.features[among], gains, weight=table.weights[among])
    return as_trees(lightgbm.train({**PARAMETERS, "seed": seed}, data, ROUNDS))


def calibrate(raw: Floats, useful: NDArray[np.bool_]) -> tuple[float, float]:
    """Platt's slope and shift: the log-odds that a pair foreseen at `raw` is useful."""
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(raw[:, None], useful)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


def learn_doubt(
    matcher: Matcher, among: Sequence[Case], table: Examples, foreseen: Floats
) -> tuple[LearnedDoubt, Floats]:
    """When to say that there is no sure answer; and each case's probability of one, foreseen."""
    ends = np.cumsum(table.sizes)[:-1]
    seen = np.stack(
        [
            signs(hearing, scores)
            for hearing, scores in zip(heard(matcher, among), np.split(foreseen, ends), strict=True)
        ]
    )
    helped = np.array([any(c.judged.grades.values()) for c in among])
    answerable = np.zeros(len(among), np.float32)
    for block in range(BLOCKS):
        held_out = table.blocks == block
        fitted = _doubting(seen[~held_out], helped[~held_out])
        answerable[held_out] = [LearnedDoubt(fitted, 0).answerable(s) for s in seen[held_out]]
    threshold = float(np.quantile(answerable[helped], REFUSED))
    return LearnedDoubt(_doubting(seen, helped), threshold), answerable


def _doubting(seen: Floats, helped: NDArray[np.bool_]) -> Floats:
    """Logistic regression on standardised signs, brought back to their own units."""
    means, spreads = seen.mean(axis=0), np.maximum(seen.std(axis=0), 1e-6)
    fit = LogisticRegression(C=1.0, max_iter=1000).fit((seen - means) / spreads, helped)
    weights = fit.coef_[0] / spreads
    return np.append(weights, fit.intercept_[0] - weights @ means).astype(np.float32)


def _weights(fit: LogisticRegression) -> Floats:
    return np.append(fit.coef_[0], fit.intercept_[0]).astype(np.float32)


def _no_trees(version: str) -> TreeRanker:
    empty = Trees(np.zeros((1, 1), np.intp), np.zeros((1, 1), np.float32), np.zeros((1, 3), "f"))
    return TreeRanker(empty, 1.0, 0.0, version)


def as_trees(booster: lightgbm.Booster) -> Trees:
    """The booster's trees as plain arrays, each filled up to the greatest depth."""
    roots = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    inner = 2 ** max(map(_depth, roots)) - 1
    features = np.zeros((len(roots), inner), np.intp)
    thresholds = np.full((len(roots), inner), np.inf)
    values = np.zeros((len(roots), 2 * inner + 1))

    def fill(tree: int, at: int, node: Mapping[str, Any]) -> None:
        split = "split_index" in node
        values[tree, at] = node["internal_value" if split else "leaf_value"]
        if split:
            features[tree, at], thresholds[tree, at] = node["split_feature"], node["threshold"]
        if at < inner:
            fill(tree, 2 * at + 1, node["left_child"] if split else node)
            fill(tree, 2 * at + 2, node["right_child"] if split else node)

    for tree, root in enumerate(roots):
        fill(tree, 0, root)
    return Trees(features, _at_most(thresholds), values.astype(np.float32))


def _depth(node: Mapping[str, Any]) -> int:
    if "split_index" not in node:
        return 0
    return 1 + max(_depth(node["left_child"]), _depth(node["right_child"]))


def _at_most(thresholds: NDArray[np.float64]) -> Floats:
    """The greatest float32 not above each threshold: the same float32 values pass it."""
    rounded = thresholds.astype(np.float32)
    below = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded.astype(np.float64) > thresholds, below, rounded)
