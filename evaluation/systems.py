"""SYSTEMS: what can be measured, from chance to the whole matcher. All rank admissible offers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from evaluation.corpus import JudgedNeed
from matching.domain import Need
from matching.encoder import Floats
from matching.errors import AiguilleError
from matching.features import measure
from matching.hearing import Hearing
from matching.index import SIGNALS
from matching.matcher import Matcher
from matching.ranker import PLAIN_RANKER

Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Task:
    """One need to rank for, and the rules to leave out.

    Were it among the judged needs that the matcher remembers, it would be forgotten.
    """

    judged: JudgedNeed
    ignoring: Collection[str] = ()

    @property
    def need(self) -> Need:
        return self.judged.need


def _full(matcher: Matcher, task: Task) -> Ranking:
    return matcher.ranking(
        task.need,
        today=task.judged.today,
        ignoring=task.ignoring,
        leaving_out={task.judged.id},
    )


def _by(score: Callable[[Hearing, Task], Floats]) -> Callable[[Matcher, Task], Ranking]:
    def rank(matcher: Matcher, task: Task) -> Ranking:
        hearing = matcher.hear(task.need, task.judged.today, task.ignoring, {task.judged.id})
        scores = score(hearing, task)
        rows = np.flatnonzero(hearing.admissible)
        ordered = rows[np.argsort(-scores[rows], kind="stable")]
        return [(matcher.index.offers[r].id, float(scores[r])) for r in ordered]

    return rank


def _plain(hearing: Hearing, _: Task) -> Floats:
    rows = np.arange(len(hearing.admissible))
    return PLAIN_RANKER.scores(measure(hearing.candidates(rows)))


def _signals(*names: str) -> Callable[[Hearing, Task], Floats]:
    """The standardised similarities of these names, summed."""
    positions = [SIGNALS.index(name) for name in names]

    def score(hearing: Hearing, _: Task) -> Floats:
        table = hearing.scale.standardised(hearing.signals.table)
        return np.asarray(table[positions].sum(axis=0), np.float32)

    return score


def _random(hearing: Hearing, task: Task) -> Floats:
    """Seeded by the need's id: the same chance every time."""
    rng = np.random.default_rng(crc32(task.judged.id.encode()))
    return rng.random(len(hearing.admissible), np.float32)


SYSTEMS: Mapping[str, Callable[[Matcher, Task], Ranking]] = {
    "full": _full,
    "plain": _by(_plain),
    "hybrid": _by(_signals("dense_text", "bm25_text", "dense_expressions", "bm25_expressions")),
    "text": _by(_signals("dense_text", "bm25_text")),
    "dense": _by(_signals("dense_text")),
    "bm25": _by(_signals("bm25_text")),
    "random": _by(_random),
}
"""full: everything; plain: the weighting set by hand; hybrid: dense and BM25 over text and
expressions, summed; text: over the text alone; dense, bm25: one of them."""


def system(name: str) -> Callable[[Matcher, Task], Ranking]:
    if name not in SYSTEMS:
        raise AiguilleError(
            f"Système inconnu : « {name} ». Choisissez parmi : {', '.join(SYSTEMS)}.",
            field="system",
        )
    return SYSTEMS[name]
