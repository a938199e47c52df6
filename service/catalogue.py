"""The open catalogue: one database, one frame, one gazetteer, one matcher over the live offers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from data.engine import migrate, open_engine, read, write
from data.fields import Reading, Rejection
from data.frames import Frame, load_frame
from data.index_files import Version, load_index, save_index
from data.ingest import Plan, Stored, apply, prepare
from data.inventory import SOURCE, shipped_offers
from data.losses import Loss
from data.named_places import named_place
from data.store import catalogue_hash, load_areas, load_offers, load_overrides
from data.territories import Area, Gazetteer
from data.vectors import SHIPPED as SHIPPED_VECTORS
from data.vectors import CachedEncoder
from evaluation.corpus import fingerprint, precedents, read_collection
from evaluation.datasets import TRAIN_NEEDS
from matching.domain import NeedType, Offer
from matching.encoder import Encoder, LsaEncoder, fitted, load_encoder
from matching.errors import AiguilleError
from matching.index import ExactIndex
from matching.learned import load_learned
from matching.matcher import Matcher
from matching.precedents import Precedent, Precedents
from matching.text import offer_text
from service.settings import Settings
from service.turns import Turn

# Before onnxruntime loads: it would tell its maker of each start, under a number kept in the home.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

Step = Callable[[str, int, int], None]
"""Progress: what is being done, how much is done, of how much."""


class NotInitialised(AiguilleError):
    """There is no database yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """`areas`: the ad-hoc areas of the database, which the gazetteer knows.

    `turn`: held while a need is matched.
    """

    engine: Engine
    frame: Frame
    gazetteer: Gazetteer
    matcher: Matcher
    areas: tuple[Area, ...] = ()
    turn: Turn = field(default_factory=Turn)

    @property
    def reading(self) -> Reading:
        return Reading(self.frame, self.gazetteer)


def one_blas_thread() -> None:
    """Before numpy loads: more threads per process only fight over the same cores."""
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def initialise(settings: Settings, now: datetime, step: Step = lambda *_: None) -> Plan:
    """Make or migrate the database, bring the shipped inventory in, derive the index."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    migrate(engine)
    reading = Reading(load_frame(), Gazetteer.load())
    offers = list(shipped_offers(reading))
    step("inventaire", 0, len(offers))
    plan = import_offers(engine, offers, reading, source=SOURCE, now=now, complete=True)
    step("inventaire", len(offers), len(offers))
    open_catalogue(settings, step)
    return plan


def import_offers(
    engine: Engine,
    records: Sequence[Offer | Rejection | Loss],
    reading: Reading,
    *,
    source: str,
    now: datetime,
    complete: bool = False,
    dry_run: bool = False,
) -> Plan:
    """Prepare and apply an import in one transaction; nothing half-written."""
    with write(engine) as connection:
        stored = Stored(
            {o.id: o for o in load_offers(connection)},
            [o.id for o in load_offers(connection, source)] if complete else (),
            load_overrides(connection),
        )
        plan = prepare(records, stored, reading.gazetteer, complete=complete)
        if not dry_run:
            apply(connection, plan, source=source, now=now)
    return plan


def open_database(settings: Settings) -> Engine:
    """The engine of a database that `initialise` made."""
    file = settings.database_file
    if file is not None and not file.exists():
        raise NotInitialised(
            f"Aucune base « {file.resolve()} » : lancez d’abord « aiguille init ».",
            field="folder",
        )
    return open_engine(settings.database, connections=settings.connections)


def open_catalogue(
    settings: Settings, step: Step = lambda *_: None, *, engine: Engine | None = None
) -> Catalogue:
    """Open what `initialise` made. The index is loaded if it still fits, else derived again.

    `engine`: that of its database, if it is open.
    """
    engine = engine or open_database(settings)
    frame = load_frame()
    with read(engine) as connection:
        offers = load_offers(connection)
        areas = load_areas(connection)
        catalogue = catalogue_hash(connection)
    gazetteer = Gazetteer.load(areas)
    loaded = None if fitted(settings.encoder) else load_encoder(settings.encoder)
    version = Version(
        catalogue,
        frame.version,
        loaded.name if loaded else settings.encoder,
        fingerprint(TRAIN_NEEDS),
    )
    found = load_index(settings.index_folder, version, offers, frame.need_types())
    if found is None:
        step("index", 0, len(offers))
        encoder = loaded or fit_encoder(offers, frame.need_types())
        kept = remembering(settings, encoder, step)
        index = ExactIndex.build(offers, frame.need_types(), kept)
        memory = Precedents.build(judged_needs(gazetteer), kept, index)
        lsa = encoder if isinstance(encoder, LsaEncoder) else None
        save_index(settings.index_folder, version, memory, lsa)
        step("index", len(offers), len(offers))
    else:
        memory, lsa = found
        encoder = loaded or lsa or fit_encoder(offers, frame.need_types())
    matcher = Matcher(
        memory.index,
        encoder,
        precedents=memory,
        learned=load_learned(),
        versions={"frame": version.frame, "index": version.catalogue},
        read_place=partial(named_place, gazetteer),
    )
    return Catalogue(engine, frame, gazetteer, matcher, areas)


def shipped_matcher(settings: Settings) -> Matcher:
    """A matcher over the shipped inventory alone, without any database."""
    frame, gazetteer = load_frame(), Gazetteer.load()
    offers = [o for o in shipped_offers(Reading(frame, gazetteer)) if isinstance(o, Offer)]
    encoder = make_encoder(settings.encoder, offers, frame.need_types())
    kept = remembering(settings, encoder)
    index = ExactIndex.build(offers, frame.need_types(), kept)
    memory = Precedents.build(judged_needs(gazetteer), kept, index)
    return Matcher(
        index,
        encoder,
        precedents=memory,
        learned=load_learned(),
        read_place=partial(named_place, gazetteer),
    )


def remembering(
    settings: Settings, encoder: Encoder, step: Step = lambda *_: None, *, shipping: bool = False
) -> Encoder:
    """The same encoder, which encodes a text only once; LSA is faster than its own memory.

    Its memory is in the settings' folder, and in what ships; when `shipping`, there alone.
    """
    if isinstance(encoder, LsaEncoder):
        return encoder
    folders = (SHIPPED_VECTORS,) if shipping else (settings.vectors_folder, SHIPPED_VECTORS)
    return CachedEncoder(encoder, folders, lambda done, of: step("vecteurs", done, of))


def judged_needs(gazetteer: Gazetteer) -> tuple[Precedent, ...]:
    """The shipped needs that advisers judged: what the matcher remembers."""
    return precedents(read_collection(TRAIN_NEEDS, gazetteer.place))


def make_encoder(name: str, offers: Sequence[Offer], need_types: Sequence[NeedType]) -> Encoder:
    """The named encoder, loaded, or fitted on these offers."""
    return fit_encoder(offers, need_types) if fitted(name) else load_encoder(name)


def fit_encoder(offers: Sequence[Offer], need_types: Sequence[NeedType]) -> LsaEncoder:
    """LSA of all that the index will read."""
    texts = [offer_text(o) for o in offers]
    texts += [e for o in offers for e in o.expressions]
    texts += [p for t in need_types for p in t.passages]
    return LsaEncoder.fit(texts)
