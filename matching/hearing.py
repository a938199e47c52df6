"""A need heard over a catalogue: what is computed once, before any offer is ranked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching.columns import Bools
from matching.domain import Need, Understanding
from matching.eligibility import NO, Judgement, judge
from matching.encoder import Encoder, Floats
from matching.index import ExactIndex, Query, Scale, Signals
from matching.qualify import Qualifier

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Hearing:
    """`order` is the retrieval score of every offer: its standardised similarities, summed."""

    need: Need
    query: Query
    understanding: Understanding
    index: ExactIndex
    judgement: Judgement
    admissible: Bools
    signals: Signals
    scale: Scale
    order: Floats

    @classmethod
    def of(
        cls,
        need: Need,
        today: date | None,
        index: ExactIndex,
        encoder: Encoder,
        qualifier: Qualifier,
        ignoring: Collection[str] = (),
    ) -> Hearing:
        query = Query.of(need.text, encoder)
        judgement = judge(index.columns, need, today, ignoring=ignoring)
        admissible = judgement.verdicts != NO
        signals = index.signals(query)
        scale = signals.scale(admissible)
        return cls(
            need=need,
            query=query,
            understanding=qualifier.understand(need.text, query, encoder),
            index=index,
            judgement=judgement,
            admissible=admissible,
            signals=signals,
            scale=scale,
            order=scale.sum(signals.table),
        )

    def best(self, rows: Rows, count: int) -> Rows:
        """The `count` rows that retrieval puts first, best first; ties break by id."""
        if len(rows) > count:
            order = self.order[rows]
            least = np.partition(order, -count)[-count]
            rows = rows[order >= least]
        return rows[np.argsort(-self.order[rows], kind="stable")][:count]

    def candidates(self, rows: Rows) -> Candidates:
        """The offers of these rows, with their standardised similarities, ready to be measured."""
        return Candidates(self, rows, self.scale.standardised(self.signals.table[:, rows]))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Offers after retrieval, and all that a feature may look at. `table`: (signals, rows)."""

    hearing: Hearing
    rows: Rows
    table: Floats
