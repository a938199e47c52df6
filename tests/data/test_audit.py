"""The audit log notices whatever is changed, taken out or put in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update

from data import audit
from data.engine import read, write
from data.tables_people import audit as table

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def engine(engine):
    with write(engine) as connection:
        for n in range(5):
            at = NOON + timedelta(minutes=n)
            audit.append(connection, at=at, actor="system", action="seen", need_id="n", count=n)
    return engine


def test_lines_follow_each_other(engine):
    with read(engine) as connection:
        assert audit.broken_at(connection) is None
        assert [line.detail["count"] for line in audit.lines_of(connection, "n")] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        (update(table).where(table.c.id == 2).values(actor="user:x"), 2),
        (delete(table).where(table.c.id == 3), 4),
        (
            insert(table).values(
                id=9, at=NOON, actor="a", action="b", detail={}, previous="0", hash="1"
            ),
            9,
        ),
    ],
)
def test_a_line_changed_removed_or_forged_is_found(engine, tamper, at):
    with write(engine) as connection:
        connection.execute(tamper)
    with read(engine) as connection:
        assert audit.broken_at(connection) == at
