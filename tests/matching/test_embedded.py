"""The encoder that ships: vectors of unit length, whatever the company of a text."""

import shutil

import numpy as np
import pytest

from matching.embedded import SHIPPED, EmbeddedEncoder
from matching.errors import AiguilleError


@pytest.fixture(scope="module")
def encoder():
    return EmbeddedEncoder()


def test_a_text_has_the_same_vector_alone_or_in_company(encoder):
    texts = ["plus personne ne veut reprendre le bureau", "facture", "payer les salaires " * 80]
    together = encoder.encode(texts)
    alone = np.vstack([encoder.encode([text]) for text in texts])
    assert together.shape == (3, 384)
    assert together.tolist() == alone.tolist()


def test_vectors_have_unit_length_and_an_empty_text_has_none(encoder):
    vectors = encoder.encode(["salaires", "", "  "])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0], atol=1e-5)


def test_meaning_is_closer_than_words(encoder):
    need, near, far = encoder.encode(
        [
            "on n’arrive plus à payer les salaires",
            "difficultés de trésorerie de l’employeur",
            "apprendre la photographie de paysage",
        ]
    )
    assert need @ near > need @ far


def test_a_damaged_model_is_refused(tmp_path):
    folder = tmp_path / "encoder"
    shutil.copytree(SHIPPED, folder)
    model = folder / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"\0")
    with pytest.raises(AiguilleError, match="abîmé"):
        EmbeddedEncoder(folder)


def test_the_same_folder_loads_in_sentence_transformers_and_both_agree(encoder, tmp_path):
    library = pytest.importorskip("sentence_transformers", reason="extra transformers absent")
    texts = ["on n’arrive plus à payer les salaires", "", "le bureau du club " * 90]
    loaded = library.SentenceTransformer(str(SHIPPED), trust_remote_code=True, device="cpu")
    np.testing.assert_allclose(loaded.encode(texts), encoder.encode(texts), atol=1e-2)
    loaded.save(str(tmp_path))
    again = library.SentenceTransformer(str(tmp_path), trust_remote_code=True, device="cpu")
    np.testing.assert_allclose(again.encode(texts), loaded.encode(texts), atol=1e-6)
