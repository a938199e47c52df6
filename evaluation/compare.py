"""Is one system better than another, or luckier? Scores need by need, and a paired bootstrap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.corpus import Qrels
from evaluation.measure import KEYS, MEASURES, Run, strictly_decreasing

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of a score less that of a rival, and the interval that holds 95 % of resamples."""

    mean: float
    low: float
    high: float


def by_need(qrels: Qrels, run: Run) -> Mapping[str, Mapping[str, float]]:
    """Measure -> need -> score, over the needs that some offer helps."""
    import ir_measures

    measures = {ir_measures.parse_measure(m): KEYS[m] for m in MEASURES}
    answerable = {i: g for i, g in qrels.items() if i in run and any(g.values())}
    ranked = {i: dict(strictly_decreasing(run[i])) for i in answerable}
    found: dict[str, dict[str, float]] = {key: {} for key in measures.values()}
    for metric in ir_measures.iter_calc(list(measures), answerable, ranked):
        found[measures[metric.measure]][metric.query_id] = float(metric.value)
    return found


def difference(
    ours: Mapping[str, float], theirs: Mapping[str, float], *, seed: int = 0
) -> Difference:
    """Paired bootstrap (Efron 1979): needs drawn with replacement, the same for both."""
    needs = sorted(ours.keys() & theirs.keys())
    gaps = np.array([ours[i] - theirs[i] for i in needs])
    rng = np.random.default_rng(seed)
    means = gaps[rng.integers(0, len(gaps), (RESAMPLES, len(gaps)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(float(gaps.mean()), float(low), float(high))


def slices(
    scores: Mapping[str, float], groups: Mapping[str, Callable[[str], str | None]]
) -> Mapping[str, Mapping[str, tuple[int, float]]]:
    """Name of a cut -> value -> how many needs, and their mean score."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in groups}
    for need_id, score in scores.items():
        for name, value_of in groups.items():
            if (value := value_of(need_id)) is not None:
                found[name].setdefault(value, []).append(score)
    return {
        name: {v: (len(s), float(np.mean(s))) for v, s in sorted(values.items())}
        for name, values in found.items()
    }


@dataclass(frozen=True, slots=True)
class Reliability:
    """`bins` are (mean foreseen, share seen, count); `error` is the expected calibration error
    (Naeini et al. 2015): the gap of each bin, weighted by its count.
    """

    bins: tuple[tuple[float, float, int], ...]
    error: float


def reliability(
    foreseen: NDArray[np.floating], seen: NDArray[np.bool_], *, bins: int = 10
) -> Reliability:
    """Do foreseen probabilities come true? In bins of equal width."""
    number = np.clip((foreseen * bins).astype(int), 0, bins - 1)
    found = [
        (float(foreseen[number == b].mean()), float(seen[number == b].mean()), int(n))
        for b in range(bins)
        if (n := (number == b).sum())
    ]
    error = sum(abs(p - s) * n for p, s, n in found) / max(len(foreseen), 1)
    return Reliability(tuple(found), float(error))


def f1(truth: Sequence[frozenset[str]], found: Sequence[frozenset[str]]) -> tuple[float, float]:
    """Micro and macro F1 of sets of codes; macro over the codes that are true somewhere."""
    codes = sorted(frozenset().union(*truth))
    counts = np.array(
        [
            (
                sum(c in t and c in f for t, f in zip(truth, found, strict=True)),
                sum(c in f for f in found),
                sum(c in t for t in truth),
            )
            for c in codes
        ]
    )
    right, said, true = counts.T
    micro = 2 * right.sum() / max(said.sum() + true.sum(), 1)
    return float(micro), float(np.mean(2 * right / np.maximum(said + true, 1)))
