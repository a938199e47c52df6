"""How alike needs are: by meaning, by words, by who asks and from where. A kernel over needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching.domain import Need
from matching.encoder import Floats
from matching.lexical import Lexical
from matching.text import tokens

SHARPNESS = 2.0
"""Likeness of meaning is exp(SHARPNESS x (cosine - 1)), that of words the cosine of tf-idf."""
SAME_KIND, SAME_REGION, SAME_DEPARTMENT = 0.7, 0.7, 0.5
"""How much more alike are two needs of the same kind of actor, of the same place. All of these
were chosen on judged needs, leaving out each author in turn."""

Strings = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Needs to be compared with.

    `words` are postings whose weights are n x idf^2 / length; `company` has shape (needs, 3):
    the kind of actor, the région and the département, empty where they are not known.
    """

    vectors: Floats
    words: Lexical
    company: Strings

    @classmethod
    def build(cls, needs: Sequence[Need], vectors: Floats, lexical: Lexical) -> Likeness:
        """`lexical` has the postings of the texts of these needs."""
        documents = [Counter(tokens(need.text)) for need in needs]
        lengths = [_length(lexical, d) for d in documents]
        weights = [
            documents[row][token] * _idf(lexical, token) ** 2 / lengths[row]
            for token, t in lexical.vocabulary.items()
            for row in lexical.rows[lexical.starts[t] : lexical.starts[t + 1]].tolist()
        ]
        words = replace(lexical, weights=np.array(weights, np.float32))
        return cls(vectors, words, company(needs))

    def of(self, said: Sequence[Sequence[str]], vectors: Floats, others: Strings) -> Floats:
        """How alike each of these needs is to each other one, shape (others, needs).

        Positive and symmetric. `said` are their tokens, `others` their company.
        """
        words = np.stack([self.words.scores(s) / _length(self.words, Counter(s)) for s in said])
        meaning = np.exp(SHARPNESS * (vectors @ self.vectors.T - 1))
        same = (others[:, None] == self.company) & (others[:, None] != "")
        kind, region, department = np.moveaxis(same.astype(np.float32), 2, 0)
        place = 1 + SAME_REGION * region + SAME_DEPARTMENT * department
        return np.asarray((meaning + words) * (1 + SAME_KIND * kind) * place, np.float32)


def company(needs: Sequence[Need]) -> Strings:
    """Who asks and from where, shape (needs, 3)."""
    rows = [(n.actor.kind or "", _code(n, "REG-"), _code(n, "DEP-")) for n in needs]
    return np.array(rows, np.str_).reshape(-1, 3)


def _code(need: Need, level: str) -> str:
    codes = sorted(need.place.within) if need.place else ()
    return next((c for c in codes if c.startswith(level)), "")


def _idf(lexical: Lexical, token: str) -> float:
    """Rarity of a token among the needs; that of one never said is the greatest."""
    return lexical.idf(token) or float(np.log(1 + (lexical.size + 0.5) / 0.5))


def _length(lexical: Lexical, counts: Counter[str]) -> float:
    """Euclidean length of the tf-idf vector; 1 for no word at all."""
    return float(np.sqrt(sum((n * _idf(lexical, t)) ** 2 for t, n in counts.items()))) or 1.0
