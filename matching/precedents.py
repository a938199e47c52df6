"""What helped in similar judged needs: the memory that a ranker learns to trust."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.domain import Need
from matching.encoder import Encoder, Floats
from matching.foretelling import fit, inverse, weights_without
from matching.index import ExactIndex, Query
from matching.lexical import Lexical
from matching.likeness import Likeness, company
from matching.text import tokens

GAINS = (0.0, 0.25, 0.7, 1.0)
"""What a grade is worth, by the grade (0 to 3)."""
NEIGHBOURS = 12
SHARPNESS_DENSE, SHARPNESS_LEXICAL = 12.0, 4.0
"""How fast a neighbour counts less than the closest: exp(-sharpness x how much it is behind)."""
ALIKE = 0.4
"""The least share of the closest need's closeness at which another one is told as close."""
SMOOTHING = 4.0
"""A record over fewer needs than this leans on that of all needs."""

RECORDS = (
    "foretold",
    "similar_dense",
    "similar_lexical",
    "like_what_helped",
    "kind_that_helped",
    "helped_types",
    "helped_profile",
)
"""What all judged needs foretell; what the closest were helped by, by meaning and by words; how
close an offer is to those that helped, and how often its kind did; how often it helped needs of
these types, and of this kind of actor."""
RETRIEVING = [RECORDS.index(n) for n in ("foretold", "similar_dense", "similar_lexical")]
"""The records that also say which offers to retrieve."""

HISTORY = ("foretold", "similar_dense", "similar_lexical", "helped_types", "helped_profile")
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

    `foretold` is what all of them foretell: the gain of each graded offer, each need type,
    urgency, and whether anything helps; shape (graded offers + types + 2,).
    """

    kept: NDArray[np.bool_]
    dense: Floats
    lexical: Floats
    foretold: Floats


@dataclass(frozen=True)
class Precedents:
    """Judged needs over a catalogue.

    `rows` are the offers that some of them graded, in order, and `gains` what those were worth,
    shape (needs, graded offers); `types` has shape (needs, types + 1): the last column is
    urgency. `weights` are those of the regression (see `foretelling`) on `targets`.
    """

    index: ExactIndex
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    lexical: Lexical
    likeness: Likeness
    rows: NDArray[np.int32]
    gains: Floats
    types: Floats
    weights: Floats

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
        needs = [j.need for j in judged]
        texts = tuple(n.text for n in needs)
        lexical = Lexical.build(texts)
        likeness = Likeness.build(needs, encoder.encode(texts), lexical)
        weights = np.zeros((0, len(graded) + types.shape[1] + 1), np.float32)
        if judged:
            weights = fit(_kernel(likeness, texts), _targets(gains, types))
        return cls(
            index,
            ids=tuple(j.id for j in judged),
            texts=texts,
            lexical=lexical,
            likeness=likeness,
            rows=np.array([index.rows[i] for i in graded], np.int32),
            gains=gains,
            types=types,
            weights=weights,
        )

    def near(self, need: Need, query: Query, leaving_out: Collection[str] = ()) -> Near:
        """The judged needs closest to this one; those whose id is in `leaving_out` do not count."""
        if not self.ids:
            nothing = np.zeros(0, np.float32)
            return Near(nothing > 0, nothing, nothing, np.zeros(self.weights.shape[1], np.float32))
        kept = np.ones(len(self.ids), np.bool_)
        if leaving_out:
            kept = np.fromiter((i not in leaving_out for i in self.ids), np.bool_, len(self.ids))
        cosines = np.where(kept, self.likeness.vectors @ query.vector, -1)
        bm25 = np.where(kept, self.lexical.scores(query.tokens), -1)
        highest = max(float(bm25.max(initial=0)), 1e-6)
        (alike,) = self.likeness.of([query.tokens], query.vector[None], company([need]))
        return Near(
            kept,
            _shares(np.asarray(cosines, np.float32), SHARPNESS_DENSE),
            _shares(np.asarray(bm25 / highest, np.float32), SHARPNESS_LEXICAL),
            alike @ (self.weights if kept.all() else self._weights_of(kept.tobytes())),
        )

    @cached_property
    def _weights_of(self) -> Callable[[bytes], Floats]:
        """The weights of the regression on the needs kept alone; those of a block are asked for
        many times in a row.
        """

        @lru_cache(maxsize=16)
        def found(kept: bytes) -> Floats:
            out = np.flatnonzero(~np.frombuffer(kept, np.bool_))
            return weights_without(out, self.weights, self._inverse)

        return found

    @cached_property
    def _inverse(self) -> Floats:
        return inverse(_kernel(self.likeness, self.texts))

    def type_shares(self, near: Near) -> Floats:
        """How many of the closest needs are of each type, by meaning, by words, and of all.

        Shape (3, types + 1): the last column is urgency.
        """
        every = near.kept / max(int(near.kept.sum()), 1)
        return np.stack((near.dense, near.lexical, every.astype(np.float32))) @ self.types

    def foretold_types(self, near: Near) -> Floats:
        """How far each need type, then urgency, is foretold: shape (types + 1,)."""
        return near.foretold[len(self.rows) : -1]

    def answered(self, near: Near) -> tuple[float, float, float]:
        """The share of needs that some offer helps: among the closest, by meaning and by words,
        and as all of them foretell it.
        """
        helped = self.gains.any(axis=1)
        return float(near.dense @ helped), float(near.lexical @ helped), float(near.foretold[-1])

    def closest_helped(self, near: Near, row: int) -> tuple[str, ...]:
        """The text of the closest judged need that the offer of this row helps; empty when it is
        far behind the closest need of all.
        """
        column = int(np.searchsorted(self.rows, row))
        if column == len(self.rows) or int(self.rows[column]) != row:
            return ()
        closeness = near.dense + near.lexical
        helped = closeness * (self.gains[:, column] >= GAINS[2])
        best = int(helped.argmax())
        close = helped[best] > 0 and helped[best] >= ALIKE * closeness.max()
        return (self.texts[best],) if close else ()

    def records(self, near: Near, actor: str | None, types: Floats) -> Floats:
        """One row per name of RECORDS, shape (records, offers); 0 where nothing is known.

        `types` are the probabilities of the need types, shape (types,).
        """
        table = np.zeros((len(RECORDS), len(self.index.offers)), np.float32)
        if not near.kept.any() or not len(self.rows):
            return table
        dense, lexical = near.dense @ self.gains, near.lexical @ self.gains
        table[0, self.rows] = near.foretold[: len(self.rows)]
        table[1, self.rows] = dense
        table[2, self.rows] = lexical
        table[3:5] = self._like(dense + lexical)
        counts = self._counts if near.kept.all() else self._count(near.kept)
        by_type, of_type, by_actor, of_actor, overall = counts
        leaning = SMOOTHING * overall
        helped = (by_type + leaning) / (of_type[:, None] + SMOOTHING)
        table[5, self.rows] = types @ helped / max(float(types.sum()), 1e-6)
        kind = actor or ""
        alike = by_actor.get(kind, np.float32(0))
        table[6, self.rows] = (alike + leaning) / (of_actor.get(kind, 0) + SMOOTHING)
        return table

    @cached_property
    def _counts(self) -> Counts:
        return self._count(np.ones(len(self.ids), np.bool_))

    def _count(self, kept: NDArray[np.bool_]) -> Counts:
        kinds = sorted(set(self.actors.tolist()))
        is_of = (self.actors[:, None] == np.array(kinds)) & kept[:, None]
        types = self.types[:, :-1] * kept[:, None]
        by_actor = is_of.T.astype(np.float32) @ self.gains
        return Counts(
            types.T @ self.gains,
            types.sum(axis=0),
            dict(zip(kinds, by_actor, strict=True)),
            dict(zip(kinds, is_of.sum(axis=0).tolist(), strict=True)),
            by_actor.sum(axis=0) / kept.sum(),
        )

    @property
    def actors(self) -> NDArray[np.str_]:
        """The kind of actor of each need, "" when not known."""
        return self.likeness.company[:, 0]

    def _like(self, helped: Floats) -> Floats:
        """Closeness of each offer to the mean of those that helped; share of its kind in them."""
        centre = helped @ self.index.text_vectors[self.rows]
        shares = np.bincount(
            self.index.kinds[self.rows], helped, minlength=int(self.index.kinds.max()) + 1
        )
        closeness = self.index.text_vectors @ (centre / max(float(np.linalg.norm(centre)), 1e-6))
        of_kind = shares[self.index.kinds] / max(float(helped.sum()), 1e-6)
        return np.stack((closeness, of_kind.astype(np.float32)))


class Counts(NamedTuple):
    """What offers were worth in all, by need type and kind of actor; how many needs of each."""

    by_type: Floats
    of_type: Floats
    by_actor: Mapping[str, Floats]
    of_actor: Mapping[str, int]
    overall: Floats


def _targets(gains: Floats, types: Floats) -> Floats:
    """What the regression foretells: gains, types, urgency, and whether anything helps."""
    return np.column_stack((gains, types, gains.any(axis=1).astype(np.float32)))


def _kernel(likeness: Likeness, texts: Sequence[str]) -> Floats:
    return likeness.of([tokens(t) for t in texts], likeness.vectors, likeness.company)


def _shares(closeness: Floats, sharpness: float) -> Floats:
    """The closest needs share 1, the closer the more; all 0 when nothing is close."""
    shares = np.zeros(len(closeness), np.float32)
    nearest = np.argsort(-closeness, kind="stable")[:NEIGHBOURS]
    nearest = nearest[closeness[nearest] > 0]
    if len(nearest):
        shares[nearest] = np.exp(sharpness * (closeness[nearest] - closeness[nearest[0]]))
        shares /= shares.sum()
    return shares
