"""Small: that each engine installed answers the question asked, and that what is told of it is so."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tests.bench.peers.measure import ENGINES, EXACT, Row, _admissible, missing, run
from tests.bench.peers.measure import measured as measure
from tests.bench.peers.one import DEPTHS
from tests.bench.peers.picture import latencies
from tests.bench.peers.question import World, kept, made_world
from tests.bench.peers.report import page, shown

FEW, MANY = DEPTHS
OFFERS, NEEDS = 300, 6


@pytest.fixture(scope="module")
def world() -> World:
    return made_world(OFFERS, NEEDS)


@pytest.fixture(scope="module")
def admissible(world):
    return _admissible(world)


@pytest.fixture(scope="module")
def seen(world, tmp_path_factory):
    """A function: what an engine answered in a process of its own, once."""
    folder, found = tmp_path_factory.mktemp("peers"), {}
    kept(world, folder / "world")

    def of(module):
        if why := missing(module):
            pytest.skip(why)
        if module not in found:
            found[module] = run(module, folder / "world", folder / module)
        return found[module]

    return of


@pytest.mark.parametrize("module", ENGINES)
def test_an_engine_gives_admissible_offers_once_each_and_no_more_than_it_was_asked(
    module, seen, admissible
):
    for depth in DEPTHS:
        answers = seen(module)["asked"][str(depth)]["ids"]
        assert [len(set(ids)) for ids in answers] == [len(ids) for ids in answers]
        assert max(map(len, answers)) <= depth
        for ids, allowed in zip(answers, admissible, strict=True):
            assert set(ids) <= allowed


@pytest.mark.parametrize("module", [e for e in ENGINES if e != "txt"])
def test_an_engine_that_filters_first_finds_all_that_is_admissible_when_asked_for_more(
    module, seen, admissible
):
    for ids, allowed in zip(seen(module)["asked"][str(MANY)]["ids"], admissible, strict=True):
        assert set(ids) == allowed


def test_by_hand_what_the_exact_index_puts_first_is_found_again(seen, admissible):
    first = seen(EXACT)["asked"][str(FEW)]["ids"]
    # A product of matrices may round otherwise: two offers almost alike may change places.
    assert measure(seen("by_hand"), FEW, first, admissible).recall >= 0.99


def test_needs_leave_out_some_offers_and_not_the_same(admissible):
    assert 0 < min(map(len, admissible)) < max(map(len, admissible)) < OFFERS


def test_recall_and_violations_are_counted_need_by_need():
    asked = {str(FEW): {"ids": [["a", "x"], ["c"]], "ms": [1.0, 3.0]}}
    one = measure({"asked": asked}, FEW, [["a", "b"], ["c"]], [{"a", "b"}, {"c"}])
    assert (one.p50_ms, one.recall, one.violations) == (2.0, (1 / 2 + 1) / 2, 1)


@pytest.fixture(scope="module")
def rows(seen, admissible) -> list[Row]:
    first = seen(EXACT)["asked"][str(FEW)]["ids"]
    by_depth = {d: measure(seen(EXACT), d, first, admissible) for d in DEPTHS}
    return [
        Row("Ours", "as it is", by_depth, 1.5, 120.0, 80.0),
        Row("Theirs", "kindly", {}, absent="not run: theirs is not installed"),
    ]


def test_the_table_and_the_page_say_what_was_run_and_what_was_not(rows):
    screen = StringIO()
    Console(width=400, file=screen).print(shown(OFFERS, rows))
    told = page("2026-11-25", ["Machine: this one"], {OFFERS: rows}, {OFFERS: NEEDS})
    for text in (screen.getvalue(), told):
        assert "1.000" in text
        assert "not run: theirs is not installed" in text
    assert "Machine: this one" in told
    assert "- **Theirs.** kindly" in told


def test_the_page_says_where_another_engine_is_ahead(rows):
    faster = replace(rows[0], name="Faster", build_s=1.0)
    told = page("2026-11-25", [], {OFFERS: [*rows, faster]}, {OFFERS: NEEDS})
    assert "- build, s: 1.5; Faster 1.0\n" in told
    assert "behind: nowhere" in page("2026-11-25", [], {OFFERS: rows}, {OFFERS: NEEDS})


def test_the_picture_has_a_line_for_each_engine_that_was_run(rows):
    picture = ElementTree.fromstring(latencies({OFFERS: rows}, FEW))
    said = "".join(picture.itertext())
    assert "Ours" in said
    assert "recall 1.000" in said
    assert "Theirs" not in said
