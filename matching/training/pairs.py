"""Pairs of texts that mean the same, and the batches a model learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.encoder import Floats

LEAST = 64
"""A source with fewer pairs has too few others to be told apart from."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts close in meaning, from one source; `english` says that `left` is its English."""

    left: str
    right: str
    source: str
    english: bool = False


def by_source(pairs: Sequence[Pair]) -> Mapping[str, list[Pair]]:
    """Pairs of each source, in the order given."""
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        found.setdefault(pair.source, []).append(pair)
    return found


def batches_of_one_source(
    pairs: Sequence[Pair], size: int, steps: int, rng: np.random.Generator
) -> Iterator[list[Pair]]:
    """`steps` batches, each of one source drawn in proportion to the square root of its size.

    One source at a time keeps the other texts of a batch comparable, hence hard to tell apart.
    """
    sources = {name: found for name, found in by_source(pairs).items() if len(found) >= LEAST}
    roots = np.sqrt([len(found) for found in sources.values()])
    names = list(sources)
    for _ in range(steps):
        found = sources[names[rng.choice(len(names), p=roots / roots.sum())]]
        chosen = rng.choice(len(found), min(size, len(found)), replace=False)
        yield [found[i] for i in chosen]


def batches_by_length(
    pairs: Sequence[Pair], size: int, rng: np.random.Generator
) -> Iterator[list[Pair]]:
    """Every pair once, those of like length together (little padding), batches in random order."""
    lengths = np.array([len(p.right) for p in pairs]) * rng.uniform(0.9, 1.1, len(pairs))
    order = np.argsort(lengths, kind="stable")
    starts = rng.permutation(np.arange(0, len(pairs) - size + 1, size))
    for start in starts:
        yield [pairs[i] for i in order[start : start + size]]


def learning_rate(step: int, steps: int, warm_up: int) -> float:
    """Share of the full rate: linear up over `warm_up` steps, then linear down to 0."""
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))


def same_text(texts: Sequence[str]) -> Floats:
    """1 where two texts of a batch are the same (off the diagonal): not to be told apart."""
    numbers = np.unique(np.asarray(texts, dtype=object).astype(str), return_inverse=True)[1]
    same = numbers[:, None] == numbers[None, :]
    np.fill_diagonal(same, val=False)
    return np.asarray(same, np.float32)
