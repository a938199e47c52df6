"""A map of equal tiles: a small département is as visible as a large one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from service.pictures.drawing import alone, box, corner, hinted, legend, picture, words
from service.pictures.scale import SOFT, Scale

_TILE, _GAP, _LEGEND, _OVERSEAS_ROW = 56, 3, 70, 14


@dataclass(frozen=True, slots=True)
class Tile:
    """`code` is written small (48, 2A, 974), `label` large."""

    code: str
    level: int
    label: str
    alone: bool
    hint: str


def tile_map(
    name: str,
    title: str,
    told: str,
    places: Mapping[str, tuple[int, int]],
    tiles: Mapping[str, Tile],
    note: str,
    overseas: str,
    least: int = 1,
    none: str = "0",
) -> Markup:
    """`places`: (column, row) of each tile; those that have none are pale and empty."""
    scale = Scale.of((t.level for t in tiles.values()), least)
    columns = 1 + max(c for c, _ in places.values())
    rows = 1 + max(r for _, r in places.values())
    parts: list[str] = []
    for code, (column, row) in places.items():
        x, y = column * _TILE, row * _TILE
        side = _TILE - _GAP
        tile = tiles.get(code)
        if tile is None:
            parts.append(box(x, y, side, side, "#f1f4f4", "#e3e8e9"))
            continue
        ink = scale.ink(tile.level)
        drawn = [box(x, y, side, side, scale.fill(tile.level))]
        drawn += [corner(x + side, y, 14)] if tile.alone else []
        drawn.append(words(tile.code, x + 4, y + 19, size=18, fill=ink))
        if tile.label:
            drawn.append(
                words(
                    tile.label, x + side / 2, y + 45, size=23, fill=ink, anchor="middle", bold=True
                )
            )
        parts.append(hinted(tile.hint, *drawn))
    if any(row == _OVERSEAS_ROW for _, row in places.values()):
        parts.append(words(overseas, 0, _OVERSEAS_ROW * _TILE - 12, size=18, fill=SOFT))
    parts.append(legend(scale, 0, rows * _TILE + 12, size=17, none=none))
    parts += [alone(0, rows * _TILE + 44, note, size=17)] if note else []
    width = columns * _TILE + 2
    return picture(name, title, told, (width, rows * _TILE + _LEGEND), parts)
