"""Which needs and rows were kept long enough, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data import outbox
from data.engine import migrate, open_engine, read, write
from data.retention import (
    forget_accounts,
    forget_notes,
    forget_work,
    old_drafts,
    with_old_words,
)
from data.store_gaps import load_gaps, save_gap
from data.store_needs import change_need, save_need
from data.store_users import User, change_user, load_users, save_user
from tests.builders import TODAY, need

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    sqlite = f"sqlite:///{tmp_path / 'a.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    opened = open_engine(url)
    migrate(opened)
    yield opened
    migrate(opened, "base")
    opened.dispose()


def test_old_drafts_and_words_are_found_and_none_twice(engine):
    kept = {
        "draft": {},
        "unmet": {"unmet": "too-far"},
        "emptied": {"unmet": "too-far", "text": ""},
        "open": {"state": "waiting", "sent_at": NOON},
        "closed": {"state": "closed", "closed_at": NOON},
        "undated": {"state": "expired"},
        "closed-late": {"state": "closed", "closed_at": NOON + 2 * DAY},
    }
    with write(engine) as connection:
        for need_id, columns in kept.items():
            save_need(connection, need_id, need(), today=TODAY, at=NOON)
            change_need(connection, need_id, **{"version": None, **columns})
    with read(engine) as connection:
        assert old_drafts(connection, NOON, 9) == []
        assert old_drafts(connection, NOON + DAY, 9) == [("draft", False), ("unmet", True)]
        assert old_drafts(connection, NOON + DAY, 1) == [("draft", False)]
        ended = ("closed", "expired")
        assert with_old_words(connection, ended, NOON + DAY, 9) == ["closed", "undated"]


def test_work_done_goes_but_for_what_keeps_an_open_need_from_being_reminded_again(engine):
    with write(engine) as connection:
        for need_id, state in (("open", "waiting"), ("over", "closed")):
            save_need(connection, need_id, need(), today=TODAY, at=NOON)
            change_need(connection, need_id, state=state)
            for key in (None, f"reminder:{need_id}"):
                outbox.queue(connection, "reminder-9", at=NOON, need_id=need_id, key=key)
        outbox.queue(connection, "reminder-9", at=NOON, need_id="erased", key="reminder:erased")
        for row in outbox.due(connection, NOON):
            outbox.done(connection, row.id, NOON)
        outbox.queue(connection, "closed", at=NOON)
        outbox.queue(connection, "given-up", at=NOON)
        outbox.failed(connection, outbox.due(connection, NOON)[-1].id, NOON, "x", final=True)
    with write(engine) as connection:
        assert forget_work(connection, ("waiting",), NOON) == 0
        assert forget_work(connection, ("waiting",), NOON + DAY) == 1 + 2 + 1 + 1
        assert [row.kind for row in outbox.undone(connection)] == ["closed"]


def test_accounts_closed_and_notes_on_gaps_filled_before_then_go_and_no_other(engine):
    with write(engine) as connection:
        for name, closed in (("open", None), ("long", NOON), ("lately", NOON + 2 * DAY)):
            save_user(connection, User(name, f"{name}@e.org", name, "catalyst"), at=NOON)
            change_user(connection, name, active=closed is None, closed_at=closed)
        for state, at in (("filled", NOON), ("taken", NOON), ("filled", NOON + 2 * DAY)):
            cell = (f"{state}{at:%d}", "juridique", "any")
            save_gap(connection, cell, state=state, note="Voir Léa", at=at)
    with write(engine) as connection:
        assert forget_accounts(connection, NOON) == []
        assert forget_notes(connection, NOON) == 0
        assert forget_accounts(connection, NOON + DAY) == ["long"]
        assert forget_notes(connection, NOON + DAY) == 1
        assert forget_notes(connection, NOON + DAY) == 0
        assert {user.id for user in load_users(connection)} == {"open", "lately"}
        left = {gap.territory: gap.note for gap in load_gaps(connection).values()}
    assert left == {"filled24": "", "taken24": "Voir Léa", "filled26": "Voir Léa"}
