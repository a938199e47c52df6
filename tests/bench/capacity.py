"""Inputs of docs/capacity.md, as seen here: `make capacity`."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from time import process_time

import numpy as np

from matching.embedded import EmbeddedEncoder
from matching.index import ExactIndex
from matching.matcher import Matcher
from matching.text import offer_text
from tests.bench.catalogue import synthetic_offers
from tests.bench.test_bench import Scattered
from tests.builders import FRAME, TODAY
from tests.contracts.search_worlds import drawn_needs


def held_mb() -> float:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_ms(times, do):
    begun = process_time()
    for _ in range(times):
        do()
    return 1000 * (process_time() - begun) / times


def main(count: int) -> None:
    synthetic_offers(10)
    needs, before = drawn_needs(40), held_mb()
    offers = synthetic_offers(count)
    after = held_mb()
    print(f"{count} offers: objects {(after - before) * 1024 / count:.1f} KB each")
    index = ExactIndex.build(offers, FRAME.need_types(), Scattered("scattered"))
    print(f"index {(held_mb() - after) * 1024 / count:.1f} KB each")
    postings = index.text_lexical.rows.nbytes + index.text_lexical.weights.nbytes
    vectors = index.text_vectors.nbytes
    print(f"vector {vectors / 1024 / count:.2f} KB, postings {postings / 1024 / count:.2f} KB each")
    matcher = Matcher(index, Scattered("scattered"))
    matcher.match(needs[0], today=TODAY)
    spent = [cpu_ms(1, lambda one=one: matcher.match(one, today=TODAY)) for one in needs]
    print(f"a need matched {np.median(spent):.1f} ms, at worst {max(spent):.1f} ms")
    encoder = EmbeddedEncoder()
    texts = [offer_text(o) for o in offers[:64]]
    encoder.encode(texts[:4])
    print(f"an offer encoded {cpu_ms(1, lambda: encoder.encode(texts)) / len(texts):.1f} ms")
    print(f"a need encoded {cpu_ms(20, lambda: encoder.encode([needs[0].text])):.1f} ms")


if __name__ == "__main__":
    main(int(os.environ.get("AIGUILLE_SEARCH_OFFERS", "20000")))
