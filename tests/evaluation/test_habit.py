"""Comparing, judging by hand, and the judged needs that ship."""

import json

import numpy as np
import pytest

from data.territories import Gazetteer
from evaluation.compare import difference, f1, reliability, slices
from evaluation.corpus import CorpusError, precedents, read_collection
from evaluation.curve import curve_svg
from evaluation.datasets import TRAIN_NEEDS
from evaluation.judging import already_judged, judgements_file, keep_grades, read_grades
from evaluation.measure import measure
from matching.eligibility import DATE_RULES, NO, judge


def test_the_same_gap_everywhere_leaves_no_doubt():
    gap = difference({"a": 0.5, "b": 0.7, "c": 0.9}, {"a": 0.4, "b": 0.6, "c": 0.8})
    assert (gap.mean, gap.low, gap.high) == pytest.approx((0.1, 0.1, 0.1))


def test_a_gap_that_changes_sides_may_be_luck():
    gap = difference({"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 1.0})
    assert gap.low < 0 < gap.high


def test_calibration_error_is_the_mean_gap_of_the_bins():
    foreseen = np.array([0.15, 0.15, 0.85, 0.85])
    found = reliability(foreseen, np.array([False, True, True, True]))
    assert found.error == pytest.approx((2 * abs(0.15 - 0.5) + 2 * abs(0.85 - 1)) / 4)


def test_f1_counts_right_said_and_true():
    truth = [frozenset({"a", "b"}), frozenset({"a"})]
    found = [frozenset({"a"}), frozenset({"b"})]
    micro, macro = f1(truth, found)
    assert micro == pytest.approx(2 * 1 / (2 + 3))
    assert macro == pytest.approx((2 * 1 / (1 + 2) + 0) / 2)


def test_a_slice_says_how_many_and_how_well():
    cut = slices({"a": 1.0, "b": 0.0}, {"kind": lambda i: "x" if i == "a" else None})
    assert cut == {"kind": {"x": (1, 1.0)}}


def test_the_curve_is_a_picture_with_its_names():
    svg = curve_svg("Courbe", "besoins", {"nDCG@10": [(50, 0.4), (100, 0.5)]})
    assert svg.startswith("<svg")
    assert "nDCG@10" in svg
    assert svg.count("<circle") == 2


def test_grades_are_typed_by_the_number_shown():
    assert read_grades("1=3 2=0", ["dla", "prev"]) == {"dla": 3, "prev": 0}
    with pytest.raises(CorpusError, match="de 1 à 2"):
        read_grades("3=1", ["dla", "prev"])
    with pytest.raises(CorpusError, match="numéro=note"):
        read_grades("dla", ["dla"])


def test_each_assessor_has_a_file_and_nothing_is_asked_twice(tmp_path):
    path = judgements_file(tmp_path, "lea")
    keep_grades(path, "n1", {"dla": 3})
    keep_grades(path, "n2", {})
    assert already_judged(path) == {"n1", "n2"}
    assert path.read_text().splitlines()[1:] == ["n1\tdla\t3", "n2\t-\t0"]
    with pytest.raises(CorpusError, match="minuscules"):
        judgements_file(tmp_path, "../lea")


@pytest.fixture(scope="module")
def shipped():
    return read_collection(TRAIN_NEEDS, Gazetteer.load().place)


def test_the_shipped_needs_are_whole(shipped, catalogue):
    ids = catalogue.matcher.index.rows
    types = {t.code for t in catalogue.frame.need_types()}
    assert len(shipped.needs) >= 900
    assert not shipped.notices
    assert {o for grades in shipped.qrels.values() for o in grades} <= set(ids)
    assert {t for label in shipped.labels.values() for t in label.need_types} <= types
    assert shipped.labels.keys() == {n.id for n in shipped.needs}
    unanswerable = sum(not shipped.qrels.get(n.id) for n in shipped.needs)
    assert 0.08 <= unanswerable / len(shipped.needs) <= 0.15


def test_no_grade_breaks_a_rule(shipped, catalogue):
    index = catalogue.matcher.index
    for one in precedents(shipped):
        verdicts = judge(index.columns, one.need, None, ignoring=DATE_RULES).verdicts
        assert all(verdicts[index.rows[i]] != NO for i in one.grades), one.id


FROZEN = json.loads((TRAIN_NEEDS / "frozen.json").read_text())


def test_what_ships_ranks_as_well_as_when_it_was_measured(shipped, catalogue):
    """A gate against regressions, on a frozen part; it is no measure of quality."""
    needs = [n for n in shipped.needs if n.id in FROZEN["needs"]]
    assert len(needs) == len(FROZEN["needs"])
    found = measure(catalogue.matcher, needs, shipped.qrels, ignoring=DATE_RULES)
    assert found.scores["ndcg@10"] >= FROZEN["ndcg@10"] - 0.01
    assert found.violations == 0
