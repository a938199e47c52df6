"""Learning from judged needs, measuring it, and judging at the terminal."""

import json
from dataclasses import replace

import numpy as np
import pytest

from matching.eligibility import DATE_RULES
from matching.errors import AiguilleError
from matching.learned import load_learned, save_learned
from service.settings import Settings
from service.usecases import judging, learning, reporting

SOME = 120
FEW = 60


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    pytest.importorskip("lightgbm", reason="extra « train » absent")
    whole = learning.open_world(Settings(folder=tmp_path_factory.mktemp("monde")))
    return replace(whole, judged=whole.judged[:SOME])


@pytest.fixture(scope="module")
def trained(world):
    return learning.learn(world, world.judged, version="essai")


def test_the_same_needs_teach_the_same_model(world, trained, tmp_path):
    again = learning.learn(world, world.judged, version="essai")
    for folder, one in (("a", trained), ("b", again)):
        save_learned(tmp_path / folder, one.learned)
    read = [(tmp_path / f / "manifest.json").read_text() for f in ("a", "b")]
    assert read[0] == read[1]


def test_what_is_written_is_what_is_read(trained, tmp_path):
    save_learned(tmp_path, trained.learned)
    read = load_learned(tmp_path)
    table = trained.examples.features[:200]
    np.testing.assert_array_equal(read.ranker.scores(table), trained.learned.ranker.scores(table))


def test_our_trees_say_what_lightgbm_says(world, trained):
    lightgbm = pytest.importorskip("lightgbm")
    from matching.training import ranker

    table = trained.examples
    data = lightgbm.Dataset(table.features, (table.grades >= 2).astype(float))
    booster = lightgbm.train({**ranker.PARAMETERS, "seed": 1}, data, 20)
    ours = ranker.as_trees(booster).sum(table.features)
    theirs = booster.predict(table.features, raw_score=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_a_hundred_needs_already_beat_the_plain_sum(world, trained):
    found = reporting.cross_validation(world, trained)
    matcher = world.matcher(world.judged, None)
    plain = []
    for precedent in world.judged:
        if any(precedent.grades.values()):
            hearing = matcher.hear(precedent.need, None, DATE_RULES)
            rows = np.flatnonzero(hearing.admissible)
            summed = hearing.scale.sum(hearing.signals.table)[rows]
            best = rows[np.argsort(-summed, kind="stable")[:1]]
            plain.append(precedent.grades.get(world.index.offers[int(best[0])].id, 0) > 0)
    assert found["needs"] == len(plain)
    assert found["p@1"] > np.mean(plain)


def test_the_report_measures_every_system_on_what_was_held_out(world, tmp_path):
    queries = [
        {"_id": f"q{i}", "text": p.need.text, "metadata": {"profile": p.need.actor.kind}}
        for i, p in enumerate(world.judged[:6])
    ]
    (tmp_path / "qrels").mkdir()
    lines = [f"q{i}\t{o}\t{g}" for i, p in enumerate(world.judged[:6]) for o, g in p.grades.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(lines))
    labels = [{"id": f"q{i}", "need_types": ["tresorerie"]} for i in range(6)]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    found, svg = reporting.report(replace(world, judged=world.judged[:FEW]), tmp_path)
    rivals = {*reporting.RIVALS, "tfidf", "lsa", "all-minilm"}
    assert found["systems"].keys() == {"full", *rivals}
    assert found["systems"]["full"]["full_above"] == [0.0, 0.0, 0.0]
    assert [p["judged"] for p in found["curve"]] == [50, FEW]
    assert svg.startswith("<svg")


def test_without_the_extra_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matching.training.ranker", None)
    with pytest.raises(AiguilleError, match=r"aiguille\[train\]"):
        learning.trainer()


def test_an_assessor_grades_stops_and_goes_on(tmp_path):
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "n1", "text": "payer les salaires"}\n{"_id": "n2", "text": "trouver une salle"}\n'
    )
    settings = Settings(folder=tmp_path)
    said: list[str] = []
    typed = iter(["1=3", "99=1", "/salle", "", "fin", "quitter"])
    done = judging.judge_needs(settings, tmp_path, "lea", 5, lambda _: next(typed), said.append)
    assert done == 1
    assert any("de 1 à 5" in line for line in said)
    again = iter(["fin"])
    assert (
        judging.judge_needs(settings, tmp_path, "lea", 5, lambda _: next(again), said.append) == 1
    )
    rows = (tmp_path / "judgements" / "lea.tsv").read_text().splitlines()[1:]
    assert rows[0].startswith("n1\t")
    assert rows[0].endswith("\t3")
    assert rows[1] == "n2\t-\t0"
