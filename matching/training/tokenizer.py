"""A bilingual WordPiece vocabulary: French first, English enough to keep the teacher's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from matching.training.pairs import Pair

SIZE = 32_000
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
IN_DOMAIN = frozenset({"ngc", "ngcmdx", "monentreprise", "iati", "tet", "faq_admin", "field"})
TIMES, IN_DOMAIN_TIMES, LAW_SHARE = 3, 6, 3


def train_tokenizer(pairs: Sequence[Pair], own: Sequence[str]) -> Tokenizer:
    """Lower case, accents stripped; words, punctuation and digits apart.

    French counts three times, small sources of the domain and our `own` texts six times; English
    once, that of the law a third.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=60))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=False)]
    )
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=SIZE, special_tokens=list(SPECIAL), show_progress=True, min_frequency=2
    )
    tokenizer.train_from_iterator(_texts(pairs, own), trainer)
    ends = [(t, number_of(tokenizer, t)) for t in ("[SEP]", "[CLS]")]
    tokenizer.post_processor = processors.BertProcessing(*ends)
    return tokenizer


def number_of(tokenizer: Tokenizer, token: str) -> int:
    """The number of a token that the vocabulary has."""
    number = tokenizer.token_to_id(token)
    if number is None:
        raise KeyError(token)
    return int(number)


def _texts(pairs: Sequence[Pair], own: Sequence[str]) -> Iterable[str]:
    for position, pair in enumerate(pairs):
        times = IN_DOMAIN_TIMES if pair.source in IN_DOMAIN else TIMES
        rare = pair.source.startswith("law") and position % LAW_SHARE
        if not pair.english:
            yield from [pair.left] * times
        elif not rare:
            yield pair.left
        yield from [pair.right] * times
    for text in own:
        yield from [text] * IN_DOMAIN_TIMES
