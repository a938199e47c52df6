"""The shipped frame is whole, and a wrong one says where and what."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from data.frames import FrameError, load_frame
from matching.domain import PROFILES


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(str(files("data.frame")), tmp_path / "frame")
    return tmp_path / "frame"


def rewrite(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_the_shipped_frame_holds_twenty_five_need_types_said_in_plain_words():
    frame = load_frame()
    need_types = frame.need_types()
    assert len(need_types) == 25
    assert all(len(t.expressions) >= 8 for t in need_types)
    assert set(frame.codes("profiles")) == set(PROFILES)
    assert len(frame.codes("odd")) == 17
    assert all(c.label and c.definition for codes in frame.lists.values() for c in codes.values())


def test_an_expression_belongs_to_one_need_type_alone():
    said = [e.lower() for t in load_frame().need_types() for e in t.expressions]
    assert len(said) == len(set(said))


def test_a_wrong_code_names_its_line_and_the_codes_that_exist(copy):
    rewrite(copy / "volets.jsonl", '"axis": "urgence"', '"axis": "ailleurs"')
    with pytest.raises(FrameError, match=r"volets.jsonl, ligne 1 : « ailleurs ».*redeveloppement"):
        load_frame(copy)


def test_broken_json_names_its_line(copy):
    with (copy / "odd.jsonl").open("a") as out:
        out.write("{oups\n")
    with pytest.raises(FrameError, match=r"odd.jsonl, ligne 18 : JSON illisible"):
        load_frame(copy)


def test_a_code_given_twice_is_refused(copy):
    path = copy / "axes.jsonl"
    path.write_text(path.read_text() * 2)
    with pytest.raises(FrameError, match="déjà pris"):
        load_frame(copy)


def test_a_missing_label_is_refused(copy):
    rewrite(copy / "axes.jsonl", '"label": "Urgence"', '"label": " "')
    with pytest.raises(FrameError, match="il manque « label »"):
        load_frame(copy)
