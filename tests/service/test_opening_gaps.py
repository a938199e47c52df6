"""A gap opens when it comes among those that everyone may see, and is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data.audit import lines_after
from data.engine import read, write
from data.outbox import due
from service.triage.masking import STEP, UNTOLD
from service.usecases.opening_gaps import gaps_due, queue_gaps
from service.usecases.weekly_counts import count_week
from tests.builders import matcher, offer, tiny_catalogue
from tests.desk import NOON
from tests.service.hooks import hooked, told
from tests.service.test_weekly_counts import LOZERE, WEEK, keep_many

LOCAL = offer("appui", need_types=("juridique",), territories=frozenset({LOZERE}))
GAP = {"territory": LOZERE, "need_type": "juridique"}
ENOUGH = UNTOLD + 1
"""Needs of which something is told, whatever is drawn."""


@pytest.fixture
def catalogue(tmp_path):
    return tiny_catalogue(tmp_path, offer("ailleurs", need_types=("tresorerie",)))


def look(catalogue, now=NOON, there=None):
    """The look of a week, once it is counted; how many gaps opened."""
    count_week(catalogue.engine, now)
    return gaps_due(catalogue.engine, lambda: there or catalogue, (), now)["gaps"]


def lines(catalogue):
    with read(catalogue.engine) as connection:
        found = lines_after(connection, 0, ["gap-opened", "gap-vanished"], 99)
        return [(line.action, line.detail) for line in found]


def test_a_gap_opens_once_there_are_enough_needs_and_at_the_week_s_turn(catalogue):
    keep_many(catalogue.engine, STEP - 1)
    assert look(catalogue) == 0
    keep_many(catalogue.engine, ENOUGH, first=STEP)
    assert look(catalogue, NOON + timedelta(days=1)) == 0
    assert look(catalogue, NOON + WEEK) == 1
    assert look(catalogue, NOON + 2 * WEEK) == 0
    assert lines(catalogue) == [("gap-opened", GAP)]


def test_one_that_was_filled_may_open_again(catalogue):
    keep_many(catalogue.engine, ENOUGH)
    filled = replace(catalogue, matcher=matcher(LOCAL))
    for n, there in enumerate((catalogue, filled, filled, catalogue)):
        look(catalogue, NOON + n * WEEK, there)
    actions = [action for action, _ in lines(catalogue)]
    assert actions == ["gap-opened", "gap-vanished", "gap-opened"]


def test_the_catalogue_is_not_opened_where_no_count_is_told(catalogue):
    keep_many(catalogue.engine, STEP - 1)
    for _ in range(2):
        assert gaps_due(catalogue.engine, pytest.fail, (), NOON) == {"gaps": 0}
        count_week(catalogue.engine, NOON)


def test_there_is_one_look_a_week(catalogue):
    for day in range(14):  # a Tuesday, and the days after
        with write(catalogue.engine) as connection:
            queue_gaps(connection, NOON + timedelta(days=day))
    with read(catalogue.engine) as connection:
        due_rows = due(connection, NOON + 2 * WEEK, work=True)
    assert [row.kind for row in due_rows] == ["gaps"] * 3


def test_every_partner_that_asks_is_told(catalogue):
    hooks = [
        hooked(catalogue.engine, "http://localhost:9/", NOON, partner, events=["gap.opened"])
        for partner in ("nord", "sud")
    ]
    keep_many(catalogue.engine, ENOUGH)
    look(catalogue)
    hooked(catalogue.engine, "http://localhost:9/", NOON)  # which reads the log on
    for hook in hooks:
        (one,) = told(catalogue.engine, hook.webhook.id)
        assert '"data":{"territory":"DEP-48","need_type":"juridique"}' in one.body
