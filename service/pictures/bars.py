"""Horizontal bars: a length a count, the part that lacks an answer darker, numbers written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.pictures.drawing import box, hinted, picture, words
from service.pictures.scale import SHADES, SOFT

_NAMES, _LENGTH, _ROW, _BAR, _LABELS = 250, 330, 34, 20, 150


@dataclass(frozen=True, slots=True)
class Bar:
    """`part` of `count` is drawn dark; `label` is written after it. No count: the label alone."""

    name: str
    count: int | None
    part: int
    label: str
    hint: str


def bar_chart(name: str, title: str, told: str, bars: Sequence[Bar]) -> Markup:
    longest = max((b.count or 0 for b in bars), default=0) or 1
    parts: list[Markup] = []
    for position, bar in enumerate(bars):
        y = position * _ROW
        length = _LENGTH * (bar.count or 0) / longest
        dark = _LENGTH * bar.part / longest
        drawn = [
            words(bar.name, _NAMES - 10, y + 20, anchor="end"),
            *([box(_NAMES, y + 5, length, _BAR, SHADES[3], SHADES[4])] if length else []),
            *([box(_NAMES, y + 5, dark, _BAR, SHADES[5], SHADES[5])] if dark else []),
            words(bar.label, _NAMES + length + 8, y + 20, fill=SOFT),
        ]
        parts.append(hinted(bar.hint, *drawn))
    size = (_NAMES + _LENGTH + _LABELS, _ROW * max(len(bars), 1))
    return picture(name, title, told, size, parts)
