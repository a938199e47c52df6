"""Texts to unit vectors, behind one protocol: embedded, LSA of the catalogue, any transformer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.errors import AiguilleError
from matching.text import tokens

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """`encode` returns float32 rows of unit length (zeros for a text without a known word)."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Floats: ...


def unit(vectors: Floats) -> Floats:
    """Rows scaled to length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)


@dataclass(frozen=True, slots=True)
class LsaEncoder:
    """Latent semantic analysis (Deerwester et al. 1990): log-tf x idf, truncated SVD, unit rows.

    `projection` has shape (vocabulary, dimension), idf included. Fitting needs scikit-learn;
    encoding needs numpy alone, so that a command answers at once.
    """

    vocabulary: Mapping[str, int]
    projection: Floats

    @classmethod
    def fit(cls, texts: Sequence[str], *, dimension: int = 128, seed: int = 0) -> LsaEncoder:
        from scipy.sparse import csr_matrix
        from sklearn.decomposition import TruncatedSVD

        # Sorted: the seeded decomposition must not depend on the order of the catalogue.
        documents = [Counter(tokens(t)) for t in sorted(texts)]
        frequencies = Counter(token for d in documents for token in d)
        vocabulary = {t: i for i, t in enumerate(sorted(frequencies))}
        known = min(len(vocabulary), len(texts))
        if known < 3:
            return cls(vocabulary, np.eye(len(vocabulary), dtype=np.float32))
        idf = np.array([np.log((1 + len(texts)) / (1 + frequencies[t])) + 1 for t in vocabulary])
        rows = [i for i, d in enumerate(documents) for _ in d]
        columns = [vocabulary[t] for d in documents for t in d]
        # One logarithm a count, of which there are few, not one a word of each text.
        of_count = cache(lambda n: 1 + np.log(n))
        weights = [of_count(n) for d in documents for n in d.values()]
        shape = (len(texts), len(vocabulary))
        tfidf = csr_matrix((weights, (rows, columns)), shape).multiply(idf).tocsr()
        lengths = np.sqrt(tfidf.multiply(tfidf).sum(axis=1)).A1
        scaled = csr_matrix(tfidf.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]))
        svd = TruncatedSVD(min(dimension, known - 1), random_state=seed).fit(scaled)
        return cls(vocabulary, np.asarray(svd.components_.T * idf[:, None], np.float32))

    @property
    def name(self) -> str:
        digest = sha256(self.projection.tobytes()).hexdigest()[:8]
        return f"lsa-{self.projection.shape[1]}-{digest}"

    def encode(self, texts: Sequence[str]) -> Floats:
        return self.encode_said([tokens(text) for text in texts])

    def encode_said(self, said: Sequence[Sequence[str]]) -> Floats:
        """Vectors of texts already read as tokens."""
        vectors = np.zeros((len(said), self.projection.shape[1]), np.float32)
        for row, one in zip(vectors, said, strict=True):
            known = filter(self.vocabulary.__contains__, one)
            counts = Counter(map(self.vocabulary.__getitem__, known))
            if counts:
                weights = 1 + np.log(np.fromiter(counts.values(), np.float32))
                row[:] = weights @ self.projection[list(counts)]
        return unit(vectors)


class TransformerEncoder:
    """Any sentence-transformers model, by name or folder (extra `transformers`)."""

    def __init__(self, model: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as missing:
            raise AiguilleError(
                f"Le modèle « {model} » demande sentence-transformers, qui n’est pas installé : "
                "installez l’extra avec pip install 'aiguille[transformers]', ou choisissez "
                "l’encodeur « lsa ».",
                field="encoder",
            ) from missing
        try:
            self._model: Any = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise AiguilleError(
                f"Le modèle « {model} » ne se charge pas ({error}) : donnez le dossier d’un modèle "
                "sentence-transformers ou un nom accessible depuis cette machine.",
                field="encoder",
            ) from error
        self.name = f"transformer-{model}"

    def encode(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, self._model.get_embedding_dimension()), np.float32)
        vectors = self._model.encode(list(texts), show_progress_bar=False, convert_to_numpy=True)
        return unit(np.asarray(vectors, np.float32))


def fitted(name: str) -> bool:
    """Is the named encoder fitted on the catalogue, rather than loaded?"""
    return name == "lsa"


def load_encoder(name: str) -> Encoder:
    """The named encoder: "embedded", or any sentence-transformers model by name or folder."""
    if name == "embedded":
        from matching.embedded import EmbeddedEncoder

        return EmbeddedEncoder()
    return TransformerEncoder(name)
