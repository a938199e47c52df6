"""Every SQL query on messages: between the person and the desk, and the desk's own notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from data.tables_people import messages


@dataclass(frozen=True, slots=True)
class Message:
    """`author`: "person", "provider", or "user:" and an id; `audience`: "desk" or "person"."""

    id: int
    at: datetime
    author: str
    audience: str
    text: str


def save_message(
    connection: Connection, need_id: str, text: str, *, author: str, audience: str, at: datetime
) -> None:
    row = {"need_id": need_id, "at": at, "author": author, "audience": audience, "text": text}
    connection.execute(insert(messages).values(row))


def messages_of(connection: Connection, need_id: str) -> list[Message]:
    """All that was written about a need, oldest first."""
    c = messages.c
    query = select(c.id, c.at, c.author, c.audience, c.text).where(c.need_id == need_id)
    return [Message(*row) for row in connection.execute(query.order_by(c.id))]


def for_the_person(written: list[Message]) -> list[Message]:
    """What the person may read: what was written to them, and their own words."""
    return [m for m in written if m.audience == "person" or m.author == "person"]
