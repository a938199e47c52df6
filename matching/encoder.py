"""Texts to unit vectors, behind one protocol: embedded, LSA of the catalogue, any transformer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.errors import AiguilleError
from matching.text import tokens

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

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

    `projection` has shape (vocabulary, dimension), idf included. Fitting needs scikit-learn,
    encoding scipy alone.
    """

    vocabulary: Mapping[str, int]
    projection: Floats

    @classmethod
    def fit(cls, texts: Sequence[str], *, dimension: int = 128, seed: int = 0) -> LsaEncoder:
        from scipy.sparse import csr_matrix
        from sklearn.decomposition import TruncatedSVD

        # Sorted: the seeded decomposition must not depend on the order of the catalogue.
        said = [tokens(text) for text in sorted(texts)]
        frequencies = Counter(token for one in said for token in set(one))
        vocabulary = {t: i for i, t in enumerate(sorted(frequencies))}
        known = min(len(vocabulary), len(texts))
        if known < 3:
            return cls(vocabulary, np.eye(len(vocabulary), dtype=np.float32))
        idf = np.array([np.log((1 + len(texts)) / (1 + frequencies[t])) + 1 for t in vocabulary])
        tfidf = _log_frequencies(said, vocabulary).multiply(idf).tocsr()
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
        return unit(_log_frequencies(said, self.vocabulary) @ self.projection)


def _log_frequencies(said: Sequence[Sequence[str]], vocabulary: Mapping[str, int]) -> csr_matrix:
    """1 + log of how often each text says each known word, shape (texts, vocabulary)."""
    from scipy.sparse import csr_matrix

    known = [[vocabulary[token] for token in one if token in vocabulary] for one in said]
    ends = np.cumsum([0, *map(len, known)])
    columns = np.fromiter(chain.from_iterable(known), np.int32, ends[-1])
    shape = (len(said), len(vocabulary))
    counts = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape)
    counts.sum_duplicates()
    counts.data = 1 + np.log(counts.data)
    return counts


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
