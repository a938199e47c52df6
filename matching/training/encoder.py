"""FR-MiniLM, from texts to weights: tokenizer, static table, new vocabulary, distillation."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from transformers import BertModel, PreTrainedTokenizerFast

from matching.training.distil import distil
from matching.training.pairs import Pair, by_source
from matching.training.static_table import train_static_table
from matching.training.tokenizer import train_tokenizer
from matching.training.vocabulary import swap_vocabulary

log = logging.getLogger(__name__)

SAMPLES: dict[str, int] = {
    "tatoeba": 45_000,
    "d365": 14_000,
    "lohelp": 8_000,
    "law": 9_000,
    "law_mn": 3_000,
    "law_def": 3_000,
    "eurovoc_syn": 3_000,
    "eurovoc": 3_000,
}
"""How many pairs of a source distillation reads at most; others: all, but no other law."""
REST = 3_000
MOSTLY = 3.0
"""A token is English when it is seen this many times more often in English."""


@dataclass(frozen=True, slots=True)
class Trained:
    model: BertModel
    tokenizer: PreTrainedTokenizerFast


def train_encoder(
    pairs: Sequence[Pair], own: Sequence[str], teacher_folder: Path, *, seed: int = 0
) -> Trained:
    """The whole recipe over `pairs` and our `own` texts; about an hour on two cores."""
    teacher = BertModel.from_pretrained(teacher_folder, add_pooling_layer=False)
    teacher_words = PreTrainedTokenizerFast.from_pretrained(teacher_folder)
    log.info("tokenizer")
    tokenizer = train_tokenizer(pairs, own)
    log.info("static table")
    table = train_static_table(pairs, tokenizer, seed=seed)
    log.info("vocabulary")
    student = BertModel.from_pretrained(teacher_folder, add_pooling_layer=False)
    words = swap_vocabulary(
        teacher, teacher_words, tokenizer, table, english_tokens(pairs, tokenizer)
    )
    student.resize_token_embeddings(len(words), mean_resizing=False)
    student.embeddings.word_embeddings.weight.data.copy_(words)
    student.config.pad_token_id = tokenizer.token_to_id("[PAD]")
    student_words = wrapped(tokenizer)
    log.info("distillation")
    distil(teacher, teacher_words, student, student_words, to_distil(pairs, seed), seed=seed)
    return Trained(student.eval(), student_words)


def wrapped(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    """The tokenizer as transformers wants it."""
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=512,
    )


def to_distil(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """The parallel pairs that distillation reads, each source within its share."""
    rng = np.random.default_rng(seed)
    chosen: list[Pair] = []
    for source, found in by_source([p for p in pairs if p.english]).items():
        most = SAMPLES.get(source, 0 if source.startswith("law") else REST)
        picked = rng.permutation(len(found))[:most]
        chosen += [found[i] for i in picked]
    return chosen


def english_tokens(pairs: Sequence[Pair], tokenizer: Tokenizer) -> frozenset[str]:
    """Tokens seen mostly on the English side of the parallel pairs."""
    parallel = [p for p in pairs if p.english]
    sides = [Counter[str](), Counter[str]()]
    for counts, texts in zip(
        sides, ([p.left for p in parallel], [p.right for p in parallel]), strict=True
    ):
        for found in tokenizer.encode_batch(texts, add_special_tokens=False):
            counts.update(found.tokens)
    english, french = sides
    return frozenset(t for t, n in english.items() if n > MOSTLY * french[t])
