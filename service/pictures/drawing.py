"""The few SVG elements that our pictures are made of, as text; what is written is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from service.pictures.scale import EDGE, INK, LINE, Scale

FONT = "system-ui, Segoe UI, Roboto, Liberation Sans, sans-serif"
ALONE = "#a3211a"
_LEGEND_STEP, _SWATCH, _FIRST = 104, 20, 48


def picture(
    name: str, title: str, told: str, size: tuple[int, int], parts: Iterable[str]
) -> Markup:
    """A whole picture. `name` makes its ids; `told` says in words what it shows."""
    width, height = size
    text = (
        f'<svg class="picture" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-size="14" '
        f'font-family="{FONT}" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(told)}</desc>'
        f"{''.join(parts)}</svg>"
    )
    return Markup(text)  # noqa: S704  every text in it was escaped above or in `words`


def box(x: float, y: float, width: float, height: float, fill: str, line: str = LINE) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" '
        f'stroke="{line}"/>'
    )


def words(
    text: str,
    x: float,
    y: float,
    *,
    size: int = 14,
    fill: str = INK,
    anchor: str = "start",
    bold: bool = False,
    turn: int = 0,
) -> str:
    """Text whose baseline starts (or ends, or is centred) there, turned by degrees around it."""
    more = f' font-size="{size}"' if size != 14 else ""
    more += f' text-anchor="{anchor}"' if anchor != "start" else ""
    more += ' font-weight="700"' if bold else ""
    more += f' transform="rotate({turn} {x:g} {y:g})"' if turn else ""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}"{more}>{escape(text)}</text>'


def hinted(hint: str, *parts: str) -> str:
    """Parts that say a little more under a pointer."""
    return f"<g><title>{escape(hint)}</title>{''.join(parts)}</g>"


def corner(x: float, y: float, side: float) -> str:
    """The mark of a cell without any local offer: its upper right corner, folded."""
    points = f"{x - side:g},{y:g} {x:g},{y:g} {x:g},{y + side:g}"
    return f'<polygon points="{points}" fill="{ALONE}" stroke="#ffffff"/>'


def legend(
    scale: Scale, x: float, y: float, note: str = "", size: int = 14, none: str = "0"
) -> str:
    """A swatch a shade, in a row; then the mark of no local offer, when it is used."""
    parts = []
    for position, (fill, said) in enumerate(scale.legend(none)):
        # What white says may be longer than a number.
        left = x + position * _LEGEND_STEP + (_FIRST if position and len(none) > 4 else 0)
        parts.append(box(left, y, _SWATCH, _SWATCH, fill, EDGE))
        parts.append(words(said, left + _SWATCH + 8, y + 15, size=size))
    left = x + (1 + len(scale.bounds)) * _LEGEND_STEP + _FIRST
    return "".join(parts) + (alone(left, y, note, size) if note else "")


def alone(x: float, y: float, note: str, size: int = 14) -> str:
    """What the mark of no local offer means."""
    swatch = box(x, y, _SWATCH, _SWATCH, "#ffffff", EDGE) + corner(x + _SWATCH, y, 10)
    return swatch + words(note, x + _SWATCH + 8, y + 15, size=size)


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
