"""Horizontal bars: a length a count, the part that lacks an answer darker, numbers written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.pictures.drawing import box, hinted, picture, words
from service.pictures.scale import SHADES, SOFT

_LENGTH, _ROW, _BAR, _LABELS = 320, 52, 18, 140

_SIZE = 15


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
    parts: list[str] = []
    for position, bar in enumerate(bars):
        y = position * _ROW
        length = _LENGTH * (bar.count or 0) / longest
        dark = _LENGTH * bar.part / longest
        drawn = [
            words(bar.name, 0, y + 15, size=_SIZE),
            *([box(0, y + 22, length, _BAR, SHADES[3], SHADES[4])] if length else []),
            *([box(0, y + 22, dark, _BAR, SHADES[5], SHADES[5])] if dark else []),
            words(bar.label, length + 8 if length else 0, y + 37, size=_SIZE, fill=SOFT),
        ]
        parts.append(hinted(bar.hint, *drawn))
    size = (_LENGTH + _LABELS, _ROW * max(len(bars), 1))
    return picture(name, title, told, size, parts)
