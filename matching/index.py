"""The catalogue, ready to be searched: exact, in process, right up to some 300,000 offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.columns import Bools, Columns, Ints
from matching.domain import Need, NeedType, Offer
from matching.eligibility import judge
from matching.encoder import Encoder, Floats
from matching.lexical import Lexical
from matching.nearness import locality
from matching.passages import Passages, vectors_and_postings
from matching.text import Word, fold, offer_text, words

SIGNALS = (
    "dense_text",
    "bm25_text",
    "dense_expressions",
    "bm25_expressions",
    "dense_closest",
    "bm25_closest",
)
"""Similarities of a need to an offer: its text, the mean of its best three expressions, the
closest one. Those of words are log(1 + BM25): a word said often in one text would else drown what
vectors say (on four catalogues of public pages, the sum of z-scores goes from .781 to .796)."""
RETRIEVAL = np.array([1, 1, 1, 1, 0, 0], np.float32)
"""What each signal weighs in the sum by which offers are retrieved."""
RANK_WEIGHTS = np.array([1.0, 0.85, 0.65, 0.5], np.float32)
"""What a need type is worth by its place in the offer's list; the last for all that follow."""

Rows = NDArray[np.intp]
"""Places in an array, as numpy indexes it fastest."""


@dataclass(frozen=True, slots=True)
class Query:
    """A text to search with: its words and its vector."""

    words: tuple[Word, ...]
    vector: Floats

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(w.token for w in self.words)

    @classmethod
    def of(cls, text: str, encoder: Encoder) -> Query:
        return cls(tuple(words(text)), encoder.encode([text])[0])


@dataclass(frozen=True, slots=True)
class Signals:
    """Raw similarities of a need to every offer: `table` has shape (signals, offers).

    `types` has shape (4, need types): dense and BM25 closeness to the expressions of each, the
    mean of the best three, then the closest. `expression_similarities` are the cosines of every
    field expression, to cite the closest.
    """

    table: Floats
    types: Floats
    expression_similarities: Floats

    def scale(self, among: Bools) -> Scale:
        """What standardises each signal over the offers `among`: mean 0, deviation 1."""
        weights = among.astype(np.float32) / max(int(among.sum()), 1)
        means = self.table @ weights
        deviations = np.sqrt(np.square(self.table - means[:, None]) @ weights)
        varies = deviations > 1e-5
        factors = np.where(varies, 1 / np.where(varies, deviations, 1), 0)
        return Scale(np.asarray(means, np.float32), np.asarray(factors, np.float32))


@dataclass(frozen=True, slots=True)
class Scale:
    """Means and inverse deviations of the signals, shape (signals,) each."""

    means: Floats
    factors: Floats

    def sum(self, table: Floats) -> Floats:
        """The z-scores of the signals, summed: how retrieval orders offers, shape (offers,)."""
        factors = self.factors * RETRIEVAL
        return np.asarray(factors @ table - factors @ self.means, np.float32)

    def standardised(self, table: Floats) -> Floats:
        return np.asarray((table - self.means[:, None]) * self.factors[:, None], np.float32)


class SearchIndex(Protocol):
    """Where candidates come from, wherever the catalogue lives (docs/decisions/0012)."""

    def admissible(self, need: Need, today: date | None) -> frozenset[str]:
        """The ids of the offers that no rule excludes."""
        ...

    def shortlist(
        self, need: Need, query: Query, today: date | None, count: int
    ) -> tuple[str, ...]:
        """At most `count` admissible ids, the most alike first."""
        ...


def best(order: Floats, rows: Rows, count: int) -> Rows:
    """The `count` rows of the highest order, best first; ties break by row, hence by id."""
    if len(rows) > count:
        among = order[rows]
        rows = rows[among >= np.partition(among, -count)[-count]]
    return rows[np.argsort(-order[rows], kind="stable")][:count]


class ExactIndex:
    """Offers read as passages: their text, and their field expressions.

    An offer without expressions of its own is read through those of its need types.
    """

    def __init__(
        self,
        offers: Sequence[Offer],
        need_types: Sequence[NeedType],
        text_vectors: Floats,
        text_lexical: Lexical,
        expressions: Passages,
        type_expressions: Passages,
    ) -> None:
        self.offers = offers
        self.need_types = need_types
        self.text_vectors = text_vectors
        self.text_lexical = text_lexical
        self.expressions = expressions
        self.type_expressions = type_expressions
        self.columns = Columns.of(offers)
        self.rows: Mapping[str, int] = {o.id: i for i, o in enumerate(offers)}
        self.type_sets, self.type_set_of = _type_sets(offers, need_types)
        self.kinds = _numbered([o.kind or "" for o in offers])
        self.expressed = np.array([i for i, o in enumerate(offers) if o.expressions], np.int32)
        self.group_of: Mapping[int, int] = {int(r): g for g, r in enumerate(self.expressed)}

    @classmethod
    def build(
        cls, offers: Sequence[Offer], need_types: Sequence[NeedType], encoder: Encoder
    ) -> ExactIndex:
        """Encode and post a catalogue; ties break by id, so the offers are put in id order."""
        ordered = sorted(offers, key=lambda o: o.id)
        return cls(
            ordered,
            need_types,
            *vectors_and_postings([offer_text(o) for o in ordered], encoder),
            Passages.build([o.expressions for o in ordered if o.expressions], encoder),
            Passages.build([t.passages for t in need_types], encoder),
        )

    def signals(self, query: Query) -> Signals:
        """Dense and lexical similarity of the need to the text and expressions of each offer."""
        tokens = query.tokens
        table = np.empty((len(SIGNALS), len(self.offers)), np.float32)
        np.matmul(self.text_vectors, query.vector, out=table[0])
        _damp(self.text_lexical.scores(tokens), out=table[1])
        similarities = self.expressions.dense(query.vector)
        types = _closeness(
            self.type_expressions,
            self.type_expressions.dense(query.vector),
            self.type_expressions.lexical.scores(tokens),
        )
        self._by_type_set(_damped(types), table[2:])
        if len(self.expressed):
            own = (similarities, self.expressions.lexical.scores(tokens))
            table[2:, self.expressed] = _damped(_closeness(self.expressions, *own))
        return Signals(table, types, similarities)

    def admissible(self, need: Need, today: date | None) -> frozenset[str]:
        """The ids of the offers that no rule excludes."""
        rows = np.flatnonzero(judge(self.columns, need, today).admissible)
        return frozenset(self.columns.ids[row] for row in rows)

    def shortlist(
        self, need: Need, query: Query, today: date | None, count: int
    ) -> tuple[str, ...]:
        """The admissible ids whose standardised similarities sum highest."""
        admissible = judge(self.columns, need, today).admissible
        signals = self.signals(query)
        order = signals.scale(admissible).sum(signals.table)
        return tuple(
            self.columns.ids[row] for row in best(order, np.flatnonzero(admissible), count)
        )

    def _by_type_set(self, by_type: Floats, out: Floats) -> None:
        """The best of each row over the need types of each offer, in `out`: (rows, offers).

        0 for an offer of no need type.
        """
        # A row a need type: what is taken lies together, two to three times faster to read.
        padded = np.ascontiguousarray(np.pad(np.maximum(by_type, 0), ((0, 0), (0, 1))).T)
        of_sets = padded.take(self.type_sets, axis=0).max(axis=0)
        out[:] = of_sets.take(self.type_set_of, axis=0).T

    def by_types(self, types: Floats, rows: Rows) -> Floats:
        """What the need types of these offers are worth to a need: shape (most types, rows).

        `types` is the probability of each. An offer names its principal type first: the others
        count for less.
        """
        sets = self.type_sets[:, self.type_set_of[rows]]
        rank = np.minimum(np.arange(len(sets)), len(RANK_WEIGHTS) - 1)
        return np.append(types, np.float32(0))[sets] * RANK_WEIGHTS[rank, None]

    @cached_property
    def families(self) -> Sequence[str]:
        """Of each offer, the id of the national one of which it is the local form, or its own."""
        nationals = ((o, o.national_offer) for o in self.offers)
        return [o.id if n is None or n not in self.rows else n for o, n in nationals]

    @cached_property
    def headings(self) -> Sequence[str]:
        """What offers are browsed by: title, summary and provider, folded. It takes half a second
        for 20,000 offers, so once.
        """
        return [fold(" ".join((o.title, o.summary, o.provider.name))) for o in self.offers]

    @cached_property
    def axes(self) -> Mapping[str, Bools]:
        """Which offers act on each axis; those of both are on either."""
        said = {axis for o in self.offers if (axis := o.axis) not in {None, "both"}}
        return {
            axis: np.fromiter((o.axis in {axis, "both"} for o in self.offers), np.bool_)
            for axis in said
            if axis is not None
        }

    @cached_property
    def breadth(self) -> Floats:
        """How local each offer is by itself: 0 national or not known, 1 for one commune."""
        found = np.zeros(len(self.offers), np.float32)
        for code, rows in self.columns.territories.rows.items():
            found[rows] = locality(code)
        return found

    @cached_property
    def welcomes_volunteers(self) -> Bools:
        return np.fromiter((o.volunteer_only_ok is True for o in self.offers), np.bool_)

    @cached_property
    def generalists(self) -> Bools:
        return np.fromiter((o.generalist for o in self.offers), np.bool_, len(self.offers))


def _closeness(passages: Passages, dense: Floats, bm25: Floats) -> Floats:
    """Closeness of each group: dense and BM25, mean of the best three then best: (4, groups)."""
    return np.concatenate(passages.best_of_groups(np.stack((dense, bm25))))


def _damped(closeness: Floats) -> Floats:
    """The same closeness (see `_closeness`), log(1 + x) of BM25: before it is spread over offers,
    which are many.
    """
    damped = closeness.copy()
    _damp(damped[1::2], out=damped[1::2])
    return damped


def _damp(bm25: Floats, out: Floats) -> None:
    """log(1 + BM25) in `out`. Not `log1p`: numpy computes it one number after another."""
    np.log(bm25 + np.float32(1), out=out)


def _numbered(values: Sequence[str]) -> Ints:
    """The same number for the same value, shape (values,)."""
    numbers: dict[str, int] = {}
    counted = (numbers.setdefault(v, len(numbers)) for v in values)
    return np.fromiter(counted, np.int32, len(values))


def _type_sets(offers: Sequence[Offer], need_types: Sequence[NeedType]) -> tuple[Rows, Rows]:
    """Distinct lists of need types, numbers padded with -1; the list of each offer."""
    position = {t.code: i for i, t in enumerate(need_types)}
    numbers: dict[tuple[str, ...], int] = {}
    set_of = np.fromiter(
        (numbers.setdefault(o.need_types, len(numbers)) for o in offers),
        np.intp,
        len(offers),
    )
    widest = max([1, *map(len, numbers)])
    # One list a column: numpy reduces along the first axis forty times faster.
    sets = np.full((widest, len(numbers)), -1, np.intp)
    for codes, number in numbers.items():
        known = [position[c] for c in codes if c in position]
        sets[: len(known), number] = known
    return sets, set_of
