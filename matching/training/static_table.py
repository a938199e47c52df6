"""A static bilingual table of word vectors: where French and English words first meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import track
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from matching.training.pairs import Pair, batches_of_one_source, same_text
from matching.training.tokenizer import number_of

DIMENSION, NARROW = 256, 64
BATCH, STEPS, RATE, WARM_UP = 1024, 3000, 0.02, 0.05
SCALE, DROPOUT, LONGEST = 20.0, 0.1, 64


def train_static_table(
    pairs: Sequence[Pair], tokenizer: Tokenizer, *, seed: int, steps: int = STEPS
) -> torch.Tensor:
    """Symmetric multiple-negatives ranking on pairs; shape (vocabulary, 256).

    Matryoshka (Kusupati et al. 2022): the loss is also taken on the first 64 dimensions.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    table = nn.EmbeddingBag(tokenizer.get_vocab_size(), DIMENSION, mode="mean")
    nn.init.normal_(table.weight, std=0.1)
    optimizer = torch.optim.Adam(table.parameters(), lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=WARM_UP, cycle_momentum=False
    )
    ids = _numbered(pairs, tokenizer)
    batches = batches_of_one_source(pairs, BATCH, steps, rng)
    for batch in track(batches, "Table bilingue", total=steps):
        left = table(*_bags([ids[p.left] for p in batch], rng))
        right = table(*_bags([ids[p.right] for p in batch], rng))
        ignored = not_rivals([p.left for p in batch], [p.right for p in batch])
        wide = _ranking(left, right, ignored)
        loss = wide + _ranking(left[:, :NARROW], right[:, :NARROW], ignored)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return table.weight.detach()


def _ranking(left: torch.Tensor, right: torch.Tensor, ignored: torch.Tensor) -> torch.Tensor:
    """Each text finds its pair among those of the batch, both ways (cosine x 20)."""
    scores = SCALE * functional.normalize(left) @ functional.normalize(right).T - ignored
    own = torch.arange(len(scores))
    both = functional.cross_entropy(scores, own) + functional.cross_entropy(scores.T, own)
    return both / 2


def not_rivals(lefts: Sequence[str], rights: Sequence[str]) -> torch.Tensor:
    """What to take from the scores of a batch, where another pair has the same text."""
    same = np.maximum(same_text(lefts), same_text(rights))
    return torch.from_numpy(1e4 * same)


def _numbered(pairs: Sequence[Pair], tokenizer: Tokenizer) -> dict[str, NDArray[np.int64]]:
    texts = sorted({t for p in pairs for t in (p.left, p.right)})
    found = tokenizer.encode_batch(texts, add_special_tokens=False)
    unknown = [number_of(tokenizer, "[UNK]")]
    numbers = [np.array(e.ids[:LONGEST] or unknown, np.int64) for e in found]
    return dict(zip(texts, numbers, strict=True))


def _bags(
    numbers: Sequence[NDArray[np.int64]], rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers end to end, one in ten dropped, and where each text starts."""
    kept = [n[rng.random(len(n)) >= DROPOUT] if len(n) > 1 else n for n in numbers]
    kept = [k if len(k) else n[:1] for k, n in zip(kept, numbers, strict=True)]
    starts = np.concatenate(([0], np.cumsum([len(k) for k in kept[:-1]])))
    return torch.from_numpy(np.concatenate(kept)), torch.from_numpy(starts)
