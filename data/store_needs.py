"""Every SQL query on needs: what was asked, what was answered, what it was judged worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from data.tables import judgements, matches, needs
from data.tables_people import corrections
from matching.domain import ActorProfile, Answer, Correction, Need
from matching.errors import AiguilleError


@dataclass(frozen=True, slots=True)
class StoredNeed:
    """A need as it was received, and where it stands; `today` is the day it was answered for.

    The `id` is the person's private link, which the desk must never show: it shows the `key`.
    `version` counts its changes. `sent_at` is when the person asked for more than an answer,
    `moved_at` when the need came into its state. `partner_id` is the partner that sent it, if one
    did, and `external_id` what that partner calls it.
    """

    id: str
    key: str
    created_at: datetime
    today: date
    text: str
    place_code: str | None
    actor: ActorProfile
    need_types: frozenset[str]
    understood: Mapping[str, float] | None = None
    correction: Correction | None = None
    unmet: str | None = None
    departement: str | None = None
    region: str | None = None
    state: str = "draft"
    outcome: str | None = None
    version: int = 1
    reference: str | None = None
    assignee: str | None = None
    merged_into: str | None = None
    sent_at: datetime | None = None
    seen_at: datetime | None = None
    contacted_at: datetime | None = None
    closed_at: datetime | None = None
    moved_at: datetime | None = None
    partner_id: str | None = None
    external_id: str | None = None

    @property
    def types(self) -> frozenset[str]:
        """What it is about: as somebody corrected it, else as it was said, else as understood."""
        if self.correction is not None:
            return self.correction.need_types
        return self.need_types or frozenset(self.understood or ())


class ChangedMeanwhile(AiguilleError):
    """Somebody else changed the need since it was read."""


def desk_key(need_id: str) -> str:
    """What the desk calls a need. The id has 96 random bits: nobody finds it from its key."""
    return sha256(f"desk:{need_id}".encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Sender:
    """The partner that sends a need, and what it calls it."""

    partner_id: str
    external_id: str | None = None


def save_need(
    connection: Connection,
    need_id: str,
    need: Need,
    *,
    today: date,
    at: datetime,
    sender: Sender | None = None,
) -> None:
    named: dict[str, str | None] = {"id": need_id, "key": desk_key(need_id)}
    if sender is not None:
        named |= {"partner_id": sender.partner_id, "external_id": sender.external_id}
    row = {**named, "created_at": at, "today": today, **_said(need)}
    connection.execute(insert(needs).values(row))


def rewrite_need(
    connection: Connection, need_id: str, need: Need, *, version: int | None = None
) -> None:
    """Give a need other words, facts or place; what was said of it before is gone."""
    values = {**_said(need), **_corrected(need.correction), "unmet": None, "repeated": None}
    change_need(connection, need_id, version, **values)


def _said(need: Need) -> dict[str, Any]:
    """The columns of what a person says."""
    actor = need.actor
    return {
        "text": need.text,
        "place_code": need.place.code if need.place else None,
        "actor": {
            "kind": actor.kind,
            "employees": actor.employees,
            "volunteer_only": actor.volunteer_only,
            "naf_section": actor.naf_section,
            "founded_on": actor.founded_on.isoformat() if actor.founded_on else None,
        },
        "need_types": sorted(need.need_types),
        "departement": _area(need, "DEP-"),
        "region": _area(need, "REG-"),
    }


def _corrected(correction: Correction | None) -> dict[str, Any]:
    if correction is None:
        return {"correction": None}
    types = sorted(correction.need_types)
    return {"correction": {"need_types": types, "urgent": correction.urgent}}


def _area(need: Need, prefix: str) -> str | None:
    """The département or région of a need: who may see it, and where it is counted."""
    within = sorted(c for c in (need.place.within if need.place else ()) if c.startswith(prefix))
    return within[0] if within else None


def load_need(connection: Connection, need_id: str) -> StoredNeed | None:
    row = connection.execute(select(needs).where(needs.c.id == need_id)).mappings().first()
    return None if row is None else stored_need(row)


def load_need_by_key(connection: Connection, key: str) -> StoredNeed | None:
    """The need that the desk calls so."""
    row = connection.execute(select(needs).where(needs.c.key == key)).mappings().first()
    return None if row is None else stored_need(row)


def load_needs(connection: Connection, ids: Sequence[str]) -> list[StoredNeed]:
    """The needs of these ids, in their order; those that are gone are left out."""
    rows = connection.execute(select(needs).where(needs.c.id.in_(ids))).mappings()
    found = {row["id"]: stored_need(row) for row in rows}
    return [found[i] for i in ids if i in found]


_AS_STORED = tuple(
    f.name for f in fields(StoredNeed) if f.name not in ("actor", "need_types", "correction")
)


def is_reference_taken(connection: Connection, reference: str) -> bool:
    query = select(needs.c.id).where(needs.c.reference == reference)
    return connection.execute(query).first() is not None


def stored_need(row: RowMapping) -> StoredNeed:
    """A row of `needs` as a value."""
    founded = row["actor"]["founded_on"]
    born = date.fromisoformat(founded) if founded else None
    said = row["correction"]
    return StoredNeed(
        **{name: row[name] for name in _AS_STORED},
        actor=ActorProfile(**{**row["actor"], "founded_on": born}),
        need_types=frozenset(row["need_types"]),
        correction=Correction(frozenset(said["need_types"]), said["urgent"]) if said else None,
    )


def need_ids(connection: Connection) -> list[str]:
    """Of all needs, drafts included."""
    return [*connection.scalars(select(needs.c.id).order_by(needs.c.id))]


def needs_in(connection: Connection, states: Sequence[str]) -> list[StoredNeed]:
    """The needs in one of these states, oldest first."""
    query = select(needs).where(needs.c.state.in_(states)).order_by(needs.c.created_at, needs.c.id)
    return [stored_need(row) for row in connection.execute(query).mappings()]


def change_need(
    connection: Connection, need_id: str, version: int | None = None, **values: Any
) -> None:
    """Change columns of a need, and its version; refuse if `version` is not the one it is at.

    Who changes `state` sets `moved_at` too: the clocks of waiting count from it.
    """
    where = needs.c.id == need_id
    if version is not None:
        where &= needs.c.version == version
    changed = connection.execute(
        update(needs).where(where).values(version=needs.c.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise ChangedMeanwhile(
            "Ce besoin a changé depuis que vous l’avez ouvert : relisez-le avant d’enregistrer.",
            field="version",
        )


def save_correction(
    connection: Connection,
    need_id: str,
    correction: Correction,
    *,
    before: Mapping[str, Any],
    author: str,
    at: datetime,
) -> None:
    """Keep what was understood (`before`) and what somebody made of it, and answer by the last."""
    after = _corrected(correction)
    row = {"need_id": need_id, "at": at, "author": author, "before": before}
    connection.execute(insert(corrections).values({**row, "after": after["correction"]}))
    change_need(connection, need_id, **after)


def save_answer(connection: Connection, need_id: str, answer: Answer) -> None:
    """Keep what was answered: what was understood, and the ranked offers with their reasons."""
    understood = dict(answer.understanding.need_types)
    connection.execute(
        update(needs)
        .where(needs.c.id == need_id)
        .values(understood=understood, sure=answer.sure, versions=dict(answer.versions))
    )
    connection.execute(delete(matches).where(matches.c.need_id == need_id))
    rows = [
        {
            "need_id": need_id,
            "rank": m.rank,
            "offer_id": m.offer.id,
            "score": m.score,
            "verdict": m.verdict.code,
            "reasons": [[r.code, r.weight, list(r.evidence)] for r in m.reasons],
        }
        for m in answer.matches
    ]
    if rows:
        connection.execute(insert(matches), rows)


def answered_offers(connection: Connection, need_id: str) -> list[str]:
    """The ids of the offers a need was answered with, best first."""
    query = select(matches.c.offer_id).where(matches.c.need_id == need_id)
    return list(connection.scalars(query.order_by(matches.c.rank)))


def save_judgement(
    connection: Connection, need_id: str, offer_id: str, grade: int, *, source: str, at: datetime
) -> None:
    """Grade 0-3 of an offer for a need by one source (an adviser, a catalyst); the last counts."""
    forget_judgement(connection, need_id, offer_id, source=source)
    row = {"need_id": need_id, "offer_id": offer_id, "grade": grade, "source": source, "at": at}
    connection.execute(insert(judgements).values(row))


def forget_judgement(connection: Connection, need_id: str, offer_id: str, *, source: str) -> None:
    """Take back what one source said of an offer for a need."""
    key = (
        (judgements.c.need_id == need_id)
        & (judgements.c.offer_id == offer_id)
        & (judgements.c.source == source)
    )
    connection.execute(delete(judgements).where(key))


def load_judgements(connection: Connection) -> list[tuple[str, str, int, str]]:
    """(need, offer, grade, source) of every judgement."""
    c = judgements.c
    query = select(c.need_id, c.offer_id, c.grade, c.source).order_by(c.need_id, c.offer_id)
    return [(n, o, g, s) for n, o, g, s in connection.execute(query)]
