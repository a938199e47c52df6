"""HTML is read as the lines of a page: words only, whatever it holds."""

import time

import pytest

from data.plain_html import plain_lines


def test_blocks_are_lines_and_items_have_bullets():
    html = "<p>Pour&nbsp;qui ?</p><ul><li>Les communes</li><li><p>Les clubs</p></li></ul>fin<br>là"
    assert plain_lines(html) == "Pour qui ?\n\n• Les communes\n• Les clubs\n\nfin\nlà"


def test_what_is_no_html_stays_as_it_is():
    assert plain_lines("moins de 3 salariés & 2 ans\nd’âge") == "moins de 3 salariés & 2 ans\nd’âge"
    assert plain_lines("effectif < 12/24, puis > 3") == "effectif < 12/24, puis > 3"


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>a{b}</style>",
        "<svg><script>alert(1)</script></svg>",
        "<iframe src=https://x>y</iframe>",
        "<!-- un commentaire -->",
        "<script>jamais fermé",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_what_runs_or_hides_leaves_no_word(html):
    assert plain_lines(f"avant {html}").strip() == "avant"


def test_attributes_go_with_their_tag():
    assert plain_lines('<a href="javascript:x" onclick="y()">lire</a>') == "lire"


def test_controls_and_lone_surrogates_go_even_when_spelt_as_entities():
    assert plain_lines("a\x00b&#1;c\ud800d") == "abcd"


@pytest.mark.parametrize("piece", ["<", "<!--", "<a ", "</", "&", "<li>", "<script>"])
def test_two_hundred_thousand_hostile_characters_take_seconds_at_most(piece):
    started = time.perf_counter()
    plain_lines(piece * (200_000 // len(piece)))
    assert time.perf_counter() - started < 20
