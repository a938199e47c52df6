"""Our own exact index: what the others are measured against."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matching.index import ExactIndex
from matching.lexical import Lexical
from matching.passages import Passages
from tests.bench.peers.question import Asked, Built, World
from tests.builders import TODAY

NAME, NEEDS = "Aiguille exact", "matching"
HOW = (
    "`ExactIndex.shortlist`: rules judged over all offers, both similarities of every offer, "
    "standardised over the admissible ones and summed. No need types are given to it, so that it "
    "reads an offer by its text as the others do."
)


def build(world: World, folder: Path) -> Built:
    none = Passages.build((), world.encoder)
    # As `ExactIndex.build` does, which would read the words again.
    vectors, words = np.asfortranarray(world.vectors), Lexical.of(world.said)
    index = ExactIndex(world.offers, (), vectors, words, none, none)

    def search(asked: Asked, count: int):
        return index.shortlist(asked.need, asked.query, TODAY, count)

    return Built(search)
