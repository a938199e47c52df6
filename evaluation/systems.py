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
from matching.hearing import Hearing
from matching.matcher import Matcher

Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Task:
    """One need to rank for, and the rules to leave out."""

    judged: JudgedNeed
    ignoring: Collection[str] = ()

    @property
    def need(self) -> Need:
        return self.judged.need


def _full(matcher: Matcher, task: Task) -> Ranking:
    return matcher.ranking(task.need, today=task.judged.today, ignoring=task.ignoring)


def _by(score: Callable[[Hearing, Task], Floats]) -> Callable[[Matcher, Task], Ranking]:
    def rank(matcher: Matcher, task: Task) -> Ranking:
        hearing = matcher.hear(task.need, task.judged.today, task.ignoring)
        scores = score(hearing, task)
        rows = np.flatnonzero(hearing.admissible)
        ordered = rows[np.argsort(-scores[rows], kind="stable")]
        return [(matcher.index.offers[r].id, float(scores[r])) for r in ordered]

    return rank


def _random(hearing: Hearing, task: Task) -> Floats:
    """Seeded by the need's id: the same chance every time."""
    rng = np.random.default_rng(crc32(task.judged.id.encode()))
    return rng.random(len(hearing.admissible), np.float32)


SYSTEMS: Mapping[str, Callable[[Matcher, Task], Ranking]] = {
    "full": _full,
    "bm25": _by(lambda h, _: h.signals.table[1]),
    "dense": _by(lambda h, _: h.signals.table[0]),
    "hybrid": _by(lambda h, _: h.order),
    "random": _by(_random),
}


def system(name: str) -> Callable[[Matcher, Task], Ranking]:
    if name not in SYSTEMS:
        raise AiguilleError(
            f"Système inconnu : « {name} ». Choisissez parmi : {', '.join(SYSTEMS)}.",
            field="system",
        )
    return SYSTEMS[name]
