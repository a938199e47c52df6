"""Pictures are read by any eyes, by ears, and by a strict browser."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from service.pictures.bars import Bar, bar_chart
from service.pictures.heat import Value, heat
from service.pictures.scale import INK, PAPER, SHADES, Scale
from service.pictures.tiles import Tile, tile_map


def luminance(colour):
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_shades_darken_by_steps_that_greys_tell_apart():
    assert all(contrast(a, b) > 1.15 for a, b in pairwise(SHADES))
    assert all(luminance(a) > luminance(b) for a, b in pairwise(SHADES))


@pytest.mark.parametrize("most", [0, 1, 2, 5, 9, 30, 400, 12_345])
def test_a_number_is_read_on_its_shade_and_more_is_never_lighter(most):
    scale = Scale.of([0, most])
    shades = [scale.shade(n) for n in range(min(most, 500) + 1)]
    assert shades == sorted(shades)
    assert shades[0] == 0
    for count in range(min(most, 500) + 1):
        assert contrast(scale.ink(count), scale.fill(count)) >= 4.5
    assert {scale.ink(0), scale.ink(most)} <= {INK, PAPER}


def test_the_legend_says_each_shade_once():
    told = Scale.of([30]).legend("0")
    assert [said for _, said in told] == ["0", "1", "2–4", "5–9", "10–19", "20+"]
    assert [said for _, said in Scale.of([12], 5).legend("< 5")][:2] == ["< 5", "5–9"]


def pictures():
    def value(r, c):
        return Value(r * c, str(r * c), alone=r > c, hint="<script>")

    tile = Tile("48", 7, "7", True, "Lozère & co")
    return [
        heat("h", "Titre", "Dit", ["Cantal", "<b>"], ["Trésorerie"] * 3, value, "seul"),
        tile_map("t", "Titre", "Dit", {"DEP-48": (0, 0), "x": (1, 2)}, {"DEP-48": tile}, "s", "o"),
        bar_chart("b", "Titre", "Dit", [Bar("Association", 3, 1, "3", "trois")]),
        bar_chart("v", "Titre", "Dit", []),
    ]


@pytest.mark.parametrize("drawn", pictures())
def test_a_picture_is_said_and_holds_nothing_that_a_strict_page_forbids(drawn):
    assert 'role="img"' in drawn
    named = re.search(r'aria-labelledby="(\S+) (\S+)"', drawn)
    assert f'<title id="{named[1]}">Titre</title>' in drawn
    assert f'<desc id="{named[2]}">Dit</desc>' in drawn
    assert "style=" not in drawn
    assert "<style" not in drawn
    assert "<script" not in drawn
    assert "<b>" not in drawn
