"""Vectors kept by the hash of their text."""

import numpy as np

from data.vectors import CachedEncoder, read_vectors


class Counting:
    """Says how many texts it was asked for; a vector is the length of its text."""

    name = "counting"

    def __init__(self):
        self.asked = 0

    def encode(self, texts):
        self.asked += len(texts)
        return np.array([[len(t), 1] for t in texts], np.float32).reshape(-1, 2)


def test_a_text_is_encoded_once_even_by_another_process(tmp_path):
    first, second = Counting(), Counting()
    texts = ["un", "deux", "trois", "deux"]
    before = CachedEncoder(first, [tmp_path]).encode(texts)
    after = CachedEncoder(second, [tmp_path]).encode(texts)
    assert (first.asked, second.asked) == (3, 0)
    assert before.tolist() == after.tolist() == [[2, 1], [4, 1], [5, 1], [4, 1]]


def test_work_cut_short_goes_on(tmp_path):
    encoder = Counting()
    CachedEncoder(encoder, [tmp_path]).encode(["un"])
    file = tmp_path / "counting.bin"
    file.write_bytes(file.read_bytes() + b"torn")
    assert CachedEncoder(encoder, [tmp_path]).encode(["un", "deux"]).tolist() == [[2, 1], [4, 1]]
    assert encoder.asked == 2
    assert CachedEncoder(encoder, [tmp_path]).encode(["deux"]).tolist() == [[4, 1]]
    assert encoder.asked == 2


def test_other_folders_are_read_and_never_written(tmp_path):
    shipped, own = tmp_path / "shipped", tmp_path / "own"
    CachedEncoder(Counting(), [shipped]).encode(["un"])
    size = (shipped / "counting.bin").stat().st_size
    encoder = Counting()
    CachedEncoder(encoder, [own, shipped]).encode(["un", "deux"])
    assert encoder.asked == 1
    assert (shipped / "counting.bin").stat().st_size == size


def test_progress_is_told_by_what_is_missing(tmp_path):
    told = []
    CachedEncoder(Counting(), [tmp_path], lambda *now: told.append(now)).encode(["a", "b"])
    assert told == [(2, 2)]


def test_no_file_is_no_vector(tmp_path):
    assert read_vectors(tmp_path / "none.bin", {b"12345678"}) == {}
