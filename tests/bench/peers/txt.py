"""txtai, without its transformers (the package `txtai-minimal`): SQL over what was found alike."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from data.indexes.filters import Condition, stored
from tests.bench.peers.question import Asked, Built, World

NAME, NEEDS = "txtai", "txtai"
HOW = (
    "Faiss for vectors, its own BM25 over our tokens, content in SQLite; `similar()` first, with its "
    "own default of ten candidates an answer, then our filter in SQL among them (lists of codes by a "
    "function of ours, its documented way): it filters after it searched, so that it may lack offers."
)
WORDS = {"whitespace": True, "lowercase": False}


def build(world: World, folder: Path) -> Built:
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from txtai import Embeddings

    texts = [" ".join(one) for one in world.said]
    vector_of = dict(zip(texts, world.vectors, strict=True))
    for one in world.needs:
        vector_of.setdefault(" ".join(one.query.tokens), one.query.vector)

    def given(asked):
        return np.stack([vector_of[text] for text in asked])

    engine = Embeddings(
        method="external",
        transform=given,
        content=True,
        scoring={"method": "bm25", "terms": True, "normalize": True, "tokenizer": WORDS},
        functions=[{"name": "bears", "argcount": 2, "function": bears}],
    )
    engine.index(
        (facts["id"], {"text": text, **facts}, None)
        for text, facts in zip(texts, map(stored, world.offers), strict=True)
    )

    def search(asked: Asked, count: int):
        told = {"said": " ".join(asked.query.tokens)}
        if not told["said"]:
            return []
        where = " and ".join(_sql(one, told) for one in asked.where)
        statement = f"select id from txtai where similar(:said) and {where}"
        return [row["id"] for row in engine.search(statement, count, parameters=told)]

    return Built(search)


def bears(codes: str, wanted: str) -> int:
    return int(not set(wanted.split()).isdisjoint(json.loads(codes)))


def _sql(one: Condition, told: dict) -> str:
    if one.outside:
        return " and ".join(f"{one.key} <> '{code}'" for code in one.outside)
    if one.among:
        told[one.key] = " ".join(one.among)
        return f"bears({one.key}, :{one.key}) = 1"
    bounds = ((">=", one.at_least), ("<=", one.at_most))
    return " and ".join(f"{one.key} {sign} {n}" for sign, n in bounds if n is not None)
