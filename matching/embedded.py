"""The embedded encoder: FR-MiniLM in 8-bit integers, run by ONNX Runtime, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from matching.encoder import Floats
from matching.errors import AiguilleError

SHIPPED = Path(__file__).parent / "model" / "encoder"
MODEL, TOKENIZER, CHECKSUMS = "model.onnx", "tokenizer.json", "SHA256SUMS"
LONGEST = 128
"""Tokens read of a text, special ones included."""
SPECIAL = 2
"""Tokens around every text."""


class EmbeddedEncoder:
    """Vectors of 384 dimensions, of unit length; zeros for a text without a word."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        content = (folder / MODEL).read_bytes()
        self.name = f"fr-minilm-{_checked(folder, content)[:8]}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self.dimension = int(self._session.get_outputs()[0].shape[1])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(LONGEST)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Rows in the order of the texts, shape (texts, 384).

        One at a time: 8-bit activations are scaled over what is run together, so that a text
        would have another vector in other company; and on one core a batch gains little.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            ids = self._tokenizer.encode(text).ids
            if len(ids) > SPECIAL:
                row[:] = self._run(ids)
        return vectors

    def _run(self, ids: Sequence[int]) -> Floats:
        numbers = np.array([ids], np.int64)
        inputs = {"input_ids": numbers, "attention_mask": np.ones_like(numbers)}
        return np.asarray(self._session.run(None, inputs)[0][0], np.float32)


def _checked(folder: Path, content: bytes) -> str:
    """The SHA-256 of the model, which must be the one written beside it."""
    digest = sha256(content).hexdigest()
    listed = dict(line.split("  ")[::-1] for line in (folder / CHECKSUMS).read_text().splitlines())
    if listed.get(MODEL) != digest:
        raise AiguilleError(
            f"L’encodeur « {folder} » est abîmé (somme de contrôle) : réinstallez Aiguille, ou "
            "choisissez l’encodeur « lsa ».",
            field="encoder",
        )
    return digest
