"""From what everyone is told of counts, on one Monday or on many, no count can be worked out."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise, product

import pytest

from service.triage.masking import (
    STEP,
    UNTOLD,
    Group,
    drawn,
    settled,
    tell,
    together,
    told_apart,
)

DRAWS = range(STEP)
COUNTS = range(15)


def mondays(start, steps, off):
    """What is told of a group week after week, from nothing told."""
    told, counts = [0], [start]
    for step in (0, *steps):
        counts.append(counts[-1] + step)
        told.append(settled(told[-1], counts[-1], off))
    return tuple(told[1:]), counts


def test_a_count_under_five_is_never_told_at_first_and_what_is_told_is_below_it():
    for count, off in product(COUNTS, DRAWS):
        told = settled(0, count, off)
        assert told % STEP == 0
        assert told <= count
        assert told == 0 or count >= STEP


def test_fewer_than_five_needs_erased_or_corrected_move_nothing():
    """From a figure that was just told: as long as each week takes few, and all of them too."""
    for count, off, steps in product(range(5, 40), DRAWS, product((0, -1, -2), repeat=2)):
        told, _ = mondays(count, steps, off)
        assert len(set(told)) == 1


def test_a_figure_moves_only_when_it_is_five_away():
    for last, count, off in product(range(0, 25, STEP), range(40), DRAWS):
        told = settled(last, count, off)
        assert (told == last) == (abs(count - off - last) < STEP)
        assert abs(count - off - told) < STEP or told == 0 > count - off - STEP


@pytest.mark.parametrize("steps", list(product((-3, 0, 1, 4), repeat=3)))
def test_who_knows_every_need_since_the_first_monday_cannot_tell_how_many_there_were(steps):
    """All they may learn is the count less the draw, which five counts share.

    Fewer fit only near zero; one alone only when there was, at some time, none at all.
    """
    fitting = defaultdict(set)
    worlds = []
    for start, off in product(range(25), DRAWS):
        told, counts = mondays(start, steps, off)
        if min(counts) >= 0:
            fitting[told].add(start)
            worlds.append((told, counts))
    for told, counts in worlds:
        if counts[0] < 25 - STEP:  # beyond, what else would fit was not tried
            assert len(fitting[told]) >= min(STEP, 1 + min(counts))


def test_what_a_group_hides_is_counted_with_its_neighbours():
    shown, left = told_apart(
        [Group("a", 12), Group("b", 3), Group("c", 4)], lambda g: tell(g, 0, 0)
    )
    assert shown == {"a": 10}
    (rest,) = together("rest", left)
    assert rest == Group("rest", 7, 2)
    assert tell(rest, 0, 0) == 5
    assert together("rest", []) == []


def world_told(counts, draws):
    """Two places and what is left of them, in a wider one with a third place."""
    names = ("a", "b", "rest", "c", "wider")
    off = dict(zip(names, draws, strict=True))

    def told(group):
        return tell(group, 0, off[group.name])

    shown, left = told_apart([Group("a", counts[0]), Group("b", counts[1])], told)
    more, small = told_apart([*together("rest", left), Group("c", counts[2])], told)
    rest, _ = told_apart(together("wider", small), told)
    return tuple(sorted((shown | more | rest).items()))


def test_no_place_is_worked_out_from_the_rest_of_its_region_and_of_france():
    """Whoever knows the rules, and reads all that is told, finds five counts or more for each."""
    most = 14
    fitting = defaultdict(lambda: (set(), set(), set()))
    for counts in product(range(most), repeat=3):
        for draws in product((0, STEP - 1), repeat=5):
            found = fitting[world_told(counts, draws)]
            for values, count in zip(found, counts, strict=True):
                values.add(count)
    tried = [v for found in fitting.values() for v in found if min(v) <= most - STEP]
    assert len(tried) > 50
    assert all(len(values) >= STEP for values in tried)


@pytest.mark.parametrize("parts", [1, 2, 3, 4, 7])
def test_the_rest_never_says_so_much_that_its_parts_are_full(parts):
    most = max(tell(Group("rest", UNTOLD * parts, parts), 0, off) for off in DRAWS)
    assert most - STEP < UNTOLD * (parts - 1)


def test_a_draw_is_the_same_every_week_and_spread_evenly():
    draws = [drawn("salt", f"place {n}") for n in range(5_000)]
    assert draws == [drawn("salt", f"place {n}") for n in range(5_000)]
    assert all(900 < draws.count(draw) < 1_100 for draw in DRAWS)
    assert draws != [drawn("other", f"place {n}") for n in range(5_000)]


def test_a_count_that_comes_and_goes_moves_its_figure_by_five():
    told, _ = mondays(9, (1, -1) * 10, 0)
    assert all(a <= b for a, b in pairwise(told))
    assert set(told) == {5, 10}
