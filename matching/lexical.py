"""BM25 over our own tokens (Robertson & Zaragoza 2009; Lucene's idf), scored by bm25s."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.text import tokens

K1, B = 1.2, 0.75

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lexical:
    """Postings by token: `weights[start:end]` for documents `rows[start:end]`.

    `weights` are the finished BM25 scores of a token in a document, so that a need costs one
    addition per posting.
    """

    vocabulary: Mapping[str, int]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Floats
    size: int

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexical:
        return cls.of([tokens(text) for text in texts])

    @classmethod
    def of(cls, said: Sequence[Sequence[str]]) -> Lexical:
        """Postings of texts already read as tokens."""
        import bm25s
        from bm25s.tokenization import Tokenized

        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__  # A new token has the next number.
        ids = [[numbers[t] for t in one] for one in said]
        vocabulary = dict(numbers)
        if not vocabulary:
            empty = np.zeros(0, np.float32)
            return cls({}, np.zeros(1, np.int64), empty.astype(np.int32), empty, len(said))
        engine = bm25s.BM25(method="lucene", k1=K1, b=B)
        # A copy: the engine adds an empty word to its vocabulary.
        engine.index(Tokenized(ids=ids, vocab=dict(vocabulary)), show_progress=False)
        return cls(
            vocabulary,
            np.asarray(engine.scores["indptr"], np.int64),
            np.asarray(engine.scores["indices"], np.int32),
            np.asarray(engine.scores["data"], np.float32),
            len(said),
        )

    def scores(self, need_tokens: Sequence[str]) -> Floats:
        """BM25 of every document, shape (size,); a token said twice counts twice."""
        total = np.zeros(self.size, np.float32)
        for token in need_tokens:
            if (t := self.vocabulary.get(token)) is not None:
                span = slice(self.starts[t], self.starts[t + 1])
                total[self.rows[span]] += self.weights[span]
        return total

    def holds(self, token: str, row: int) -> bool:
        """Does this document have this token? Postings are in the order of their rows."""
        if (t := self.vocabulary.get(token)) is None:
            return False
        end = int(self.starts[t + 1])
        rows = self.rows.data  # Its numbers are Python's own, which compare faster.
        at = bisect_left(rows, row, int(self.starts[t]), end)
        return at < end and rows[at] == row

    def idf(self, token: str) -> float:
        """How rare a token is; 0 when no document has it."""
        t = self.vocabulary.get(token)
        if t is None:
            return 0.0
        df = int(self.starts[t + 1] - self.starts[t])
        return float(np.log(1 + (self.size - df + 0.5) / (df + 0.5)))
