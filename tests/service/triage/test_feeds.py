"""What a feed no longer has: withdrawn after a grace, held when it is much."""

from datetime import timedelta

import pytest

from service.triage.feeds import GRACE, judged, next_wait

LIVE = {"a", "b", "c", "d"}


def test_an_offer_goes_after_three_runs_in_a_row_without_it():
    absences, gone = {}, []
    for _ in range(GRACE):
        told = judged(LIVE, LIVE - {"a"}, absences)
        absences, gone = told.absences, [*gone, told.withdrawn]
    assert gone == [(), (), ("a",)]
    assert absences == {}


def test_one_that_comes_back_begins_again():
    twice = {"a": 2}
    assert judged(LIVE, LIVE, twice).absences == {}
    assert judged(LIVE, LIVE - {"a"}, {}).absences == {"a": 1}


@pytest.mark.parametrize(("seen", "held"), [({"a", "b"}, False), ({"a"}, True), (set(), True)])
def test_more_than_half_is_held_and_nothing_is_counted(seen, held):
    told = judged(LIVE, seen, {"d": 2})
    assert told.held is held
    assert told.absences == ({"d": 2} if held else {"c": 1})
    assert told.withdrawn == (() if held else ("d",))


def test_what_a_person_accepts_goes_at_once():
    told = judged(LIVE, {"a", "new"}, {}, accepted=True)
    assert (told.held, told.withdrawn, told.absences) == (False, ("b", "c", "d"), {})
    assert judged(LIVE, LIVE - {"a"}, {}, accepted=True).withdrawn == ()


def test_a_first_run_withdraws_nothing():
    assert judged((), {"a"}, {}).held is False


def test_failures_are_tried_again_sooner_and_never_later_than_due():
    day = timedelta(days=1)
    assert next_wait(day, 0) == day
    waits = [next_wait(day, n) for n in range(1, 8)]
    assert waits == sorted(waits)
    assert max(waits) <= day
    assert next_wait(timedelta(minutes=15), 3) == timedelta(minutes=15)
