"""Records of JSON and rows of CSV, of whatever size: what is sound is read, around what is not."""

from __future__ import annotations

import json

import pytest

from data.fields import Rejection
from data.importers.csv_rows import LONGEST_CELL, LONGEST_ROW, csv_rows
from data.importers.json_records import DEEPEST, LONGEST_RECORD, MOST_VALUES, records


def read(tmp_path, content, name="x.json"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(records(path, ("services", "structures")))


def values(found):
    return [None if isinstance(f, Rejection) else f.values for f in found]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('[{"a": 1}, {"b": [1.5, true, null]}]', [{"a": 1}, {"b": [1.5, True, None]}]),
        ('{"a": 1, "b": {"services": [2]}}', [{"a": 1, "b": {"services": [2]}}]),
        ('{"total": 2, "services": [{"a": 1}, {"a": 2}], "more": []}', [{"a": 1}, {"a": 2}]),
        ('\ufeff[{"a": "é"}]', [{"a": "é"}]),
        ('[{"a": 1000000000000000000000000000000}]', [{"a": 10**30}]),
        ('[{"a": 1}, 3, {"a": 2}]', [{"a": 1}, None, {"a": 2}]),
        ('[{"a": 1}, {"a"', [{"a": 1}, None]),
        ("[]", []),
    ],
)
def test_a_document_is_a_list_or_lists_under_names_or_one_record(content, expected, tmp_path):
    assert values(read(tmp_path, content)) == expected


def test_each_list_is_told_apart_and_counted_from_one(tmp_path):
    found = read(tmp_path, '{"services": [{"a": 1}, {"a": 2}], "structures": [{"b": 1}]}')
    assert [(f.of, f.line) for f in found] == [("services", 1), ("services", 2), ("structures", 1)]


@pytest.mark.parametrize(
    "large",
    [
        "[" * DEEPEST + "]" * DEEPEST,
        json.dumps([0] * MOST_VALUES),
    ],
)
def test_a_record_past_the_bounds_is_refused_and_the_next_is_read(large, tmp_path):
    content = f'[{{"a": {large}}}, {{"a": 2}}]'
    first, second = read(tmp_path, content)
    assert "trop grand" in first.message
    assert (second.line, second.values) == (2, {"a": 2})


def test_past_a_text_without_end_nothing_is_kept_in_memory(tmp_path):
    first, last = read(tmp_path, f'[{{"a": 1}}, {{"a": "{"x" * 3 * LONGEST_RECORD}"}}, {{"a": 3}}]')
    assert first.values == {"a": 1}
    assert (last.line, "rien de ce qui suit" in last.message) == (2, True)


def test_a_line_too_long_is_refused_and_the_next_is_read(tmp_path):
    long = json.dumps({"a": "x" * 3 * LONGEST_RECORD})
    found = read(tmp_path, f'{{"a": 1}}\n{long}\n{{"a": 3}}\n', "x.jsonl")
    assert [getattr(f, "line", None) for f in found] == [1, 2, 3]
    assert values(found) == [{"a": 1}, None, {"a": 3}]


def rows(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8")
    return [None if isinstance(f, Rejection) else f[1] for f in csv_rows(path)]


@pytest.mark.parametrize(
    "wrong",
    [
        "x" * (LONGEST_CELL + 1),
        "x;" * LONGEST_ROW,
        '"' + "x;\n" * (LONGEST_CELL // 3 + 1),
    ],
    ids=["a cell", "a line", "a quoted cell"],
)
def test_a_row_too_long_is_refused_and_the_next_line_is_read(wrong, tmp_path):
    found = rows(tmp_path, f"a;b\n{wrong}\nc;d\n")
    assert (found[0], None in found, found[-1]) == (["a", "b"], True, ["c", "d"])
