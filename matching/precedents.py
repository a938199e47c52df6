"""What helped in similar judged needs: the memory that a ranker learns to trust."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.domain import Need
from matching.encoder import Encoder, Floats
from matching.index import ExactIndex, Query
from matching.lexical import Lexical

GAINS = (0.0, 0.25, 0.7, 1.0)
"""What a grade is worth, by the grade (0 to 3)."""
NEIGHBOURS = 12
SHARPNESS_DENSE, SHARPNESS_LEXICAL = 12.0, 4.0
"""How fast a neighbour counts less than the closest: exp(-sharpness x how much it is behind)."""
SMOOTHING = 4.0
"""A record over fewer needs than this leans on that of all needs."""

RECORDS = (
    "similar_dense",
    "similar_lexical",
    "like_what_helped",
    "kind_that_helped",
    "helped_types",
    "helped_profile",
)
"""What the closest judged needs were helped by, by meaning and by words; how close an offer is to
those that helped, and how often its kind did; how often it helped needs of these types, and of
this kind of actor."""


HISTORY = ("similar_dense", "similar_lexical", "helped_types", "helped_profile")
"""The records of an offer itself, which an offer never judged does not have."""


@dataclass(frozen=True, slots=True)
class Precedent:
    """A need that was judged: `grades` say how far each offer helps it, 0 to 3.

    `weight` is how much its source is trusted: 1 for an adviser who read the whole inventory.
    """

    id: str
    need: Need
    grades: Mapping[str, int]
    need_types: tuple[str, ...] = ()
    axis: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Near:
    """How much each judged need counts for a new one, by meaning and by words: they sum to 1, or
    all are 0. `kept` are those that may count at all. Each of shape (needs,).
    """

    kept: NDArray[np.bool_]
    dense: Floats
    lexical: Floats


@dataclass(frozen=True, slots=True)
class Precedents:
    """Judged needs over a catalogue.

    `rows` are the offers that some of them graded, and `gains` what those were worth, shape
    (needs, graded offers); `types` has shape (needs, types + 1): the last column is urgency.
    `actors` are kinds of actor, "" when not known. `rows` are in order.
    """

    index: ExactIndex
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    actors: tuple[str, ...]
    vectors: Floats
    lexical: Lexical
    rows: NDArray[np.int32]
    gains: Floats
    types: Floats

    @classmethod
    def build(cls, judged: Sequence[Precedent], encoder: Encoder, index: ExactIndex) -> Precedents:
        graded = sorted({i for j in judged for i in j.grades if i in index.rows})
        column = {offer_id: c for c, offer_id in enumerate(graded)}
        position = {t.code: i for i, t in enumerate(index.need_types)}
        gains = np.zeros((len(judged), len(graded)), np.float32)
        types = np.zeros((len(judged), len(position) + 1), np.float32)
        for number, one in enumerate(judged):
            for offer_id, grade in one.grades.items():
                if offer_id in column:
                    gains[number, column[offer_id]] = GAINS[grade] * one.weight
            types[number, [position[c] for c in one.need_types if c in position]] = 1
            types[number, -1] = one.axis == "urgence"
        texts = [j.need.text for j in judged]
        return cls(
            index,
            ids=tuple(j.id for j in judged),
            texts=tuple(texts),
            actors=tuple(j.need.actor.kind or "" for j in judged),
            vectors=encoder.encode(texts),
            lexical=Lexical.build(texts),
            rows=np.array([index.rows[i] for i in graded], np.int32),
            gains=gains,
            types=types,
        )

    def near(self, query: Query, leaving_out: Collection[str] = ()) -> Near:
        """The judged needs closest to this one; those whose id is in `leaving_out` do not count."""
        kept = np.ones(len(self.ids), np.bool_)
        if leaving_out:
            kept = np.fromiter((i not in leaving_out for i in self.ids), np.bool_, len(self.ids))
        cosines = np.where(kept, self.vectors @ query.vector, -1)
        bm25 = np.where(kept, self.lexical.scores(query.tokens), -1)
        highest = max(float(bm25.max(initial=0)), 1e-6)
        return Near(
            kept,
            _shares(np.asarray(cosines, np.float32), SHARPNESS_DENSE),
            _shares(np.asarray(bm25 / highest, np.float32), SHARPNESS_LEXICAL),
        )

    def type_shares(self, near: Near) -> Floats:
        """How many of the closest needs are of each type, by meaning, by words, and of all.

        Shape (3, types + 1): the last column is urgency.
        """
        every = near.kept / max(int(near.kept.sum()), 1)
        return np.stack((near.dense, near.lexical, every.astype(np.float32))) @ self.types

    def answered(self, near: Near) -> tuple[float, float]:
        """The share of needs that some offer helps among the closest, by meaning and by words."""
        helped = self.gains.any(axis=1)
        return float(near.dense @ helped), float(near.lexical @ helped)

    def closest_helped(self, near: Near, row: int) -> tuple[str, ...]:
        """The text of the closest judged need that the offer of this row helps; empty for none."""
        column = int(np.searchsorted(self.rows, row))
        if column == len(self.rows) or int(self.rows[column]) != row:
            return ()
        closeness = (near.dense + near.lexical) * (self.gains[:, column] >= GAINS[2])
        best = int(closeness.argmax()) if len(closeness) else 0
        return (self.texts[best],) if len(closeness) and closeness[best] > 0 else ()

    def records(self, near: Near, actor: str | None, types: Floats) -> Floats:
        """One row per name of RECORDS, shape (records, offers); 0 where nothing is known.

        `types` are the probabilities of the need types, shape (types,).
        """
        table = np.zeros((len(RECORDS), len(self.index.offers)), np.float32)
        if not near.kept.any() or not len(self.rows):
            return table
        dense, lexical = near.dense @ self.gains, near.lexical @ self.gains
        table[0, self.rows] = dense
        table[1, self.rows] = lexical
        table[2:4] = self._like(dense + lexical)
        overall = near.kept @ self.gains / near.kept.sum()
        of_type = self.types[:, :-1] * near.kept[:, None]
        by_type = of_type.T @ self.gains + SMOOTHING * overall
        by_type /= of_type.sum(axis=0)[:, None] + SMOOTHING
        table[4, self.rows] = types @ by_type / max(float(types.sum()), 1e-6)
        alike = near.kept & (np.array(self.actors, np.str_) == (actor or ""))
        table[5, self.rows] = (alike @ self.gains + SMOOTHING * overall) / (alike.sum() + SMOOTHING)
        return table

    def _like(self, helped: Floats) -> Floats:
        """Closeness of each offer to the mean of those that helped; share of its kind in them."""
        centre = helped @ self.index.text_vectors[self.rows]
        shares = np.bincount(
            self.index.kinds[self.rows], helped, minlength=int(self.index.kinds.max()) + 1
        )
        closeness = self.index.text_vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-6))
        of_kind = shares[self.index.kinds] / max(float(helped.sum()), 1e-6)
        return np.stack((closeness, of_kind.astype(np.float32)))


def _shares(closeness: Floats, sharpness: float) -> Floats:
    """The closest needs share 1, the closer the more; all 0 when nothing is close."""
    shares = np.zeros(len(closeness), np.float32)
    nearest = np.argsort(-closeness, kind="stable")[:NEIGHBOURS]
    nearest = nearest[closeness[nearest] > 0]
    if len(nearest):
        shares[nearest] = np.exp(sharpness * (closeness[nearest] - closeness[nearest[0]]))
        shares /= shares.sum()
    return shares
