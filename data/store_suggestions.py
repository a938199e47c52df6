"""Every SQL query on what the public suggests of offers, and on links that were followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from data.tables_people import links, suggestions


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody says should change in an offer; `state`: "new", "applied" or "refused"."""

    id: int
    offer_id: str
    at: datetime
    text: str
    state: str


def suggest(connection: Connection, offer_id: str, text: str, at: datetime) -> None:
    row = {"offer_id": offer_id, "text": text, "at": at, "state": "new"}
    connection.execute(insert(suggestions).values(row))


def new_suggestions(connection: Connection, offer_id: str | None = None) -> list[Suggestion]:
    """Those that nobody has decided yet, oldest first; those of one offer if it is given."""
    c = suggestions.c
    query = select(c.id, c.offer_id, c.at, c.text, c.state).where(c.state == "new").order_by(c.id)
    if offer_id is not None:
        query = query.where(c.offer_id == offer_id)
    return [Suggestion(*row) for row in connection.execute(query)]


def decide(
    connection: Connection, suggestion_id: int, state: str, *, by: str, at: datetime
) -> bool:
    """Settle a suggestion; False when it was settled already."""
    new = (suggestions.c.id == suggestion_id) & (suggestions.c.state == "new")
    settled = update(suggestions).where(new).values(state=state, decided_by=by, decided_at=at)
    return connection.execute(settled).rowcount == 1


def record_link(connection: Connection, url: str, *, problem: str | None, at: datetime) -> None:
    """What following a link gave: None, or a short word for what was wrong."""
    before = connection.scalar(select(links.c.failures).where(links.c.url == url)) or 0
    failures = 0 if problem is None else before + 1
    connection.execute(delete(links).where(links.c.url == url))
    row = {"url": url, "at": at, "problem": problem, "failures": failures}
    connection.execute(insert(links).values(row))


def dead_links(connection: Connection, failures: int) -> Mapping[str, str]:
    """URL -> what was wrong, of the links that failed at least so many times in a row."""
    query = select(links.c.url, links.c.problem).where(links.c.failures >= failures)
    return {row[0]: row[1] for row in connection.execute(query)}


def followed_since(connection: Connection, since: datetime) -> frozenset[str]:
    """The links that were followed since a moment."""
    return frozenset(connection.scalars(select(links.c.url).where(links.c.at >= since)))
