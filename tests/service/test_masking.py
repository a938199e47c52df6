"""No count under five can be worked out from the public figures, whatever a reader knows."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest

from service.triage.masking import HIDDEN, Shown, added, bars, cell, summed

UP_TO = range(7)


def open_to_doubt(worlds, publish):
    """For every hidden count of every world: how many values fit what was published."""
    fitting = defaultdict(list)
    for world in worlds:
        fitting[publish(world)].append(world)
    for published, found in fitting.items():
        for position in range(len(found[0])):
            values = {world[position] for world in found}
            yield published, position, found[0][position], values


def test_a_cell_under_five_is_hidden_and_zero_with_it():
    assert [cell(n).label.replace("\u00a0", " ") for n in (0, 1, 4, 5, 12)] == [
        "< 5",
        "< 5",
        "< 5",
        "5",
        "12",
    ]


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_no_part_of_a_sum_can_be_worked_out_even_by_who_knows_the_rules(parts):
    def publish(world):
        shown = tuple(cell(n) for n in world)
        return shown, summed(shown, sum(world))

    for (shown, _), position, _, values in open_to_doubt(product(UP_TO, repeat=parts), publish):
        if shown[position] == HIDDEN:
            assert len(values) > 1


def test_nor_through_the_sum_of_sums():
    """Two régions, of two and of one département, and needs of no known place."""

    def publish(world):
        cells = tuple(cell(n) for n in world)
        first, second = summed(cells[:2], sum(world[:2])), summed(cells[2:3], world[2])
        return (*cells, first, second, summed((first, second, cells[3]), sum(world)))

    def with_regions(world):
        return (*world, sum(world[:2]), world[2])

    worlds = [with_regions(w) for w in product(UP_TO, repeat=4)]
    for published, position, _, values in open_to_doubt(worlds, lambda w: publish(w[:4])):
        if published[position] == HIDDEN:
            assert len(values) > 1


def test_a_sum_says_the_truth():
    for world in product(UP_TO, repeat=3):
        shown = [cell(n) for n in world]
        found = summed(shown, sum(world))
        assert found.low <= sum(world) <= found.high
        assert added(shown).low <= found.low <= found.high <= added(shown).high


@pytest.mark.parametrize(
    ("world", "told"),
    [
        ((7, 0, 0), "≥ 7"),
        ((7, 3, 2), "12"),
        ((4, 4, 4), "≥ 11"),
        ((1, 1, 1), "< 5"),
        ((9, 6), "15"),
    ],
)
def test_a_sum_is_exact_where_what_it_hides_stays_open(world, told):
    assert summed([cell(n) for n in world], sum(world)).label.replace("\u00a0", " ") == told


@pytest.mark.parametrize("profiles", [2, 3, 4])
def test_no_bar_can_be_worked_out_by_who_knows_their_total(profiles):
    def publish(world):
        found = bars(dict(enumerate(world)))
        return sum(world), tuple(found.values())

    worlds = product(range(9), repeat=profiles)
    for (_, shown), position, _, values in open_to_doubt(worlds, publish):
        # Where all are under five, who knew the total would need no figure of ours.
        if shown[position] in {HIDDEN, None} and set(shown) != {HIDDEN}:
            assert len(values) > 1, shown


def test_bars_that_hide_nothing_are_all_shown():
    assert bars({"a": 5, "b": 60}) == {"a": Shown(5, 5), "b": Shown(60, 60)}
