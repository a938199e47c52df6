"""Every SQL query on needs: what was asked, what was answered, what it was judged worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.tables import judgements, matches, needs
from matching.domain import ActorProfile, Answer, Need


@dataclass(frozen=True, slots=True)
class StoredNeed:
    """A need as it was received; `today` is the day it was answered for."""

    id: str
    created_at: datetime
    today: date
    text: str
    place_code: str | None
    actor: ActorProfile
    need_types: frozenset[str]


def save_need(
    connection: Connection, need_id: str, need: Need, *, today: date, at: datetime
) -> None:
    actor = need.actor
    founded = actor.founded_on.isoformat() if actor.founded_on else None
    row: dict[str, Any] = {
        "id": need_id,
        "created_at": at,
        "today": today,
        "text": need.text,
        "place_code": need.place.code if need.place else None,
        "actor": {
            "kind": actor.kind,
            "employees": actor.employees,
            "volunteer_only": actor.volunteer_only,
            "naf_section": actor.naf_section,
            "founded_on": founded,
        },
        "need_types": sorted(need.need_types),
    }
    connection.execute(insert(needs).values(row))


def load_need(connection: Connection, need_id: str) -> StoredNeed | None:
    row = connection.execute(select(needs).where(needs.c.id == need_id)).mappings().first()
    if row is None:
        return None
    founded = row["actor"]["founded_on"]
    born = date.fromisoformat(founded) if founded else None
    return StoredNeed(
        id=row["id"],
        created_at=row["created_at"],
        today=row["today"],
        text=row["text"],
        place_code=row["place_code"],
        actor=ActorProfile(**{**row["actor"], "founded_on": born}),
        need_types=frozenset(row["need_types"]),
    )


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
    key = (
        (judgements.c.need_id == need_id)
        & (judgements.c.offer_id == offer_id)
        & (judgements.c.source == source)
    )
    connection.execute(delete(judgements).where(key))
    row = {"need_id": need_id, "offer_id": offer_id, "grade": grade, "source": source, "at": at}
    connection.execute(insert(judgements).values(row))


def load_judgements(connection: Connection) -> list[tuple[str, str, int, str]]:
    """(need, offer, grade, source) of every judgement."""
    c = judgements.c
    query = select(c.need_id, c.offer_id, c.grade, c.source).order_by(c.need_id, c.offer_id)
    return [(n, o, g, s) for n, o, g, s in connection.execute(query)]
