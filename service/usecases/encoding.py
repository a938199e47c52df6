"""Training the embedded encoder: reads the texts, runs the recipe, ships the weights."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from data.fields import Reading
from data.frames import load_frame
from data.inventory import shipped_offers
from data.territories import Gazetteer
from matching.domain import NeedType, Offer
from matching.errors import AiguilleError
from matching.text import offer_text

if TYPE_CHECKING:
    from matching.training.pairs import Pair

ANSWERING = frozenset(
    {"faq_admin", "tet", "monentreprise", "ngcmdx", "ngc", "qfdmo", "eurovoc_def"}
)
"""Sources whose two sides answer each other, read again in the second pass."""


def train_shipped_encoder(texts: Path, teacher: Path, out: Path, *, seed: int) -> None:
    """The two passes of the recipe, then the 8-bit folder."""
    try:
        from matching.training.adapt import adapt
        from matching.training.encoder import train_encoder
        from matching.training.ship import ship
    except ImportError as missing:
        raise AiguilleError(
            "L’apprentissage demande des bibliothèques qui ne sont pas installées : installez "
            "l’extra avec pip install 'aiguille[train]'.",
            field="train",
        ) from missing
    frame = load_frame()
    read_offers = shipped_offers(Reading(frame, Gazetteer.load()))
    offers = [o for o in read_offers if isinstance(o, Offer)]
    pairs = list(read_pairs(texts))
    trained = train_encoder(pairs, own_texts(offers, frame.need_types()), teacher, seed=seed)
    answering = [p for p in pairs if p.source in ANSWERING and not p.english]
    own = own_pairs(offers, frame.need_types(), seed=seed)
    adapt(trained.model, trained.tokenizer, [*answering, *own], seed=seed)
    ship(trained.model, trained.tokenizer, out)


def read_pairs(folder: Path) -> Iterator[Pair]:
    """`parallel_en_fr.jsonl.gz` (en, fr, k) and `same_language.jsonl.gz` (lang, a, b, k)."""
    from matching.training.pairs import Pair

    with gzip.open(folder / "parallel_en_fr.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield Pair(row["en"], row["fr"], row["k"], english=True)
    with gzip.open(folder / "same_language.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            source = row["k"] if row["lang"] == "fr" else f"{row['k']}_{row['lang']}"
            yield Pair(row["a"], row["b"], source)


def own_texts(offers: Sequence[Offer], need_types: Sequence[NeedType]) -> list[str]:
    """All that the inventory and the frame say, for the vocabulary."""
    texts = [offer_text(o) for o in offers]
    texts += [e for o in offers for e in o.expressions]
    return texts + [p for t in need_types for p in t.passages]


def own_pairs(offers: Sequence[Offer], need_types: Sequence[NeedType], *, seed: int) -> list[Pair]:
    """An expression with its offer and with another of the same offer, or of its need type."""
    from matching.training.pairs import Pair

    rng = random.Random(seed)  # noqa: S311  # a draw, not a secret
    pairs: list[Pair] = []
    for offer in offers:
        text = offer_text(offer)
        for said in offer.expressions:
            other = rng.choice([e for e in offer.expressions if e != said])
            pairs += [Pair(said, text, "offer"), Pair(said, other, "expression")]
    for need_type in need_types:
        for said in need_type.expressions:
            other = rng.choice([e for e in need_type.expressions if e != said])
            pairs.append(Pair(said, other, "need_type"))
    return pairs
