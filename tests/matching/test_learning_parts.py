"""What is remembered of judged needs, the trees, the doubt: the parts that were learned."""

import json
import shutil

import numpy as np
import pytest

from matching.doubt import SIGNS, LearnedDoubt, PlainDoubt
from matching.errors import AiguilleError
from matching.features import FEATURES
from matching.foretelling import fit, inverse, weights_without
from matching.index import ExactIndex, Query
from matching.learned import SHIPPED, load_learned
from matching.lexical import Lexical
from matching.likeness import SAME_DEPARTMENT, SAME_KIND, SAME_REGION, Likeness, company
from matching.precedents import RECORDS, Precedent, Precedents
from matching.ranker import KNOWN, PLAIN_RANKER, TreeRanker
from matching.text import tokens
from matching.trees import AT_ONCE, Trees
from service.catalogue import fit_encoder
from tests.builders import FRAME, need, offer

SALARIES = Precedent("n1", need("on ne peut plus payer les salaires"), {"pret": 3}, ("tresorerie",))
BOARD = Precedent("n2", need("personne ne veut être président"), {"conseil": 2}, ("gouvernance",))


@pytest.fixture(scope="module")
def memory():
    offers = [offer("pret", kind="pret"), offer("conseil", kind="conseil"), offer("jamais-jugée")]
    encoder = fit_encoder(offers, FRAME.need_types())
    index = ExactIndex.build(offers, FRAME.need_types(), encoder)
    return Precedents.build([SALARIES, BOARD], encoder, index), encoder


def records(memory, text, leaving_out=()):
    precedents, encoder = memory
    near = precedents.near(need(text), Query.of(text, encoder), leaving_out)
    table = precedents.records(near, "association", np.ones(len(FRAME.need_types()), np.float32))
    return dict(zip(RECORDS, table, strict=True)), near


def test_what_helped_a_similar_need_counts_for_this_one(memory):
    found, near = records(memory, "comment payer les salaires ce mois-ci")
    rows = memory[0].index.rows
    assert found["similar_lexical"][rows["pret"]] == pytest.approx(1.0)
    assert found["similar_lexical"][rows["conseil"]] == pytest.approx(0.0)
    assert memory[0].closest_helped(near, rows["pret"]) == (SALARIES.need.text,)


def test_an_offer_never_judged_has_no_history(memory):
    found, near = records(memory, "comment payer les salaires ce mois-ci")
    row = memory[0].index.rows["jamais-jugée"]
    assert all(found[name][row] == 0 for name in ("similar_dense", "helped_types"))
    assert memory[0].closest_helped(near, row) == ()


def test_a_need_left_out_teaches_nothing_of_itself(memory):
    found, near = records(memory, SALARIES.need.text, leaving_out={"n1"})
    assert not near.kept[0]
    assert found["similar_lexical"][memory[0].index.rows["pret"]] == 0


def test_the_regression_without_some_needs_is_that_of_the_others():
    points = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    kernel, targets = np.exp(points @ points.T / 4), points[:, :2]
    out, rest = np.array([2, 5, 6]), np.array([0, 1, 3, 4, 7, 8])
    weights = weights_without(out, fit(kernel, targets), inverse(kernel))
    apart = fit(kernel[np.ix_(rest, rest)], targets[rest])
    np.testing.assert_allclose(weights[rest], apart, atol=1e-4)
    np.testing.assert_allclose(weights[out], 0, atol=1e-4)


def test_a_need_left_out_foretells_nothing(memory):
    found, _ = records(memory, SALARIES.need.text, leaving_out={"n1"})
    assert found["foretold"][memory[0].index.rows["pret"]] == pytest.approx(0, abs=1e-6)


def test_a_judged_need_asked_again_foretells_what_helped_it(memory):
    found, near = records(memory, SALARIES.need.text)
    rows = memory[0].index.rows
    assert found["foretold"][rows["pret"]] > 0.5 > found["foretold"][rows["conseil"]]
    assert near.foretold[-1] > 0.5


def likeness(*needs):
    texts = [n.text for n in needs]
    vectors = np.ones((len(needs), 1), np.float32)
    return Likeness.build(needs, vectors, Lexical.build(texts))


def test_needs_of_one_place_and_kind_are_more_alike():
    here, there = need("le toit fuit"), need("le toit fuit", kind="tpe", place=None)
    known = likeness(here, there)
    (alike,) = known.of([tokens(here.text)], np.ones((1, 1), np.float32), company([here]))
    # Meaning and words are the same: 1 + 1.
    assert alike[1] == pytest.approx(2.0)
    place = 1 + SAME_REGION + SAME_DEPARTMENT
    assert alike[0] == pytest.approx(2.0 * (1 + SAME_KIND) * place)


def test_likeness_is_mutual():
    needs = [
        need("le toit fuit encore"),
        need("le toit du local"),
        need("payer un salaire", kind="tpe"),
    ]
    known = likeness(*needs)
    kernel = known.of([tokens(n.text) for n in needs], np.ones((3, 1), np.float32), company(needs))
    np.testing.assert_allclose(kernel, kernel.T, rtol=1e-5)
    assert kernel[0, 1] > kernel[0, 2]


def stump(value_left, value_right):
    """One tree: feature 0 at most 0.5 or not."""
    return Trees(
        np.array([[0]]),
        np.array([[0.5]], np.float32),
        np.array([[1.5, value_left, value_right]], np.float32),
    )


def test_a_row_falls_in_its_leaf_and_the_split_gets_the_credit():
    trees = stump(1.0, 3.0)
    table = np.array([[0.2, 9], [0.9, 9]], np.float32)
    assert trees.sum(table).tolist() == [1.0, 3.0]
    assert trees.contributions(table).tolist() == [[1.0 - 1.5, 0], [3.0 - 1.5, 0]]


def test_many_rows_are_summed_as_one_by_one():
    table = np.random.default_rng(0).random((AT_ONCE + 3, 1), np.float32)
    expected = np.where(table[:, 0] <= 0.5, 1.0, 3.0)
    assert stump(1.0, 3.0).sum(table).tolist() == expected.tolist()


def test_contributions_of_the_shipped_trees_add_up_to_their_score():
    ranker = load_learned().ranker
    table = np.random.default_rng(0).random((20, len(FEATURES)), np.float32)
    table[:, KNOWN] = 1
    moved = ranker.trees.contributions(table).sum(axis=1)
    np.testing.assert_allclose(moved + ranker.trees.bases.sum(), ranker.trees.sum(table), atol=1e-3)


def test_an_offer_imported_yesterday_is_ranked_by_the_plain_weighting():
    ranker = TreeRanker(stump(1.0, 3.0), 1.0, 0.0, "test")
    table = np.zeros((2, len(FEATURES)), np.float32)
    table[1, KNOWN] = 1
    scores = ranker.scores(table)
    assert scores[0] == PLAIN_RANKER.scores(table)[0]
    assert scores[1] == pytest.approx(1 / (1 + np.exp(-1.0)))


def test_the_shipped_trees_never_lower_a_score_for_more_similarity():
    ranker = load_learned().ranker
    table = np.random.default_rng(1).random((50, len(FEATURES)), np.float32)
    table[:, KNOWN] = 1
    for name in ("dense_text", "bm25_text", "dense_expressions", "similar_dense"):
        closer = table.copy()
        closer[:, list(FEATURES).index(name)] += 1
        assert (ranker.scores(closer) >= ranker.scores(table) - 1e-6).all()


def test_a_damaged_model_is_refused(tmp_path):
    folder = tmp_path / "ranker"
    shutil.copytree(SHIPPED, folder)
    arrays = folder / "learned.npz"
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"x")
    with pytest.raises(AiguilleError, match="abîmé"):
        load_learned(folder)


def test_a_model_of_other_features_is_refused(tmp_path):
    folder = tmp_path / "ranker"
    shutil.copytree(SHIPPED, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["features"] = manifest["features"][1:]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(AiguilleError, match="autres mesures"):
        load_learned(folder)


def test_doubt_lies_between_a_sure_answer_and_silence():
    weights = np.zeros(len(SIGNS) + 1, np.float32)
    weights[SIGNS.index("best_score")] = 10
    weights[-1] = -5  # log-odds 0 at a best score of one half
    doubt = LearnedDoubt(weights, 0.6)
    seen = np.zeros(len(SIGNS), np.float32)
    told = []
    for score in (0.9, 0.5, 0.1):
        seen[SIGNS.index("best_score")] = score
        told.append((doubt.sure(seen), doubt.heard(seen)))
    assert told == [(True, True), (False, True), (False, False)]


def test_the_very_words_of_an_offer_are_always_worth_a_word():
    seen = np.zeros(len(SIGNS), np.float32)
    seen[SIGNS.index("bm25_offer")] = 8
    silent = LearnedDoubt(np.append(np.zeros(len(SIGNS)), -9).astype(np.float32), 0.6)
    assert silent.heard(seen)
    assert not silent.sure(seen)
    assert PlainDoubt().heard(seen)
