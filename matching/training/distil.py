"""The student learns, from the French side, what the teacher says of the English one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from rich.progress import track
from torch import nn
from torch.nn import functional
from transformers import BertModel

from matching.training.pairs import Pair, batches_by_length, learning_rate

BATCH, LONGEST, FRENCH = 64, 48, 0.8
WORDS_RATE, BODY_RATE, WARM_UP, CLIP = 1e-3, 1e-4, 30, 1.0
CONTRAST, SCALE = 0.5, 20.0


def encode(model: BertModel, tokenizer: object, texts: Sequence[str], longest: int) -> torch.Tensor:
    """Mean of the token vectors, scaled to length 1: shape (texts, hidden)."""
    inputs = tokenizer(  # type: ignore[operator]
        list(texts), padding=True, truncation=True, max_length=longest, return_tensors="pt"
    )
    hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
    return functional.normalize((hidden * mask).sum(1) / mask.sum(1))


def optimiser(student: BertModel, words_rate: float, body_rate: float) -> torch.optim.AdamW:
    words = student.embeddings.word_embeddings.weight
    body = [p for p in student.parameters() if p is not words]
    return torch.optim.AdamW(
        [{"params": [words], "lr": words_rate}, {"params": body, "lr": body_rate}],
        weight_decay=0.01,
    )


def distil(
    teacher: BertModel,
    teacher_tokenizer: object,
    student: BertModel,
    student_tokenizer: object,
    pairs: Sequence[Pair],
    *,
    seed: int,
) -> None:
    """Train `student` in place: loss = mean(1 - cosine) + 0.5 x in-batch ranking."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    steps = len(pairs) // BATCH
    optimizer = optimiser(student, WORDS_RATE, BODY_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate(step, steps, WARM_UP)
    )
    teacher.eval()
    student.train()
    for batch in track(batches_by_length(pairs, BATCH, rng), "Distillation", total=steps):
        french = rng.random(len(batch)) < FRENCH
        said = [p.right if f else p.left for p, f in zip(batch, french, strict=True)]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            target = encode(teacher, teacher_tokenizer, [p.left for p in batch], LONGEST)
        with torch.autocast("cpu", torch.bfloat16):
            found = encode(student, student_tokenizer, said, LONGEST)
        target, found = target.float(), found.float()
        scores = SCALE * found @ target.T
        loss = (1 - (found * target).sum(1)).mean() + CONTRAST * functional.cross_entropy(
            scores, torch.arange(len(batch))
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), CLIP)
        optimizer.step()
        schedule.step()
