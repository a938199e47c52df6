"""Whatever a file says in a field, the answer is an offer or a refusal that can be printed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.fields import FIELDS, Reading, Rejection
from data.importers.jsonl import read_lines
from data.values import count, shown, slug
from matching.domain import Offer, Relay
from tests.builders import FRAME, gazetteer

READING = Reading(FRAME, gazetteer())
GOOD = {"id": "a", "title": "T", "provider": "P"}


def read(**facts):
    """What is read of one line of JSON; lone surrogates and infinities are written as they are."""
    return list(read_lines([json.dumps({**GOOD, **facts}).encode()], READING))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(FIELDS)), ANY_JSON)
def test_any_value_in_any_field_is_an_offer_or_a_refusal_that_can_be_printed(field, value):
    for found in read(**{field: value}):
        told = str(found).encode()
        assert isinstance(found, Offer) or (found.line == 1 and found.message)
        assert len(told) < 10_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("employees_min", float("inf")),
        ("employees_min", float("nan")),
        ("employees_min", 10**400),
        ("employees_min", False),
        ("employees_min", "trois"),
        ("kind", []),
        ("need_types", [{}]),
        ("echelon", {"a": 1}),
        ("provider", "  "),
        ("provider", "***"),
        ("provider", {"name": "P", "siren": "1"}),
        ("relay", {"name": ""}),
        ("url", "http://[::1"),
        ("url", "http://exemple.fr:99999/"),
    ],
)
def test_a_value_of_the_wrong_sort_is_refused_in_french(field, value):
    (refused,) = read(**{field: value})
    assert (refused.line, refused.field) == (1, field)
    assert not any(english in refused.message for english in ("could", "cannot", "Invalid"))


def test_a_field_name_that_cannot_be_printed_is_refused_and_printed():
    (refused,) = read(**{"\ud800": "x"})
    assert (refused.field, refused.value) == ("\ufffd", "x")


@pytest.mark.parametrize("line", [b"1" * 5000, b"\xff", b"[" * 100_000])
def test_a_line_that_json_itself_gives_up_on_is_refused(line):
    (refused,) = read_lines([line], READING)
    assert isinstance(refused, Rejection)


def test_an_identifier_given_again_is_refused_with_both_lines():
    lines = [json.dumps({**GOOD, "id": i}).encode() for i in ("a", "b", "a")]
    found = list(read_lines([lines[0], b"{oups", b"", *lines[1:]], READING))
    assert [r.line for r in found if isinstance(r, Rejection)] == [2, 5]
    assert "ligne 1" in found[-1].message


def test_a_cell_may_name_a_relay_with_its_offer_and_its_page():
    (found,) = read(relay="Réseau|autre|https://exemple.fr", provider="Maison|la-maison")
    assert found.relay == Relay("Réseau", "autre", "https://exemple.fr")
    assert found.provider.id == "la-maison"


def test_a_whole_number_is_read_as_people_and_spreadsheets_write_it():
    assert [count(v) for v in (3, 3.0, "3", " 3 ", "3.0")] == [3] * 5


def test_what_a_message_quotes_is_short_and_no_terminal_obeys_it():
    assert len(shown("x" * 1000)) == 81
    assert shown("\x1b[31mrouge\x07") == "\ufffd[31mrouge\ufffd"
    assert slug("Ville de L’Haÿ-les-Roses") == "ville-de-l-hay-les-roses"
