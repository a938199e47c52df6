"""Groups of short texts (the field expressions of an offer or of a need type), read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.encoder import Encoder, Floats, LsaEncoder
from matching.lexical import Lexical
from matching.text import tokens

BEST = 3


def vectors_and_postings(texts: Sequence[str], encoder: Encoder) -> tuple[Floats, Lexical]:
    """The two ways in which a text is compared; its words are read once where both need them.

    Vectors lie a dimension after the other: one need is then compared twice as fast.
    """
    said = [tokens(text) for text in texts]
    read = encoder.encode_said(said) if isinstance(encoder, LsaEncoder) else encoder.encode(texts)
    return np.asfortranarray(read), Lexical.of(said)


@dataclass(frozen=True, slots=True)
class Passages:
    """`slots` has shape (groups, widest group): the passage numbers of each group, -1 for none."""

    vectors: Floats
    lexical: Lexical
    slots: NDArray[np.int32]

    @classmethod
    def build(cls, groups: Sequence[Sequence[str]], encoder: Encoder) -> Passages:
        texts = [text for group in groups for text in group]
        widest = max([BEST, *map(len, groups)])
        slots = np.full((len(groups), widest), -1, np.int32)
        first = 0
        for row, group in zip(slots, groups, strict=True):
            row[: len(group)] = np.arange(first, first + len(group))
            first += len(group)
        return cls(*vectors_and_postings(texts, encoder), slots)

    def dense(self, vector: Floats) -> Floats:
        """Cosine of every passage with the need, shape (passages,)."""
        return self.vectors @ vector

    def best_of_groups(self, similarities: Floats) -> tuple[Floats, Floats]:
        """Mean of the best three passages of each group, and the best; 0 for an empty one.

        Similarities of shape (..., passages) give two arrays of shape (..., groups).
        """
        nothing = np.full((*similarities.shape[:-1], 1), -np.inf, np.float32)
        padded = np.concatenate((similarities, nothing), axis=-1)[..., self.slots]
        best = np.partition(padded, -BEST, axis=-1)[..., -BEST:]
        present = np.isfinite(best)
        best = np.where(present, best, 0)
        mean = best.sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)
        return np.asarray(mean, np.float32), np.asarray(best[..., -1], np.float32)

    def mean_of_best(self, similarities: Floats) -> Floats:
        """Mean of the best three passages of each group, shape (..., groups)."""
        return self.best_of_groups(similarities)[0]

    def best_of(self, group: int, similarities: Floats) -> int | None:
        """The passage of a group closest to the need, None when the group is empty."""
        members = self.slots[group][self.slots[group] >= 0]
        return int(members[similarities[members].argmax()]) if members.size else None
