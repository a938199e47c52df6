"""When new offers come: the needs that found no sufficient answer are matched again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data import audit
from data.divisions import divisions
from data.engine import read, write
from data.ingest import Plan
from data.outbox import Row, queue
from data.store_gaps import (
    Rematch,
    known_answers,
    load_lacking,
    may_be_written_to,
    save_rematches,
    still_there,
)
from data.store_needs import StoredNeed
from matching.matcher import CREDIBLE
from service.catalogue import Catalogue, open_catalogue
from service.days import day_of
from service.settings import Settings
from service.triage.gaps import UNSAID, Cell
from service.usecases.answering import answer_need, need_of

TOP = 5
"""A new offer counts when it is among so many first answers, with a credible score."""

DECISIVE = frozenset(
    "need_types audiences territories status valid_from valid_to employees_min employees_max "
    "volunteer_only_ok naf_sections age_months_min age_months_max".split()
)
"""What makes an offer new to somebody when it changes."""

READ = DECISIVE | {"title", "summary", "description", "expressions"}
"""What an offer is matched by: its words too, which somebody mends by hand to have it found."""


@dataclass(frozen=True, slots=True)
class Rematched:
    """`tried` needs were matched again; `answers`: need -> the new offers that answer it.

    `cells` counts these needs by gap.
    """

    tried: int
    answers: Mapping[str, tuple[Rematch, ...]]
    cells: Mapping[Cell, int]


def new_offers(plan: Plan) -> frozenset[str]:
    """The offers that an import adds, or changes in what decides who may have them."""
    changed = (o.id for o, names in plan.updated.items() if not DECISIVE.isdisjoint(names))
    return frozenset(o.id for o in plan.created).union(changed)


def rematch_imported(settings: Settings, plan: Plan, now: datetime) -> int:
    """Match again, over the catalogue that an import leaves; how many needs have a new answer."""
    fresh = new_offers(plan)
    # Most starts of a service import nothing new: the catalogue need not be opened for it.
    return len(rematch(open_catalogue(settings), fresh, now).answers) if fresh else 0


def queue_rematch(connection: Connection, offer_ids: Collection[str], now: datetime) -> None:
    """Have the needs that these offers may answer matched again, once what changes them stands."""
    queue(connection, "rematch", at=now, offers=sorted(offer_ids))


def rematch_due(
    catalogue: Callable[[], Catalogue], rows: Sequence[Row], now: datetime
) -> Mapping[str, int]:
    """Do the rematches that these rows ask for, at once; how many needs have a new answer."""
    offers = {offer_id for row in rows for offer_id in row.payload["offers"]}
    return {"rematched": len(rematch(catalogue(), offers, now).answers)}


def rematch(catalogue: Catalogue, new_offer_ids: Collection[str], now: datetime) -> Rematched:
    """Match again, over the catalogue of now, the needs that these offers may answer.

    Each that one answers keeps it apart from its first answer, with a line in its audit; who left
    an address is written to, once a need. Offers a need was answered with already are not news.
    """
    fresh = _live(catalogue, new_offer_ids)
    if not fresh:
        return Rematched(0, {}, {})
    with read(catalogue.engine) as connection:
        lacking = [n for n in load_lacking(connection) if _concerned(n, catalogue, fresh)]
        known = known_answers(connection, [n.id for n in lacking])
    found: dict[str, tuple[Rematch, ...]] = {}
    for stored in lacking:
        if answers := _answers(catalogue, stored, fresh - known[stored.id], now):
            found[stored.id] = answers
    _keep(catalogue, found, now)
    cells: Counter[Cell] = Counter()
    for stored in lacking:
        if stored.id in found:
            cells.update(_cells(catalogue, stored))
    return Rematched(len(lacking), found, cells)


def _live(catalogue: Catalogue, offer_ids: Collection[str]) -> frozenset[str]:
    return frozenset(i for i in offer_ids if i in catalogue.matcher.index.rows)


def _concerned(stored: StoredNeed, catalogue: Catalogue, fresh: Collection[str]) -> bool:
    """Does one of these offers bear a type of the need, or either say nothing of its types?"""
    index = catalogue.matcher.index
    borne = [index.offers[index.rows[i]].need_types for i in fresh]
    return not stored.types or any(not types or stored.types & set(types) for types in borne)


def _answers(
    catalogue: Catalogue, stored: StoredNeed, fresh: Collection[str], now: datetime
) -> tuple[Rematch, ...]:
    need = need_of(catalogue, stored)
    answer = answer_need(catalogue, need, today=day_of(now), limit=TOP)
    return tuple(
        Rematch(stored.id, m.offer.id, m.rank, m.score, now)
        for m in answer.matches
        if m.offer.id in fresh and m.score >= CREDIBLE
    )


def _keep(catalogue: Catalogue, found: Mapping[str, tuple[Rematch, ...]], now: datetime) -> None:
    if not found:
        return
    with write(catalogue.engine) as connection:
        written = may_be_written_to(connection, list(found))
        for need_id in still_there(connection, found):
            told = need_id in written
            save_rematches(connection, [replace(a, told=told) for a in found[need_id]])
            offers = [a.offer_id for a in found[need_id]]
            audit.append(
                connection,
                at=now,
                actor="system",
                action="rematched",
                need_id=need_id,
                offers=offers,
            )
            if told:
                queue(connection, "gap-filled", at=now, need_id=need_id)


def _cells(catalogue: Catalogue, stored: StoredNeed) -> list[Cell]:
    where = divisions(catalogue.gazetteer).finest(stored.departement, stored.region)
    return [Cell(where, t, stored.actor.kind or UNSAID) for t in sorted(stored.types)]
