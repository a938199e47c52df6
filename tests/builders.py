"""The smallest offers, needs and worlds that a test can be about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from data.engine import migrate, open_engine
from data.fields import Reading
from data.frames import load_frame
from data.territories import Gazetteer
from matching.domain import ActorProfile, Need, NeedType, Offer, Place, Provider
from matching.matcher import Matcher
from service.catalogue import Catalogue, import_offers, initialise, make_encoder
from service.settings import Rates, Settings
from tests import databases

FRAME = load_frame()
TODAY = date(2026, 11, 23)
LILLE = Place("COM-59350", "Lille (59)", frozenset({"COM-59350", "DEP-59", "REG-32", "FR"}))
MENDE = Place("COM-48095", "Mende (48)", frozenset({"COM-48095", "DEP-48", "REG-76", "FR"}))

NEED_TYPES = (
    NeedType(
        "tresorerie",
        "Trésorerie",
        ("on n’arrive plus à payer les salaires", "le compte est à découvert"),
        ("salaires", "découvert", "loyer"),
        "tresorerie-immediate",
        "urgence",
    ),
    NeedType(
        "gouvernance",
        "Gouvernance",
        ("plus personne ne veut reprendre le bureau", "le président part"),
        ("bureau", "président", "conseil"),
        "transformer",
        "redeveloppement",
    ),
)


def offer(offer_id: str = "offre", **facts: Any) -> Offer:
    """An open national offer for associations, unless told otherwise."""
    known: dict[str, Any] = {
        "title": f"Offre {offer_id}",
        "provider": Provider("porteur", "Porteur"),
        "audiences": frozenset({"association"}),
        "territories": frozenset({"FR"}),
        "status": "open",
        "verified": True,
    }
    return Offer(offer_id, **{**known, **facts})


def need(text: str = "on n’arrive plus à payer les salaires", **facts: Any) -> Need:
    """A need of an association of Lille with four employees, unless told otherwise."""
    place = facts.pop("place", LILLE)
    types = facts.pop("need_types", frozenset())
    correction = facts.pop("correction", None)
    actor = {"kind": "association", "employees": 4, **facts}
    return Need(text, ActorProfile(**actor), place, types, correction)


@lru_cache(maxsize=16)
def matcher(*offers: Offer) -> Matcher:
    """A matcher over these offers and the need types of the frame, with an LSA of all texts.

    The same for the same offers: it only reads, and fitting it takes longer than most tests.
    """
    need_types = FRAME.need_types()
    return Matcher.build(offers, need_types, make_encoder("lsa", offers, need_types))


UNCOUNTED = Rates(pages="0", api="0", key="0")


def settings(folder: Path, **more: Any) -> Settings:
    """Of this folder, where one may ask as often as one likes, unless told otherwise."""
    return Settings(folder=folder, **{"rates": UNCOUNTED, **databases.told(folder), **more})


def small_catalogue(folder: Path) -> Catalogue:
    """The shipped inventory in a database of its own."""
    from datetime import UTC, datetime

    return initialise(settings(folder), datetime(2026, 11, 23, tzinfo=UTC))[1]


def tiny_catalogue(folder: Path, *offers: Offer, **more: Any) -> Catalogue:
    """A real database of a few offers, opened in a second: for tests of what is around matching."""
    from datetime import UTC, datetime

    engine = open_engine(settings(folder, **more).database)
    migrate(engine)
    reading = Reading(FRAME, Gazetteer.load())
    known = offers or (offer("aide-tresorerie", need_types=("tresorerie",)), offer("appui-bureau"))
    import_offers(engine, known, reading, source="test", now=datetime(2026, 11, 23, tzinfo=UTC))
    return Catalogue(engine, FRAME, reading.gazetteer, matcher(*known))


def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@contextmanager
def logs_put_back() -> Iterator[None]:
    """What runs inside may configure the logs: the handlers of the tests are kept aside for it."""
    root = logging.root
    kept, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
        structlog.reset_defaults()
