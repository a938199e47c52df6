"""Feeds: catalogues of others, fetched when they are due, that never empty ours.

A run that fails, or in which more than half of the offers are absent, changes nothing of the
catalogue. What is absent is withdrawn after three successful runs without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection, Engine

from data import audit
from data.engine import read, write
from data.fields import Reading, Rejection
from data.frames import load_frame
from data.importers import importer
from data.importers.json_records import UNREAD
from data.ingest import Plan, Stored, apply, prepare
from data.losses import Loss
from data.store import load_areas, load_offers, load_overrides
from data.store_feeds import (
    Feed,
    claim_feed,
    due_feeds,
    load_absences,
    load_feed,
    record_run,
    save_absences,
    sources_of,
)
from data.territories import Gazetteer
from matching.domain import Offer
from matching.errors import AiguilleError
from service.fetching import Known, fetch, fetch_pages
from service.triage.feeds import judged, next_wait
from service.usecases.feeds import known
from service.usecases.rematching import new_offers, queue_rematch

PAGED = frozenset({"aides-territoires"})
"""Formats that come page after page."""
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
Found = Offer | Rejection | Loss
Clock = Callable[[], datetime]

log = structlog.get_logger("aiguille.feeds")


class Unusable(AiguilleError):
    """What was fetched is not a catalogue to trust."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: "done", "unchanged", "held", "failed" or "busy"; `words` say it."""

    outcome: str
    words: str
    plan: Plan | None = None


def run_due(engine: Engine, clock: Clock, most: int) -> Mapping[str, int]:
    """Run the feeds whose time has come, so many at most; how many were "fed" and "unfed"."""
    with read(engine) as connection:
        due = due_feeds(connection, clock())[:most]
    ran = [run_feed(engine, feed.id, clock).outcome for feed in due]
    return {"fed": sum(o in ("done", "unchanged") for o in ran), "unfed": ran.count("failed")}


def run_feed(engine: Engine, feed_id: int, clock: Clock) -> Ran:
    """Fetch a feed and bring its offers in, whether it is due or not."""
    with write(engine) as connection:
        feed = known(load_feed(connection, feed_id), feed_id)
        mine = claim_feed(connection, feed_id, clock())
    if not mine:
        return Ran("busy", "ce flux est déjà en cours de lecture")
    try:
        with TemporaryDirectory(prefix="aiguille-") as folder:
            path = Path(folder) / _file_name(feed)
            seen = _fetched(feed, path)
            found = None if seen is None else _read(engine, feed, path)
        with write(engine) as connection:
            ran = _told(connection, feed, found, seen, clock())
    except Exception as error:
        words = error.message if isinstance(error, AiguilleError) else type(error).__name__
        log.warning("feed failed", feed=feed_id, error=type(error).__name__)
        failures = feed.failures + 1
        with write(engine) as connection:
            facts = {"failed_at": clock(), "failure": words, "failures": failures}
            due_at = clock() + next_wait(feed.every, failures)
            record_run(connection, feed_id, due_at, **facts)
        return Ran("failed", words)
    log.info("feed read", feed=feed_id, outcome=ran.outcome)
    return ran


def _file_name(feed: Feed) -> str:
    """A name by whose suffix the file is read as what it is."""
    if feed.format in PAGED:
        return "flux.jsonl"
    suffix = Path(urlsplit(feed.url).path).suffix.lower()
    ours = feed.format if feed.format in ("jsonl", "csv", "xlsx", "ods") else ""
    return f"flux.{ours}" if ours else f"flux{suffix if _SUFFIX.fullmatch(suffix) else ''}"


def _fetched(feed: Feed, path: Path) -> Known | None:
    get = fetch_pages if feed.format in PAGED else fetch
    known = Known(feed.etag, feed.modified, feed.digest)
    return get(feed.url, path, known, local=feed.local)


def _read(engine: Engine, feed: Feed, path: Path) -> list[Found]:
    """All that the file says; one that breaks, or of which nothing can be read, is not trusted."""
    with read(engine) as connection:
        areas = load_areas(connection)
    found = list(importer(feed.format)(path, Reading(load_frame(), Gazetteer.load(areas))))
    refused = [f for f in found if isinstance(f, Rejection)]
    if cut := next((r for r in refused if UNREAD in r.message), None):
        raise Unusable(f"fichier incomplet : {cut.message}")
    if not any(isinstance(f, Offer) for f in found):
        first = f", la première ligne {refused[0].line} : {refused[0].message}" if refused else ""
        raise Unusable(f"aucune offre lisible ({len(refused)} lignes refusées{first})")
    return found


def _told(
    connection: Connection,
    claimed: Feed,
    found: list[Found] | None,
    seen: Known | None,
    now: datetime,
) -> Ran:
    """Bring in what was found, or nothing at all: the caller's transaction."""
    feed = known(load_feed(connection, claimed.id), claimed.id)
    stored = {o.id: o for o in load_offers(connection)}
    live = [o.id for o in load_offers(connection, feed.name)]
    absences = load_absences(connection, feed.id)
    if found is None or seen is None:
        records, here = list[Found](), set(live) - absences.keys()
    else:
        records = list(_own(connection, feed, found))
        here = {f.id for f in records if isinstance(f, Offer)}
    judgement = judged(live, here, absences, accepted=feed.accepted)
    due_at = now + feed.every
    if judgement.held:
        held = {"absent": judgement.absent, "of": len(live)}
        told: dict[str, Any] = {"feed": feed.id, **held}
        if not feed.held:
            audit.append(connection, at=now, actor="system", action="feed-held", **told)
        record_run(connection, feed.id, due_at, held=held, failure=None, failures=0)
        words = f"{held['absent']} offres sur {held['of']} n’y sont plus : à confirmer"
        return Ran("held", words)
    before = Stored(stored, (), load_overrides(connection))
    gazetteer = Gazetteer.load(load_areas(connection))
    plan = replace(prepare(records, before, gazetteer), withdrawn=judgement.withdrawn)
    apply(connection, plan, source=feed.name, now=now)
    save_absences(connection, feed.id, judgement.absences)
    if fresh := new_offers(plan):
        queue_rematch(connection, fresh, now)
    facts: dict[str, Any] = {"succeeded_at": now, "failure": None, "failures": 0}
    facts |= {"held": None, "accepted": False}
    if seen is not None:
        facts |= {"etag": seen.etag, "modified": seen.modified, "digest": seen.digest}
        facts["counts"] = plan.counts
    record_run(connection, feed.id, due_at, **facts)
    return Ran("unchanged" if seen is None else "done", "", plan)


def _own(connection: Connection, feed: Feed, found: Iterable[Found]) -> Iterator[Found]:
    """What was found, but offers of an identifier that is that of another source."""
    found = list(found)
    sources = sources_of(connection, [f.id for f in found if isinstance(f, Offer)])
    for rank, one in enumerate(found, start=1):
        other = sources.get(one.id, feed.name) if isinstance(one, Offer) else feed.name
        if isinstance(one, Offer) and other != feed.name:
            message = f"cet identifiant est celui d’une offre d’une autre source : {other}"
            yield Rejection(rank, "id", one.id, message)
        else:
            yield one
