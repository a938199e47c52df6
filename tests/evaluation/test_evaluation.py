"""Offline measures on a folder of three offers and three needs, sums checked by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log2

import pytest

from data.territories import Gazetteer
from evaluation.corpus import CorpusError, read_collection
from evaluation.measure import strictly_decreasing, write_run
from evaluation.systems import SYSTEMS
from evaluation.violations import broken_rules
from matching.errors import AiguilleError
from service.settings import Settings
from service.usecases.evaluating import EvaluationOrder, evaluate_folder, record
from tests.builders import LILLE, TODAY, need, offer

CORPUS = [
    {"_id": "salaires", "title": "Avance", "text": "payer les salaires en retard", "metadata": {}},
    {
        "_id": "local",
        "title": "Local",
        "text": "trouver un local à Lyon pour une association",
        "metadata": {"territories": ["DEP-69"], "status": "open", "valid_to": "2021"},
    },
    {"_id": "velo", "title": "Vélo", "text": "prêt de vélos cargos", "metadata": {"couleur": 3}},
]
NEEDS = [
    {"_id": "q1", "text": "payer les salaires", "metadata": {"commune": "69123"}},
    {
        "_id": "q2",
        "text": "un local",
        "metadata": {"territories": ["DEP-69"], "today": "2026-01-01"},
    },
    {"_id": "q3", "text": "pourquoi le ciel est bleu", "metadata": {"commune": "59999"}},
]


@pytest.fixture
def folder(tmp_path):
    for name, records in (("corpus", CORPUS), ("queries", NEEDS)):
        lines = "\n".join(json.dumps(r) for r in records)
        (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tsalaires\t3\nq1\tvelo\t1\nq2\tlocal\t2\n"
    )
    return tmp_path


def evaluated(folder, **options):
    order = EvaluationOrder(folder, **options)
    collection, measured = evaluate_folder(Settings(), order)
    return record(order, collection, measured), measured


def test_a_system_is_scored_on_answerable_needs_alone(folder):
    found, measured = evaluated(folder, system="bm25", ignore_dates=True)
    assert (found["needs"], found["answerable"]) == (3, 2)
    assert measured.run["q1"][0][0] == "salaires"
    assert found["p@1"] == 1.0
    ranks = [offer_id for offer_id, _ in measured.run["q1"]]
    gain = 3 + 1 / log2(ranks.index("velo") + 2)
    assert found["ndcg@10"] == pytest.approx((gain / (3 + 1 / log2(3)) + 1) / 2, abs=1e-4)


def test_dates_count_unless_they_are_ignored(folder):
    found, measured = evaluated(folder)
    assert "local" not in dict(measured.run["q2"])
    assert found["violations"] == 0
    _, ignoring = evaluated(folder, ignore_dates=True)
    assert "local" in dict(ignoring.run["q2"])


def test_the_answers_that_a_rule_keeps_away_are_counted(folder):
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tlocal\t2\nq2\tlocal\t2\nq3\tlocal\t0\nq3\tvelo\t1\n"
    )
    assert evaluated(folder)[0]["excluded"] == {"over": 1}
    assert evaluated(folder, ignore_dates=True)[0]["excluded"] == {}
    (folder / "queries.jsonl").write_text(
        json.dumps({"_id": "q1", "text": "un local", "metadata": {"commune": "59350"}})
    )
    assert evaluated(folder, ignore_dates=True)[0]["excluded"] == {"territory": 1}


def test_ignoring_eligibility_ranks_all_and_counts_no_broken_rule(folder):
    found, measured = evaluated(folder, ignore_eligibility=True, depth=0)
    assert {len(r) for r in measured.run.values()} == {3}
    assert found["violations"] == 0


def test_an_unknown_commune_widens_and_is_told(folder):
    found, _ = evaluated(folder)
    assert "59999" in found["notices"][0]


def test_what_no_offer_answers_counts_in_abstention(folder):
    found, _ = evaluated(folder)
    assert found["abstention"]["unanswerable"] == 1
    assert found["abstention"]["refused"] == 1


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_system_runs_and_is_the_same_twice(name, folder):
    first, second = (evaluated(folder, system=name)[1].run for _ in range(2))
    assert first == second


def test_the_run_file_has_no_tie_and_keeps_the_order(folder, tmp_path):
    write_run({"q": [("b", 0.5), ("a", 0.5)]}, tmp_path / "run", "x")
    assert (tmp_path / "run").read_text() == "q Q0 b 1 0.500000 x\nq Q0 a 2 0.499999 x\n"
    assert strictly_decreasing([]) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("queries.jsonl", "{oups", "queries.jsonl, ligne 1"),
        ("corpus.jsonl", '{"title": "x"}', "_id"),
        ("qrels/test.tsv", "q1\tsalaires\tbeaucoup", "ligne 1"),
    ],
)
def test_a_broken_folder_says_which_line(name, text, told, folder):
    (folder / name).write_text(text)
    with pytest.raises(CorpusError, match=told):
        read_collection(folder, Gazetteer.load().place)


def test_an_unknown_system_lists_those_that_exist(folder):
    with pytest.raises(AiguilleError, match="full, plain, hybrid"):
        evaluated(folder, system="oracle")


def test_broken_rules_are_read_apart_from_the_matcher():
    closed = offer(status="closed", employees_min=5, audiences={"tpe"}, territories={"REG-94"})
    assert broken_rules(need(), closed, TODAY) == [
        "territory",
        "profile",
        "employees_min",
        "status",
    ]
    assert broken_rules(need(employees=None), offer(employees_min=5), TODAY) == []


def test_a_commune_too_peopled_breaks_a_rule_and_one_of_unknown_size_does_not():
    small = offer(population_max=1_999)
    peopled = need(place=replace(LILLE, population=2_000))
    assert broken_rules(peopled, small, TODAY) == ["population_max"]
    assert broken_rules(need(), small, TODAY) == []
