"""A need heard over a catalogue: what is computed once, before any offer is ranked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching.columns import Bools
from matching.domain import Need, Understanding
from matching.eligibility import YES, Judgement, judge
from matching.encoder import Encoder, Floats
from matching.index import ExactIndex, Query, Scale, Signals, best
from matching.precedents import RETRIEVING, Near, Precedents
from matching.qualify import Qualifier

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Hearing:
    """`order` is the retrieval score of every offer: its standardised similarities, summed, and
    what helped in similar needs. `covered`: the offers that surely hold the place.

    `types` are the probabilities of the need types, shape (types,); `records` is what precedents
    say of every offer, shape (records, offers).
    """

    need: Need
    query: Query
    understanding: Understanding
    index: ExactIndex
    judgement: Judgement
    admissible: Bools
    covered: Bools
    signals: Signals
    scale: Scale
    order: Floats
    precedents: Precedents
    near: Near
    types: Floats
    records: Floats

    @classmethod
    def of(
        cls,
        need: Need,
        today: date | None,
        index: ExactIndex,
        encoder: Encoder,
        qualifier: Qualifier,
        precedents: Precedents,
        ignoring: Collection[str] = (),
        leaving_out: Collection[str] = (),
    ) -> Hearing:
        """Hear a need, leaving out some rules, and some precedents (when measuring)."""
        query = Query.of(need.text, encoder)
        judgement = judge(index.columns, need, today, ignoring=ignoring)
        admissible = judgement.admissible
        signals = index.signals(query)
        scale = signals.scale(admissible)
        near = precedents.near(need, query, leaving_out)
        types = qualifier.corrected(qualifier.probabilities(query, signals, near), need.correction)
        records = precedents.records(near, need.actor.kind, types[:-1])
        return cls(
            need=need,
            query=query,
            understanding=qualifier.understand(need.text, query, types),
            index=index,
            judgement=judgement,
            admissible=admissible,
            covered=judgement.of("territory") == YES,
            signals=signals,
            scale=scale,
            order=scale.sum(signals.table) + remembered(records, admissible),
            precedents=precedents,
            near=near,
            types=types[:-1],
            records=records,
        )

    @property
    def answered(self) -> tuple[float, float, float]:
        """The share of answered needs among the closest judged ones, and as all foretell it."""
        return self.precedents.answered(self.near)

    @property
    def closest_type(self) -> tuple[float, float]:
        """BM25 and cosine of the need with the expressions of the closest need type."""
        dense, bm25 = self.signals.types[:2].max(axis=1, initial=0)
        return float(bm25), float(dense)

    def best(self, rows: Rows, count: int) -> Rows:
        """The `count` rows that retrieval puts first, best first; ties break by id."""
        return best(self.order, rows, count)

    def candidates(self, rows: Rows) -> Candidates:
        """The offers of these rows, with their standardised similarities, ready to be measured."""
        return Candidates(
            self,
            rows,
            self.scale.standardised(self.signals.table[:, rows]),
            np.isin(rows, self.precedents.rows),
            self.index.by_types(self.types, rows),
        )


def remembered(records: Floats, among: Bools) -> Floats:
    """What helped in similar needs, as deviations among some offers, summed: shape (offers,)."""
    similar = records[RETRIEVING]
    if not among.any() or not similar.any():
        return np.zeros(len(among), np.float32)
    spread = similar[:, among].std(axis=1)
    return np.asarray((similar / np.where(spread > 0, spread, 1)[:, None]).sum(axis=0), np.float32)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Offers after retrieval, and all that a feature may look at.

    `table` has shape (signals, rows); `known` are the offers that some judged need graded;
    `by_types` is the probability of each need type of each (see `ExactIndex.by_types`).
    """

    hearing: Hearing
    rows: Rows
    table: Floats
    known: Bools
    by_types: Floats
