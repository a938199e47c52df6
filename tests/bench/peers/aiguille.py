"""Our own exact index: what the others are measured against."""

from __future__ import annotations

from pathlib import Path

from matching.index import ExactIndex
from tests.bench.peers.question import Asked, Built, World
from tests.builders import TODAY

NAME, NEEDS = "Aiguille exact", "matching"
HOW = (
    "`ExactIndex.shortlist`: rules judged over all offers, both similarities of every offer, "
    "standardised over the admissible ones and summed. No need types are given to it, so that it "
    "reads an offer by its text as the others do."
)


class _Given:
    """An encoder that has the vectors already."""

    def __init__(self, world: World) -> None:
        self.name, self.vectors = "given", world.vectors

    def encode(self, texts):
        return self.vectors[: len(texts)]


def build(world: World, folder: Path) -> Built:
    index = ExactIndex.build(world.offers, (), _Given(world))

    def search(asked: Asked, count: int):
        return index.shortlist(asked.need, asked.query, TODAY, count)

    return Built(search)
