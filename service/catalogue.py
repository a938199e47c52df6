"""The open catalogue: one database, one frame, one gazetteer, one matcher over the live offers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from data.engine import migrate, open_engine, read, write
from data.fields import Reading, Rejection
from data.frames import Frame, load_frame
from data.index_files import Version, load_index, save_index
from data.ingest import Plan, Stored, apply, prepare
from data.inventory import SOURCE, shipped_offers
from data.store import catalogue_hash, load_areas, load_offers, load_overrides
from data.territories import Gazetteer
from matching.domain import NeedType, Offer
from matching.encoder import Encoder, LsaEncoder, encoder_maker
from matching.errors import AiguilleError
from matching.index import ExactIndex
from matching.matcher import Matcher
from matching.text import offer_text
from service.settings import Settings

Step = Callable[[str, int, int], None]
"""Progress: what is being done, how much is done, of how much."""


class NotInitialised(AiguilleError):
    """There is no database yet."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    engine: Engine
    frame: Frame
    gazetteer: Gazetteer
    matcher: Matcher

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
    records: Sequence[Offer | Rejection],
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


def open_catalogue(settings: Settings, step: Step = lambda *_: None) -> Catalogue:
    """Open what `initialise` made. The index is loaded if it still fits, else derived again."""
    file = settings.database_file
    if file is not None and not file.exists():
        raise NotInitialised(
            f"Aucune base dans « {settings.folder.resolve()} » : lancez d’abord « aiguille init ».",
            field="folder",
        )
    engine = open_engine(settings.database)
    frame = load_frame()
    with read(engine) as connection:
        offers = load_offers(connection)
        areas = load_areas(connection)
        version = Version(catalogue_hash(connection), frame.version, settings.encoder)
    matcher = _matcher(settings, version, offers, frame.need_types(), step)
    return Catalogue(engine, frame, Gazetteer.load(areas), matcher)


def shipped_matcher(settings: Settings) -> Matcher:
    """A matcher over the shipped inventory alone, without any database."""
    frame = load_frame()
    read_offers = shipped_offers(Reading(frame, Gazetteer.load()))
    offers = [o for o in read_offers if isinstance(o, Offer)]
    encoder = make_encoder(settings.encoder, offers, frame.need_types())
    return Matcher(ExactIndex.build(offers, frame.need_types(), encoder), encoder)


def _matcher(
    settings: Settings,
    version: Version,
    offers: Sequence[Offer],
    need_types: Sequence[NeedType],
    step: Step,
) -> Matcher:
    versions = {"frame": version.frame, "index": version.catalogue}
    stored = load_index(settings.index_folder, version, offers, need_types)
    if stored is not None:
        index, lsa = stored
        encoder = lsa or encoder_maker(settings.encoder)(())
        return Matcher(index, encoder, versions=versions)
    step("index", 0, len(offers))
    encoder = make_encoder(settings.encoder, offers, need_types)
    index = ExactIndex.build(offers, need_types, encoder)
    kept = encoder if isinstance(encoder, LsaEncoder) else None
    save_index(settings.index_folder, version, index, kept)
    step("index", len(offers), len(offers))
    return Matcher(index, encoder, versions=versions)


def make_encoder(name: str, offers: Sequence[Offer], need_types: Sequence[NeedType]) -> Encoder:
    """The named encoder for these offers; LSA is fitted on all that the index will read."""
    texts = [offer_text(o) for o in offers]
    texts += [e for o in offers for e in o.expressions]
    texts += [p for t in need_types for p in t.passages]
    return encoder_maker(name)(texts)
