"""Qdrant's engine in process, through the adapter of the contract tests."""

from __future__ import annotations

from pathlib import Path

from data.indexes.filters import stored
from data.indexes.hybrid import Search
from data.indexes.points import TEXT, TEXT_WORDS, Point, point_id, query_words, weighed
from matching.lexical import Lexical
from tests.bench.peers.question import Asked, Built, World

NAME, NEEDS = "qdrant-edge", "qdrant_edge"
HOW = (
    "One point an offer, each fact with a payload index, our filter in each prefetch; dense (HNSW) "
    "and sparse (our BM25 weights), fused by `Fusion.Rrf`."
)


def build(world: World, folder: Path) -> Built:
    from tests.edge_engine import Edge

    words = weighed(Lexical.of(world.said))
    points = (
        Point(point_id(o.id), stored(o), {TEXT: v.tolist()}, {TEXT_WORDS: said})
        for o, v, said in zip(world.offers, world.vectors, words, strict=True)
    )
    engine = Edge(folder, points, world.vectors.shape[1])

    def search(asked: Asked, count: int):
        said, query = query_words(asked.query.tokens), asked.query
        searches = [
            Search(TEXT, query.vector.tolist(), asked.where),
            Search(TEXT_WORDS, said, asked.where),
        ]
        return engine.fused(searches[: 2 if said else 1], count, count)

    return Built(search)
