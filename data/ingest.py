"""From what a file says to what the store holds: `prepare` is pure, `apply` one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import Connection

from data.audit import append
from data.fields import Rejection
from data.losses import Loss, LostField, tally
from data.records import from_record, to_record
from data.store import record_import, save_offers, withdraw
from data.territories import Gazetteer
from data.values import slug
from matching.domain import Offer, Provider

NEAR_SAME = 90.0
"""Least rapidfuzz ratio (0-100) of two titles of one provider to be told as duplicates."""
TOLD_AT_ONCE = 100
"""Offers in one line of the audit log: what tells of them stays small."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. `updated` maps an offer to the fields that change."""

    created: tuple[Offer, ...]
    updated: Mapping[Offer, tuple[str, ...]]
    unchanged: tuple[str, ...]
    withdrawn: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    duplicates: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    losses: tuple[LostField, ...]

    @property
    def counts(self) -> dict[str, int]:
        return {f.name: len(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store holds: live offers by id, those of the source, and hand corrections."""

    offers: Mapping[str, Offer]
    of_source: Collection[str]
    overrides: Mapping[str, Mapping[str, object]]


def prepare(
    records: Iterable[Offer | Rejection | Loss],
    stored: Stored,
    gazetteer: Gazetteer,
    *,
    complete: bool = False,
) -> Plan:
    """Resolve codes, keep hand corrections, compare. `complete`: what is absent is withdrawn."""
    read: dict[str, Offer] = {}
    rejected: list[Rejection] = []
    losses: list[Loss] = []
    warnings: list[str] = []
    providers: dict[str, Provider] = {}
    for number, record in enumerate(records, start=1):
        if isinstance(record, Rejection):
            rejected.append(record)
        elif isinstance(record, Loss):
            losses.append(record)
        elif record.id in read:
            message = "cet identifiant est déjà dans le fichier : gardez une seule ligne"
            rejected.append(Rejection(number, "id", record.id, message))
        else:
            provider = providers.setdefault(record.provider.id, record.provider)
            same = record.provider == provider
            named = record if same else replace(record, provider=provider)
            placed = _placed(named, gazetteer, warnings)
            read[placed.id] = _corrected(placed, stored.overrides.get(placed.id, {}))
    known = stored.offers.keys() | read.keys()
    warnings += [
        f"{o.id} : {label} « {linked} » n’existe pas."
        for o in read.values()
        for label, linked in (
            ("l’offre nationale", o.national_offer),
            ("le successeur", o.successor),
        )
        if linked is not None and linked not in known
    ]
    before = {i: stored.offers[i] for i in read if i in stored.offers}
    return Plan(
        created=tuple(o for i, o in read.items() if i not in before),
        updated={read[i]: _changes(o, read[i]) for i, o in before.items() if o != read[i]},
        unchanged=tuple(i for i, o in before.items() if o == read[i]),
        withdrawn=tuple(sorted(set(stored.of_source) - read.keys())) if complete else (),
        rejected=tuple(rejected),
        duplicates=_duplicates(read, stored.offers),
        warnings=tuple(warnings),
        losses=tally(losses),
    )


def apply(connection: Connection, plan: Plan, *, source: str, now: datetime) -> None:
    """Write a plan. The caller's transaction makes it all or nothing."""
    if not (plan.created or plan.updated or plan.withdrawn):
        return
    import_id = record_import(connection, source, now, plan.counts)
    changed = [*plan.created, *plan.updated]
    save_offers(connection, changed, source=source, import_id=import_id)
    withdraw(connection, plan.withdrawn, now.date())
    for offers in _told(plan):
        told: dict[str, Any] = {"source": source, **offers}
        append(connection, at=now, actor="system", action="offers-imported", **told)


def _told(plan: Plan) -> Iterable[Mapping[str, list[str]]]:
    """The offers that change by what happens to them, so many at a time."""
    changes = [("created", o.id) for o in plan.created]
    changes += [("updated", o.id) for o in plan.updated]
    changes += [("withdrawn", i) for i in plan.withdrawn]
    for start in range(0, len(changes), TOLD_AT_ONCE):
        some: dict[str, list[str]] = {"created": [], "updated": [], "withdrawn": []}
        for change, offer_id in changes[start : start + TOLD_AT_ONCE]:
            some[change].append(offer_id)
        yield some


def _placed(offer: Offer, gazetteer: Gazetteer, warnings: list[str]) -> Offer:
    """The offer with codes of today; an unknown one is widened, and told."""
    if all(code in gazetteer and gazetteer.get(code).code == code for code in offer.territories):
        return offer
    codes = set()
    for code in sorted(offer.territories):
        if code in gazetteer:
            codes.add(gazetteer.get(code).code)
        else:
            wider = gazetteer.nearest(code)
            codes.add(wider.code)
            warnings.append(f"{offer.id} : code inconnu « {code} », élargi à {wider.label}.")
    return replace(offer, territories=frozenset(codes))


def _corrected(offer: Offer, corrections: Mapping[str, object]) -> Offer:
    return from_record({**to_record(offer), **corrections}) if corrections else offer


def _changes(before: Offer, after: Offer) -> tuple[str, ...]:
    names = (f.name for f in fields(Offer))
    return tuple(n for n in names if getattr(before, n) != getattr(after, n))


def _duplicates(
    read: Mapping[str, Offer], stored: Mapping[str, Offer]
) -> tuple[tuple[str, str], ...]:
    """Pairs of ids with the same provider and nearly the same title, one of them just read."""
    by_provider: dict[str, list[Offer]] = defaultdict(list)
    slugs = cache(slug)
    for offer in {**stored, **read}.values():
        by_provider[slugs(offer.provider.name)].append(offer)
    found = set()
    for offers in by_provider.values():
        titles = [o.title.casefold() for o in offers]
        for position, offer in enumerate(offers):
            if offer.id not in read or len(offers) == 1:
                continue
            for _, _, other in process.extract(
                titles[position], titles, scorer=fuzz.ratio, score_cutoff=NEAR_SAME, limit=6
            ):
                if other != position:
                    found.add(tuple(sorted((offer.id, offers[other].id))))
    return tuple((a, b) for a, b in sorted(found))
