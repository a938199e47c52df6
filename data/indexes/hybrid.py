"""A `SearchIndex` over an engine that filters, searches by vectors and by words, and fuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from data.indexes.filters import Condition, admissible
from data.indexes.points import (
    EXPRESSION_WORDS,
    EXPRESSIONS,
    TEXT,
    TEXT_WORDS,
    Sparse,
    query_words,
)
from matching.domain import Need, NeedType
from matching.index import Query
from matching.passages import Passages

TIERS = 2
"""How many of the closest need types, by meaning and by words, get a search of their own: an offer
without expressions is read through those of its types."""


@dataclass(frozen=True, slots=True)
class Search:
    """One search by one named vector among what the conditions let through."""

    using: str
    vector: list[float] | list[list[float]] | Sparse
    where: tuple[Condition, ...]


class Engine(Protocol):
    """What is asked of a search engine."""

    def matching(self, where: Sequence[Condition]) -> Iterator[str]:
        """The ids of the offers that meet all the conditions."""
        ...

    def fused(self, searches: Sequence[Search], depth: int, count: int) -> list[str]:
        """The first `depth` ids of each search, fused by rank, at most `count`."""
        ...


class HybridIndex:
    """`types` holds the expressions of the need types: few, they stay in process."""

    def __init__(self, engine: Engine, need_types: Sequence[NeedType], types: Passages) -> None:
        self.engine = engine
        self.need_types = need_types
        self.types = types

    def admissible(self, need: Need, today: date | None) -> frozenset[str]:
        """The ids of the offers that no rule excludes."""
        return frozenset(self.engine.matching(admissible(need, today)))

    def shortlist(
        self, need: Need, query: Query, today: date | None, count: int
    ) -> tuple[str, ...]:
        """At most `count` admissible ids, the most alike first."""
        return tuple(self.engine.fused(self.searches(need, query, today), count, count))

    def searches(self, need: Need, query: Query, today: date | None) -> list[Search]:
        """By meaning and by words: over texts, own expressions, and each of the closest types."""
        where = admissible(need, today)
        vector, said = query.vector.tolist(), query_words(query.tokens)
        expressed = (*where, Condition("expressed", at_least=1))
        searches = [
            Search(TEXT, vector, where),
            Search(TEXT_WORDS, said, where),
            Search(EXPRESSIONS, [vector], expressed),
            Search(EXPRESSION_WORDS, said, expressed),
        ]
        for code in self._closest_types(query):
            tier = (
                *where,
                Condition("expressed", at_most=0),
                Condition("need_types", among=(code,)),
            )
            searches += [Search(TEXT, vector, tier), Search(TEXT_WORDS, said, tier)]
        return searches

    def _closest_types(self, query: Query) -> list[str]:
        dense = self.types.mean_of_best(self.types.dense(query.vector))
        bm25 = self.types.mean_of_best(self.types.lexical.scores(query.tokens))
        closest = [row for c in (dense, bm25) for row in np.argsort(-c, kind="stable")[:TIERS]]
        return [self.need_types[row].code for row in dict.fromkeys(closest)]
