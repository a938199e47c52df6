"""What is loaded: a folder of many offers, the processes that serve it, and what they hold."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from data.fields import Reading
from data.inventory import shipped_offers
from data.vectors import append_vectors, key_of
from matching.domain import Offer
from matching.encoder import unit
from matching.text import offer_text
from service.catalogue import import_offers, initialise, make_encoder, open_catalogue, remembering
from service.settings import Settings
from tests.bench.catalogue import synthetic_offers
from tests.builders import FRAME, gazetteer
from tests.faults.processes import processor_seconds, serving

AT = datetime(2026, 11, 25, tzinfo=UTC)
APART = 0.8
"""How far a synthetic offer means something else than the real one that it has its title from."""
EVERY_S = 0.5
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def fill(folder: Path, count: int, seed: int) -> None:
    """A database of `count` offers, those that ship among them, and its index."""
    settings = Settings(folder=folder)
    plan, catalogue = initialise(settings, AT)
    made = synthetic_offers(count - len(plan.created), seed)
    keep_vectors(settings, made, seed)
    import_offers(catalogue.engine, made, catalogue.reading, source="load", now=AT)
    open_catalogue(settings, engine=catalogue.engine)
    catalogue.engine.dispose()


def keep_vectors(settings: Settings, made: Sequence[Offer], seed: int) -> None:
    """Vectors near those of the real offers: encoding so many texts would take minutes."""
    encoder = make_encoder(settings.encoder, (), ())
    kept = remembering(settings, encoder)
    shipped = [o for o in shipped_offers(Reading(FRAME, gazetteer())) if isinstance(o, Offer)]
    row = {o.title: n for n, o in enumerate(shipped)}
    vectors = kept.encode([offer_text(o) for o in shipped])
    near = vectors[[row[o.title.rpartition(" ")[0]] for o in made]]
    apart = unit(np.random.default_rng(seed).normal(size=near.shape).astype(np.float32))
    append_vectors(
        settings.vectors_folder / f"{encoder.name}.bin",
        [key_of(offer_text(o)) for o in made],
        unit(near + APART * apart).astype(np.float16),
    )


@contextmanager
def workers(folder: Path, count: int, **settings: object):
    """So many `aiguille serve` over one folder, as the units of deploy/ are, on this machine."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(folder, log=folder / f"worker-{n}.log", **settings))
            for n in range(count)
        ]


@dataclass(frozen=True, slots=True)
class Held:
    """What a worker held at a moment: memory in MB, open file descriptors, seconds of processor."""

    at: float
    worker: int
    memory_mb: float
    descriptors: int
    busy_s: float


async def watch(pids: Sequence[int], held: list[Held]) -> None:
    """Look at each worker now and then, until cancelled."""
    started = perf_counter()
    while True:
        held += [holding(perf_counter() - started, n, pid) for n, pid in enumerate(pids)]
        await asyncio.sleep(EVERY_S)


def holding(at: float, worker: int, pid: int) -> Held:
    memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    return Held(at, worker, memory, len(os.listdir(f"/proc/{pid}/fd")), processor_seconds(pid))
