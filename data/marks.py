"""How far a job has come, where its own rows cannot say."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from data.tables_webhooks import marks


def mark(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(marks.c.value).where(marks.c.name == name))


def set_mark(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(marks).where(marks.c.name == name))
    connection.execute(insert(marks).values(name=name, value=value))
