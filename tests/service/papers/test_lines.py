"""Texts on paper: what is drawn of them, and the lines they are cut into."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.papers.lines import REPLACEMENT, Readable, Span, wrapped

LETTERS = Readable({*range(0x20, 0x7F), *map(ord, "éàœ«»’…→€\u00a0\u202f\ufffd")})


def wide(text, bold):
    """Every letter is as wide as another; bold ones twice."""
    return len(text) * (2 if bold else 1)


def said(lines):
    return ["".join(run.text for run in line) for line in lines]


def test_french_is_drawn_as_it_is_and_composed():
    text = "« Où\u202f? »\u00a0: l’œuvre… → 3 €"
    assert LETTERS.of(text.replace("ù", "é")) == text.replace("ù", "é")
    assert LETTERS.of("de\u0301ja\u0300") == "déjà"


def test_what_no_eye_sees_goes_and_what_cannot_be_drawn_is_replaced_in_sight():
    assert LETTERS.of("a\u200bb\u202ec\u2066d\ufe0fe\u00adf\ufeff") == "abcdef"
    assert LETTERS.of("a\tb\nc\x00d\u2003e") == "a b cd e"
    assert LETTERS.of("שלום 😀") == f"{REPLACEMENT * 4} {REPLACEMENT}"
    assert LETTERS.of("\ud800") == REPLACEMENT


def test_lines_are_cut_at_spaces_that_may_break():
    assert said(wrapped([Span("un deux trois")], 7, wide)) == ["un deux", "trois"]
    kept = Span("dit\u00a0: «\u00a0un deux\u00a0»")
    assert said(wrapped([kept], 8, wide)) == ["dit\u00a0:", "«\u00a0un", "deux\u00a0»"]
    assert wrapped([Span("  ")], 7, wide) == []


def test_a_word_wider_than_a_line_is_cut_anywhere():
    cut = said(wrapped([Span("voir abcdefghij fin")], 4, wide))
    assert cut == ["voir", "abcd", "efgh", "ij", "fin"]
    spans = Span("abcdef"), Span("ghi", bold=True)
    assert said(wrapped(spans, 4, wide)) == ["abcd", "efg", "hi"]


def test_spans_that_touch_stay_together_and_keep_their_places():
    spans = Span("le ("), Span("site", bold=True), Span(") fin")
    first, second = wrapped(spans, 14, wide)
    assert [(r.text, r.x, r.width) for r in first] == [("le (", 0, 4), ("site", 4, 8), (")", 12, 1)]
    assert said([second]) == ["fin"]


@given(
    st.lists(st.tuples(st.text(alphabet="ab \u00a0é", max_size=30), st.booleans()), max_size=6),
    st.integers(min_value=2, max_value=20),
)
def test_no_line_is_too_wide_and_no_letter_is_lost(texts, width):
    spans = [Span(text, bold) for text, bold in texts]
    lines = wrapped(spans, width, wide)
    assert all(line[-1].x + line[-1].width <= width for line in lines)
    written = "".join(text for text, _ in texts).replace(" ", "")
    assert "".join(said(lines)).replace(" ", "") == written
    for line in lines:
        for before, after in pairwise(line):
            assert after.x == before.x + before.width
