"""Judged needs as tables to learn from, each heard without its own block of precedents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.domain import ActorProfile
from matching.eligibility import DATE_RULES
from matching.encoder import Floats
from matching.features import measure
from matching.hearing import Hearing
from matching.matcher import Matcher
from matching.precedents import Precedent

BLOCKS = 10
"""A need is heard without the tenth of the judged needs that it belongs to. Leaving out itself
alone would let the trees read its own grades in what its absence takes from the averages. A tenth
is in a row, so that most of those of one author are left out together: a new need is by none."""
ANONYMOUS = 3
"""Every third need is also learned from as if nobody had said who asks."""


@dataclass(frozen=True, slots=True)
class Case:
    """A judged need to learn from, and the block it belongs to."""

    judged: Precedent
    block: int


@dataclass(frozen=True, slots=True)
class Examples:
    """`features` has shape (pairs, features); `rows` (of offers), `grades`, `weights` (pairs,).

    `sizes` are pairs a case, `blocks` the block of each case.
    """

    features: Floats
    rows: NDArray[np.intp]
    grades: NDArray[np.int32]
    weights: Floats
    sizes: NDArray[np.int32]
    blocks: NDArray[np.int32]


def cases(judged: Sequence[Precedent]) -> list[Case]:
    """Every need once, in order; then some again, without a word on who asks."""
    known = [Case(one, i * BLOCKS // len(judged)) for i, one in enumerate(judged)]
    unknown = [
        Case(replace(c.judged, need=replace(c.judged.need, actor=ActorProfile())), c.block)
        for c in known[::ANONYMOUS]
        if c.judged.need.actor.kind is not None
    ]
    return known + unknown


def heard(matcher: Matcher, among: Sequence[Case]) -> Iterator[Hearing]:
    """Each case, heard as if its block had never been judged; dates do not count."""
    left_out = [frozenset(c.judged.id for c in among if c.block == b) for b in range(BLOCKS)]
    for case in among:
        yield matcher.hear(case.judged.need, None, DATE_RULES, left_out[case.block])


def examples(matcher: Matcher, among: Sequence[Case]) -> Examples:
    """Every admissible offer of every case, with its features and its grade."""
    tables, offers, grades, sizes = [], [], [], []
    for case, hearing in zip(among, heard(matcher, among), strict=True):
        rows = np.flatnonzero(hearing.admissible)
        ids = [matcher.index.offers[r].id for r in rows.tolist()]
        offers.append(rows)
        tables.append(measure(hearing.candidates(rows)))
        grades.append(np.array([case.judged.grades.get(i, 0) for i in ids], np.int32))
        sizes.append(len(rows))
    weights = np.repeat([c.judged.weight for c in among], sizes)
    return Examples(
        np.vstack(tables),
        np.concatenate(offers),
        np.concatenate(grades),
        np.asarray(weights, np.float32),
        np.array(sizes, np.int32),
        np.array([c.block for c in among], np.int32),
    )
