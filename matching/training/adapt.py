"""Second pass: French texts that answer each other, and our own expressions and offers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from rich.progress import track
from torch import nn
from torch.nn import functional
from transformers import BertModel

from matching.training.distil import encode, optimiser
from matching.training.pairs import Pair, batches_of_one_source, learning_rate
from matching.training.static_table import not_rivals

BATCH, LONGEST, STEPS = 64, 64, 300
WORDS_RATE, BODY_RATE, WARM_UP, CLIP, SCALE = 2e-4, 3e-5, 60, 1.0, 20.0


def adapt(
    model: BertModel,
    tokenizer: object,
    pairs: Sequence[Pair],
    *,
    seed: int,
    steps: int = STEPS,
) -> None:
    """Multiple-negatives ranking, in place; each batch from one source, so that its other texts
    are hard to tell apart. A low rate and few steps keep what the first pass learned.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    optimizer = optimiser(model, WORDS_RATE, BODY_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate(step, steps, WARM_UP)
    )
    model.train()
    for batch in track(batches_of_one_source(pairs, BATCH, steps, rng), "Adaptation", total=steps):
        lefts, rights = [p.left for p in batch], [p.right for p in batch]
        with torch.autocast("cpu", torch.bfloat16):
            left = encode(model, tokenizer, lefts, LONGEST).float()
            right = encode(model, tokenizer, rights, LONGEST).float()
        scores = SCALE * left @ right.T - not_rivals(lefts, rights)
        own = torch.arange(len(batch))
        loss = functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
    model.eval()
