"""What every engine is asked: the first offers by meaning and by words among the admissible ones.

An engine is a module here with `build(world, folder) -> Built`, what it `NEEDS` installed and, in a
sentence, `HOW` it is asked.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data.indexes.filters import Condition, admissible
from matching.domain import Need, Offer
from matching.encoder import Floats, LsaEncoder
from matching.index import Query
from matching.text import offer_text, tokens
from service.catalogue import make_encoder
from tests.builders import TODAY
from tests.contracts.search_worlds import drawn_needs, varied_offers


@dataclass(frozen=True, slots=True)
class Asked:
    """One need, its text as words and as a vector, and what an admissible offer must be."""

    need: Need
    query: Query
    where: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Offers in the order of ids; of each, its vector and its French tokens. Their encoder."""

    offers: Sequence[Offer]
    vectors: Floats
    said: Sequence[Sequence[str]]
    encoder: LsaEncoder
    needs: Sequence[Asked]


class Built(NamedTuple):
    """`search` answers with at most so many ids, the best first; `servers`: processes beside us."""

    search: Callable[[Asked, int], Sequence[str]]
    servers: tuple[int, ...] = ()


def made_world(offers: int, needs: int) -> World:
    """Generated offers in which every fact is stated by some; LSA fitted on the first 10,000.

    Without expressions: an offer is its text, which is what all engines can be told of it.
    """
    found = [replace(o, expressions=()) for o in varied_offers(offers)]
    encoder = make_encoder("lsa", found[:10_000], ())
    said = [tokens(offer_text(o)) for o in found]
    asked = [
        Asked(one, Query.of(one.text, encoder), admissible(one, TODAY))
        for one in drawn_needs(needs)
    ]
    return World(found, np.ascontiguousarray(encoder.encode_said(said)), said, encoder, asked)


def kept(world: World, path: Path) -> None:
    path.write_bytes(pickle.dumps(world))


def opened(path: Path) -> World:
    return pickle.loads(path.read_bytes())
