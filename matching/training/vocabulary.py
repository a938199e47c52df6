"""Give the teacher's body a new vocabulary (WECHSEL, Minixhofer et al. 2022)."""

from __future__ import annotations

import torch
from tokenizers import Tokenizer
from torch.nn import functional
from transformers import BertModel, PreTrainedTokenizerFast

ANCHORS, TEMPERATURE = 10, 0.1
BLOCK = 2000


def swap_vocabulary(
    teacher: BertModel,
    teacher_words: PreTrainedTokenizerFast,
    tokenizer: Tokenizer,
    table: torch.Tensor,
    english: frozenset[str],
) -> torch.Tensor:
    """Word embeddings for our tokens, shape (vocabulary, hidden).

    A token is the softmax(cosine / 0.1) mean of the teacher's embeddings of its ten nearest
    anchors in the static table. Anchors are whole English words of the teacher that are one token
    for us; tokens mostly seen in English, digits and punctuation are copied.
    """
    old = teacher.embeddings.word_embeddings.weight.detach()
    theirs, ours = teacher_words.get_vocab(), tokenizer.get_vocab()
    shared = {t: i for t, i in ours.items() if t in theirs}
    anchors = [t for t in shared if t in english and t.isalpha() and len(t) > 1]
    copied = {t for t in shared if t in english or not t.strip("#").isalpha()}
    directions = functional.normalize(table)
    anchor_rows = torch.tensor([ours[t] for t in anchors])
    anchor_old = old[torch.tensor([theirs[t] for t in anchors])]
    new = torch.empty(len(ours), old.shape[1])
    for start in range(0, len(ours), BLOCK):
        cosines = directions[start : start + BLOCK] @ directions[anchor_rows].T
        nearest = cosines.topk(ANCHORS, dim=1)
        weights = functional.softmax(nearest.values / TEMPERATURE, dim=1)
        new[start : start + BLOCK] = (weights[:, :, None] * anchor_old[nearest.indices]).sum(1)
    for token in copied:
        new[ours[token]] = old[theirs[token]]
    return new
