"""Speed on one core, over synthetic catalogues. `make bench`; figures go to the README."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from data.engine import migrate, open_engine, read, write
from data.exporters import exporter
from data.fields import Reading
from data.importers import importer
from data.ingest import Stored, apply, prepare
from data.store import load_offers
from matching.domain import ActorProfile, Need
from matching.embedded import EmbeddedEncoder
from matching.encoder import unit
from matching.index import ExactIndex
from matching.learned import load_learned
from matching.matcher import Matcher
from matching.precedents import Precedents
from matching.text import offer_text
from service.catalogue import judged_needs, make_encoder
from tests.bench.catalogue import synthetic_offers
from tests.builders import FRAME, TODAY, gazetteer, small_catalogue
from tests.databases import database_of

TEXTS = (
    "On n’arrive plus à payer les salaires, la subvention de la ville n’est toujours pas versée.",
    "Plus personne ne veut reprendre le bureau, le président part après vingt ans.",
    "La facture d’électricité de ma boulangerie a été multipliée par quatre.",
    "On voudrait mutualiser une comptable avec deux autres associations.",
)
PLACES = ("COM-59350", "COM-48095", "COM-37261", "COM-97209")
PROFILES = ("association", "association", "tpe", "association")


class Remembered:
    """An encoder that has seen these texts: what remains is the matcher's own time."""

    def __init__(self, encoder):
        self.encoder, self.name, self.seen = encoder, encoder.name, {}

    def encode(self, texts):
        for text in texts:
            if text not in self.seen:
                self.seen[text] = self.encoder.encode([text])[0]
        return np.stack([self.seen[t] for t in texts]) if texts else self.encoder.encode([])


def needs():
    places = gazetteer()
    return [
        Need(text, ActorProfile(profile, 4), places.place([code]))
        for text, code, profile in zip(TEXTS, PLACES, PROFILES, strict=True)
    ]


def memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.fixture(scope="module", params=[10_000, 100_000])
def matcher(request):
    offers = synthetic_offers(request.param)
    need_types = FRAME.need_types()
    encoder = make_encoder("lsa", offers[:10_000], need_types)
    index = ExactIndex.build(offers, need_types, encoder)
    made = Matcher(index, Remembered(encoder))
    for one in needs():
        made.match(one, today=TODAY)
    gc.collect()
    gc.freeze()  # as the server does
    return made


def test_match(benchmark, matcher):
    asked = needs()

    def four():
        for one in asked:
            matcher.match(one, today=TODAY)

    benchmark.pedantic(four, rounds=50, warmup_rounds=5)
    size = len(matcher.index.offers)
    p50 = benchmark.stats.stats.median * 1000 / len(asked)
    bound = {10_000: 2, 100_000: 8}[size]
    print(f"\nmatch, {size} offers: p50 {p50:.2f} ms (bar {bound} ms), {memory_mb():.0f} MB")


class Scattered:
    """Vectors at random for a catalogue: encoding it would take minutes, and times no need."""

    def __init__(self, name):
        self.name = name

    def encode(self, texts):
        vectors = np.random.default_rng(0).normal(size=(len(texts), 384)).astype(np.float32)
        return unit(vectors)


def test_match_with_all_that_ships(benchmark):
    """The embedded encoder included, the judged needs remembered, over 10,000 offers."""
    encoder = EmbeddedEncoder()
    scattered = Scattered(encoder.name)
    index = ExactIndex.build(synthetic_offers(10_000), FRAME.need_types(), scattered)
    memory = Precedents.build(judged_needs(gazetteer()), scattered, index)
    made = Matcher(index, encoder, precedents=memory, learned=load_learned())
    asked = needs()
    gc.collect()
    gc.freeze()  # as the server does

    def four():
        for one in asked:
            made.match(one, today=TODAY)

    benchmark.pedantic(four, rounds=30, warmup_rounds=3)
    p50 = benchmark.stats.stats.median * 1000 / len(asked)
    print(f"\nmatch, 10000 offers, encoder included: p50 {p50:.2f} ms (bar 15 ms)")


def test_encoding(benchmark):
    encoder = EmbeddedEncoder()
    texts = [offer_text(o) for o in synthetic_offers(64)]
    benchmark.pedantic(lambda: encoder.encode(texts), rounds=3, warmup_rounds=1)
    rate = len(texts) / benchmark.stats.stats.median
    started = perf_counter()
    for text in TEXTS * 10:
        encoder.encode([text])
    need = (perf_counter() - started) / 40 * 1000
    print(f"\nencoding: {rate:.0f} offers/s (bar 30), {need:.1f} ms a need (bar 10)")


def test_command_cold(benchmark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cold")
    small_catalogue(folder)
    command = [
        str(Path(sys.executable).with_name("aiguille")),
        "match",
        "--commune",
        "Lille",
        TEXTS[0],
    ]
    environment = {**os.environ, "AIGUILLE_FOLDER": str(folder)}

    def run():
        subprocess.run(command, env=environment, check=True, capture_output=True)

    benchmark.pedantic(run, rounds=7, warmup_rounds=1)
    print(f"\naiguille match, cold: {benchmark.stats.stats.median:.2f} s (bar 1.5 s)")


def test_import_and_index_a_hundred_thousand_offers(benchmark, tmp_path):
    path = tmp_path / "offres.jsonl"
    exporter("jsonl")(synthetic_offers(100_000), path)
    engine = open_engine(database_of(tmp_path))
    migrate(engine)
    reading = Reading(FRAME, gazetteer())
    need_types = FRAME.need_types()
    spent = {}

    def timed(name, work):
        started = perf_counter()
        result = work()
        spent[name] = round(perf_counter() - started, 1)
        return result

    def everything():
        records = timed("read", lambda: list(importer("jsonl")(path, reading)))
        plan = timed("prepare", lambda: prepare(records, Stored({}, (), {}), reading.gazetteer))

        def store():
            with write(engine) as connection:
                apply(connection, plan, source="bench", now=datetime(2026, 11, 23, tzinfo=UTC))

        timed("write", store)
        with read(engine) as connection:
            offers = timed("load", lambda: load_offers(connection))
        encoder = timed("fit", lambda: make_encoder("lsa", offers[:10_000], need_types))
        timed("index", lambda: ExactIndex.build(offers, need_types, encoder))

    gc.disable()  # as the command does
    benchmark.pedantic(everything, rounds=1)
    gc.enable()
    total = benchmark.stats.stats.median
    print(
        f"\nimport and index 100,000: {total:.0f} s (bar 60 s) {json.dumps(spent)}, {memory_mb():.0f} MB"
    )
    engine.dispose()
