"""An offer as one point: its vectors, its words weighed as BM25 does, and its facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from data.indexes.filters import Stored, stored
from matching.index import ExactIndex
from matching.lexical import Lexical

TEXT, EXPRESSIONS = "text", "expressions"
"""Dense: the vector of an offer's text; those of its own field expressions, the closest counts."""
TEXT_WORDS, EXPRESSION_WORDS = "text_words", "expression_words"
"""Sparse: the words of its text; those of its own field expressions, each where it weighs most."""

Sparse = Mapping[int, float]
"""Number of a word -> its weight."""


@dataclass(frozen=True, slots=True)
class Point:
    """`vectors` and `sparse` by name; an offer without expressions of its own has none there."""

    id: str
    payload: Mapping[str, Stored]
    vectors: Mapping[str, list[float] | list[list[float]]]
    sparse: Mapping[str, Sparse]


def point_id(offer_id: str) -> str:
    """The same UUID for the same offer: what is written twice is one point."""
    return str(uuid5(NAMESPACE_URL, f"aiguille:{offer_id}"))


def word_number(token: str) -> int:
    """A number on 32 bits for any word, so that no vocabulary is shared between processes."""
    return int.from_bytes(blake2b(token.encode(), digest_size=4).digest(), "big")


def query_words(tokens: Iterable[str]) -> Sparse:
    """The words of a need: BM25 is already in the offers' weights, what is left is a count."""
    return {number: float(n) for number, n in Counter(map(word_number, tokens)).items()}


def points(index: ExactIndex) -> Iterator[Point]:
    """Every offer of an index, in the order of ids."""
    texts, said = weighed(index.text_lexical), weighed(index.expressions.lexical)
    for row, offer in enumerate(index.offers):
        vectors: dict[str, list[float] | list[list[float]]] = {
            TEXT: index.text_vectors[row].tolist()
        }
        sparse: dict[str, Sparse] = {TEXT_WORDS: texts[row]}
        if (group := index.group_of.get(row)) is not None:
            members = [int(p) for p in index.expressions.slots[group] if p >= 0]
            vectors[EXPRESSIONS] = index.expressions.vectors[members].tolist()
            sparse[EXPRESSION_WORDS] = _highest([said[m] for m in members])
        yield Point(point_id(offer.id), stored(offer), vectors, sparse)


def weighed(lexical: Lexical) -> Sequence[Sparse]:
    """The finished BM25 weights of each document, word by word."""
    numbers = np.empty(len(lexical.vocabulary), np.int64)
    for token, position in lexical.vocabulary.items():
        numbers[position] = word_number(token)
    by_posting = np.repeat(numbers, np.diff(lexical.starts))
    documents: list[dict[int, float]] = [{} for _ in range(lexical.size)]
    for row, number, weight in zip(
        lexical.rows.tolist(), by_posting.tolist(), lexical.weights.tolist(), strict=True
    ):
        documents[row][number] = documents[row].get(number, 0.0) + weight
    return documents


def _highest(passages: Sequence[Sparse]) -> Sparse:
    found: dict[int, float] = {}
    for passage in passages:
        for number, weight in passage.items():
            found[number] = max(weight, found.get(number, 0.0))
    return found
