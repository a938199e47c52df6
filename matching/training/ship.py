"""Weights to one small folder: 8-bit integers for ONNX Runtime, tokenizer, checksums."""

from __future__ import annotations

import warnings
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import BertModel, PreTrainedTokenizerFast

from matching.embedded import CHECKSUMS, MODEL, TOKENIZER

OPSET = 17


class _Pooled(torch.nn.Module):
    """Token vectors to one vector of unit length, inside the graph."""

    def __init__(self, body: BertModel) -> None:
        super().__init__()
        self.body = body

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        kinds = torch.zeros_like(input_ids)
        hidden = self.body(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=kinds
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        vectors: torch.Tensor = mean / mean.norm(dim=1, keepdim=True)
        return vectors


def ship(model: BertModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write `model.onnx`, `tokenizer.json` and their SHA-256; about 24 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    model.eval().set_attn_implementation("eager")
    ids = torch.randint(5, 1000, (2, 9))
    with TemporaryDirectory() as work, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain, fused = Path(work, "plain.onnx"), Path(work, "fused.onnx")
        torch.onnx.export(
            _Pooled(model),
            (ids, torch.ones_like(ids)),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "vectors": {0: "texts"},
            },
            opset_version=OPSET,
            dynamo=False,
        )
        found = optimizer.optimize_model(
            str(plain),
            model_type="bert",
            num_heads=model.config.num_attention_heads,
            hidden_size=model.config.hidden_size,
            opt_level=0,
            optimization_options=FusionOptions("bert"),
        )
        found.save_model_to_file(str(fused))
        quantize_dynamic(
            fused,
            folder / MODEL,
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"DefaultTensorType": 1},
        )
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    listed = [
        f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in (MODEL, TOKENIZER)
    ]
    (folder / CHECKSUMS).write_text("".join(listed))
