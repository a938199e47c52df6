"""Clocks count the days that are worked in France, and say what is next and how it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.store_needs import StoredNeed
from matching.domain import ActorProfile
from service.languages import translations
from service.triage.clocks import (
    SUBDIVISIONS,
    Clocks,
    Due,
    WrongClocks,
    closing_reached,
    due,
    is_working_day,
    morning,
    reminder_reached,
    working_days_after,
)
from service.wording_clocks import SENTENCES, STANDING, due_sentence

CLOCKS = Clocks()
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
PLACES = st.sampled_from([None, "DEP-48", *SUBDIVISIONS])
COUNTS = st.integers(1, 40)
SENT = StoredNeed(
    "n", "k", MONDAY, MONDAY.date(), "", None, ActorProfile("association"), frozenset(), state="new"
)
SENT = replace(SENT, sent_at=MONDAY)


@settings(deadline=None)  # the library of holidays loads at the first example
@given(DAYS, COUNTS, PLACES)
def test_a_deadline_is_never_a_weekend_nor_a_holiday(start, days, place):
    end = working_days_after(start, days, place)
    assert end > start
    assert is_working_day(end, place)
    between = [start + timedelta(n) for n in range(1, (end - start).days + 1)]
    assert sum(is_working_day(d, place) for d in between) == days


@given(DAYS, DAYS, COUNTS, COUNTS, PLACES)
def test_a_later_start_or_a_longer_wait_never_ends_sooner(one, other, few, more, place):
    assert working_days_after(min(one, other), few, place) <= working_days_after(
        max(one, other), few, place
    )
    assert working_days_after(one, few, place) < working_days_after(one, few + more, place)


@given(DAYS, st.integers(1, 9), st.integers(0, 9))
def test_days_add_up(start, some, others):
    assert working_days_after(working_days_after(start, some), others) == working_days_after(
        start, some + others
    )


@pytest.mark.parametrize(
    ("start", "days", "place", "end"),
    [
        (date(2026, 11, 24), 2, None, date(2026, 11, 26)),
        (date(2026, 11, 27), 2, None, date(2026, 12, 1)),
        (date(2026, 12, 24), 1, None, date(2026, 12, 28)),
        (date(2026, 5, 13), 1, None, date(2026, 5, 15)),
        (date(2026, 4, 2), 1, "DEP-48", date(2026, 4, 3)),
        (date(2026, 4, 2), 1, "DEP-67", date(2026, 4, 7)),
        (date(2026, 5, 21), 1, "DEP-971", date(2026, 5, 22)),
        (date(2026, 5, 26), 1, "DEP-971", date(2026, 5, 28)),
        (date(2026, 11, 28), 0, None, date(2026, 11, 30)),
    ],
)
def test_days_known_by_hand(start, days, place, end):
    assert working_days_after(start, days, place) == end


def test_a_new_need_asks_for_a_look_then_a_contact_then_for_nothing():
    today = date(2026, 11, 24)
    assert due(SENT, today, CLOCKS) == Due("first-look", date(2026, 11, 25), "soon")
    seen = replace(SENT, seen_at=MONDAY, state="qualifying")
    assert due(seen, today, CLOCKS) == Due("contact", date(2026, 11, 30), "ok")
    assert due(replace(seen, contacted_at=MONDAY), today, CLOCKS) is None


@pytest.mark.parametrize(
    ("today", "how"),
    [
        (date(2026, 11, 26), "ok"),
        (date(2026, 11, 27), "soon"),
        (date(2026, 11, 29), "soon"),
        (date(2026, 11, 30), "soon"),
        (date(2026, 12, 1), "late"),
    ],
)
def test_a_promise_is_soon_on_the_working_day_before(today, how):
    seen = replace(SENT, seen_at=MONDAY)
    assert due(seen, today, CLOCKS) == Due("contact", date(2026, 11, 30), how)


@pytest.mark.parametrize(
    ("waited", "what", "after", "how"),
    [
        (0, "reminder", 9, "ok"),
        (9, "reminder", 21, "ok"),
        (21, "closing", 45, "ok"),
        (38, "closing", 45, "soon"),
        (45, "closing", 45, "soon"),
        (46, "closing", 45, "late"),
    ],
)
def test_what_waits_is_reminded_then_closed(waited, what, after, how):
    waiting = replace(SENT, state="waiting", contacted_at=MONDAY, moved_at=MONDAY)
    start = MONDAY.date()
    expected = Due(what, start + timedelta(after), how)
    assert due(waiting, start + timedelta(waited), CLOCKS) == expected


@pytest.mark.parametrize(
    ("waited", "reminder", "closes"),
    [
        (8, None, False),
        (9, 9, False),
        (20, 9, False),
        (21, 21, False),
        (44, 21, False),
        (45, 21, True),
        (99, 21, True),
    ],
)
def test_reminders_and_closing_are_reached_on_their_day(waited, reminder, closes):
    waiting = replace(SENT, state="transmitted", moved_at=MONDAY)
    today = MONDAY.date() + timedelta(waited)
    assert reminder_reached(waiting, today, CLOCKS) == reminder
    assert closing_reached(waiting, today, CLOCKS) == closes


@pytest.mark.parametrize("state", ["new", "qualifying"])
def test_what_nobody_looked_at_stays_late_and_never_closes(state):
    forgotten = replace(SENT, state=state)
    long_after = MONDAY.date() + timedelta(400)
    assert due(forgotten, long_after, CLOCKS) == Due("first-look", date(2026, 11, 25), "late")
    assert not closing_reached(forgotten, long_after, CLOCKS)


@pytest.mark.parametrize("state", ["draft", "closed", "expired"])
def test_nothing_is_due_on_what_is_not_open(state):
    assert due(replace(SENT, state=state), MONDAY.date(), CLOCKS) is None


def test_the_day_of_the_sending_is_the_day_in_france():
    late_on_monday_in_utc = replace(SENT, sent_at=datetime(2026, 11, 23, 23, 30))
    found = due(late_on_monday_in_utc, date(2026, 11, 24), CLOCKS)
    assert found == Due("first-look", date(2026, 11, 26), "ok")


def test_a_mail_that_may_wait_leaves_on_a_working_morning():
    assert morning(date(2026, 11, 28)) == datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert morning(date(2026, 7, 14)) == datetime(2026, 7, 15, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", [{"first_look": 0}, {"contact": 1}, {"reminders": (21, 9)}, {"closing": 21}]
)
def test_clocks_that_cannot_be_followed_are_refused(wrong):
    with pytest.raises(WrongClocks, match="doit monter"):
        Clocks(**wrong)


@pytest.mark.parametrize(("what", "late"), SENTENCES)
def test_every_due_thing_has_its_words(what, late):
    how = "late" if late else "soon"
    assert due_sentence(Due(what, date(2026, 12, 1), how)).endswith(
        "le 1er\u00a0décembre\u00a02026"
    )
    assert STANDING[how]


@pytest.mark.parametrize("text", [*STANDING.values(), *SENTENCES.values()])
def test_what_is_due_is_said_in_english_too(text):
    assert translations("en").gettext(text) != text
