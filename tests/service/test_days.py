"""Days are those of France, on the nights when clocks change and on the 29th of February."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.days import PARIS, day_of, months_before, start_of
from service.triage.clocks import morning, working_days_after

INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
DAYS = st.dates(date(2020, 1, 1), date(2060, 1, 1))
SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)


@given(DAYS)
def test_a_day_begins_where_the_one_before_ends(day):
    begins = start_of(day)
    assert day_of(begins) == day
    assert day_of(begins - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(INSTANTS)
def test_an_instant_is_in_its_day(now):
    day = day_of(now)
    assert start_of(day) <= now < start_of(day + timedelta(days=1))


@given(INSTANTS, INSTANTS)
def test_a_later_instant_is_never_on_an_earlier_day(one, other):
    assert day_of(min(one, other)) <= day_of(max(one, other))


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 11, 25), 24)])
def test_a_day_on_which_clocks_change_is_an_hour_shorter_or_longer(day, hours):
    lasts = start_of(day + timedelta(days=1)) - start_of(day)
    assert lasts == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("sunday", "hour_in_utc"), [(SPRING - timedelta(days=7), 8), (SPRING, 7), (AUTUMN, 8)]
)
def test_a_mail_of_the_morning_leaves_at_nine_by_the_clocks_of_france(sunday, hour_in_utc):
    leaves = morning(sunday)
    assert (leaves.hour, leaves.astimezone(PARIS).hour) == (hour_in_utc, 9)


@pytest.mark.parametrize(
    ("now", "months", "before"),
    [
        (datetime(2028, 2, 29, 10, tzinfo=UTC), 12, datetime(2027, 2, 28, 10, tzinfo=UTC)),
        (datetime(2028, 2, 29, 10, tzinfo=UTC), 48, datetime(2024, 2, 29, 10, tzinfo=UTC)),
        (datetime(2028, 3, 31, 10, tzinfo=UTC), 1, datetime(2028, 2, 29, 10, tzinfo=UTC)),
        (datetime(2100, 3, 31, 10, tzinfo=UTC), 1, datetime(2100, 2, 28, 10, tzinfo=UTC)),
        (datetime(2027, 1, 15, 10, tzinfo=UTC), 1, datetime(2026, 12, 15, 10, tzinfo=UTC)),
        (datetime(2027, 1, 15, 10, tzinfo=UTC), 13, datetime(2025, 12, 15, 10, tzinfo=UTC)),
        (datetime(2027, 1, 15, 10, tzinfo=UTC), 0, datetime(2027, 1, 15, 10, tzinfo=UTC)),
    ],
)
def test_months_before_are_days_that_exist(now, months, before):
    assert months_before(now, months) == before


@given(INSTANTS, st.integers(0, 60), st.integers(0, 60))
def test_more_months_before_is_never_later(now, some, more):
    assert months_before(now, some + more) <= months_before(now, some) <= now


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2028, 2, 28), 2, date(2028, 3, 1)),
        (date(2027, 2, 26), 1, date(2027, 3, 1)),
        (date(2027, 3, 26), 1, date(2027, 3, 30)),
    ],
)
def test_a_promise_counts_the_leap_day_and_not_the_night_of_the_clocks(start, days, end):
    """On the 28th of March 2027 clocks change, and the Monday after is Easter's."""
    assert working_days_after(start, days) == end
