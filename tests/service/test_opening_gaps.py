"""A gap opens when it comes among those that everyone may see, and is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from data.audit import lines_after
from data.engine import read, write
from data.outbox import due
from service.triage.masking import LEAST
from service.usecases.opening_gaps import gaps_due, queue_gaps
from tests.builders import matcher, offer, tiny_catalogue
from tests.desk import NOON
from tests.service.hooks import hooked, told
from tests.service.test_gaps import keep

WEEK = timedelta(days=7)
LOCAL = offer("appui", need_types=("juridique",), territories=frozenset({"DEP-48"}))
GAP = {"territory": "DEP-48", "need_type": "juridique"}


@pytest.fixture
def catalogue(tmp_path):
    return tiny_catalogue(tmp_path, offer("ailleurs", need_types=("tresorerie",)))


def asked(catalogue, count, first=0):
    for n in range(first, first + count):
        keep(catalogue, f"n{n}", at=NOON - WEEK)


def look(catalogue, now=NOON, there=None):
    """The look of a week; how many gaps opened."""
    return gaps_due(catalogue.engine, lambda: there or catalogue, (), now)["gaps"]


def lines(catalogue):
    with read(catalogue.engine) as connection:
        found = lines_after(connection, 0, ["gap-opened", "gap-vanished"], 99)
        return [(line.action, line.detail) for line in found]


def test_a_gap_opens_once_there_are_enough_needs_and_at_the_week_s_turn(catalogue):
    asked(catalogue, LEAST - 1)
    assert look(catalogue) == 0
    keep(catalogue, "last", at=NOON)
    assert look(catalogue, NOON + timedelta(days=1)) == 0
    assert look(catalogue, NOON + WEEK) == 1
    assert look(catalogue, NOON + 2 * WEEK) == 0
    assert lines(catalogue) == [("gap-opened", GAP)]


def test_one_that_was_filled_may_open_again(catalogue):
    asked(catalogue, LEAST)
    filled = replace(catalogue, matcher=matcher(LOCAL))
    for n, there in enumerate((catalogue, filled, filled, catalogue)):
        look(catalogue, NOON + n * WEEK, there)
    actions = [action for action, _ in lines(catalogue)]
    assert actions == ["gap-opened", "gap-vanished", "gap-opened"]


def test_the_catalogue_is_not_opened_for_fewer_needs_than_may_be_shown(catalogue):
    asked(catalogue, LEAST - 1)
    assert gaps_due(catalogue.engine, pytest.fail, (), NOON) == {"gaps": 0}


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
    asked(catalogue, LEAST)
    look(catalogue)
    hooked(catalogue.engine, "http://localhost:9/", NOON)  # which reads the log on
    for hook in hooks:
        (one,) = told(catalogue.engine, hook.webhook.id)
        assert '"data":{"territory":"DEP-48","need_type":"juridique"}' in one.body
