"""The folder as a sentence-transformers model: the same graph, one text at a time.

`SentenceTransformer(folder, trust_remote_code=True)`; Aiguille itself need not be installed.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import onnxruntime
import torch
from sentence_transformers.base.modules.input_module import InputModule
from tokenizers import Tokenizer

LONGEST = 128
SPECIAL = 2
FILES = ("model.onnx", "tokenizer.json", "modules.json", "modeling_aiguille.py", "SHA256SUMS")


class Embedded(InputModule):
    """Texts to vectors of 384 dimensions, of unit length; zeros for a text without a word."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(LONGEST)
        self.tokenizer.enable_padding()

    def preprocess(self, inputs: Any, prompt: str | None = None, **_: Any) -> dict[str, Any]:
        read = self.tokenizer.encode_batch([(prompt or "") + text for text in inputs])
        return {
            "input_ids": torch.tensor([one.ids for one in read]),
            "attention_mask": torch.tensor([one.attention_mask for one in read]),
        }

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """8-bit activations are scaled over what is run together: hence one text at a time."""
        rows = zip(features["input_ids"], features["attention_mask"], strict=True)
        vectors = [self._run(ids[mask.bool()]) for ids, mask in rows]
        return {**features, "sentence_embedding": torch.stack(vectors)}

    def _run(self, ids: torch.Tensor) -> torch.Tensor:
        if len(ids) <= SPECIAL:
            return torch.zeros(self.get_embedding_dimension())
        numbers = ids.cpu().numpy()[None]
        given = {"input_ids": numbers, "attention_mask": numbers.clip(1, 1)}
        return torch.from_numpy(self.session.run(None, given)[0][0])

    def get_embedding_dimension(self) -> int:
        return int(self.session.get_outputs()[0].shape[1])

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        for name in FILES:
            shutil.copy(self.folder / name, output_path)

    @classmethod
    def load(cls, model_name_or_path: str, *_: Any, **__: Any) -> Embedded:
        return cls(Path(model_name_or_path))
