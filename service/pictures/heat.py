"""A heat table: a row a territory, a column a need type, a count and its colour in each cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from service.pictures.drawing import box, corner, hinted, legend, picture, shortened, words
from service.pictures.scale import Scale

_CELL, _ROW, _NAMES, _HEADS = 36, 30, 205, 176
_MARGIN, _LEGEND, _LEAST = 130, 44, 880
_LONGEST_NAME, _LONGEST_HEAD = 29, 28


@dataclass(frozen=True, slots=True)
class Value:
    """`level` gives the colour, `label` is written; `alone`: without any local offer.

    `hint`: a sentence for a pointer, "" for none.
    """

    level: int
    label: str
    alone: bool
    hint: str


def heat(
    name: str,
    title: str,
    told: str,
    rows: Sequence[str],
    columns: Sequence[str],
    value: Callable[[int, int], Value],
    note: str,
    least: int = 1,
    none: str = "0",
) -> Markup:
    """`value(row, column)` is the cell; `note` says what a folded corner means, "" for none.

    `least`: the smallest count that is told; `none`: what a white cell says.
    """
    cells = [[value(r, c) for c in range(len(columns))] for r in range(len(rows))]
    scale = Scale.of((v.level for line in cells for v in line), least)
    # However few the columns, the legend has its place.
    width = max(_NAMES + _CELL * len(columns) + _MARGIN, _LEAST)
    height = _HEADS + _ROW * len(rows) + _LEGEND
    parts: list[str] = []
    for c, head in enumerate(columns):
        x = _NAMES + _CELL * (c + 0.5) + 4
        said = words(shortened(head, _LONGEST_HEAD), x, _HEADS - 8, turn=-50)
        parts.append(hinted(head, said))
    for r, head in enumerate(rows):
        y = _HEADS + _ROW * r
        name_of_row = shortened(head, _LONGEST_NAME)
        said = words(name_of_row, _NAMES - 10, y + _ROW * 0.67, anchor="end")
        parts.append(hinted(head, said))
        for c, one in enumerate(cells[r]):
            x = _NAMES + _CELL * c
            drawn = [box(x, y, _CELL, _ROW, scale.fill(one.level))]
            drawn += [corner(x + _CELL, y, 9)] if one.alone else []
            if one.label:
                ink = scale.ink(one.level)
                drawn.append(
                    words(one.label, x + _CELL / 2, y + _ROW * 0.68, fill=ink, anchor="middle")
                )
            parts.append(hinted(one.hint, *drawn) if one.hint else "".join(drawn))
    parts.append(legend(scale, _NAMES, height - _LEGEND + 18, note, none=none))
    return picture(name, title, told, (width, height), parts)
