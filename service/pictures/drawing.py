"""The few SVG elements that our pictures are made of; what is written is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from service.pictures.scale import EDGE, INK, LINE, Scale

FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
_LEGEND_STEP, _SWATCH = 112, 20


def picture(
    name: str, title: str, told: str, size: tuple[int, int], parts: Iterable[Markup]
) -> Markup:
    """A whole picture. `name` makes its ids; `told` says in words what it shows."""
    width, height = size
    head = Markup(
        '<svg class="picture" xmlns="http://www.w3.org/2000/svg" role="img" '
        'viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-labelledby="{n}-t {n}-d" '
        'font-family="{font}"><title id="{n}-t">{title}</title><desc id="{n}-d">{told}</desc>'
    ).format(w=width, h=height, n=name, font=FONT, title=title, told=told)
    return head + Markup("").join(parts) + Markup("</svg>")


def box(x: float, y: float, width: float, height: float, fill: str, line: str = LINE) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" rx="2"/>'
    ).format(_n(x), _n(y), _n(width), _n(height), fill, line)


def words(
    text: object,
    x: float,
    y: float,
    *,
    size: int = 14,
    fill: str = INK,
    anchor: str = "start",
    bold: bool = False,
    turn: int = 0,
) -> Markup:
    """Text whose baseline starts (or ends, or is centred) there, turned by degrees around it."""
    turned = Markup(' transform="rotate({} {} {})"').format(turn, _n(x), _n(y)) if turn else ""
    return Markup(
        '<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}"{}{}>{}</text>'
    ).format(
        _n(x),
        _n(y),
        size,
        fill,
        anchor,
        Markup(' font-weight="700"') if bold else "",
        turned,
        text,
    )


def hinted(hint: str, *parts: Markup) -> Markup:
    """Parts that say a little more under a pointer."""
    return Markup("<g><title>{}</title>{}</g>").format(hint, Markup("").join(parts))


def corner(x: float, y: float, side: float) -> Markup:
    """The mark of a cell without any local offer: its upper right corner, folded."""
    points = f"{_n(x - side)},{_n(y)} {_n(x)},{_n(y)} {_n(x)},{_n(y + side)}"
    return Markup('<polygon points="{}" fill="#a3211a" stroke="#ffffff"/>').format(points)


def legend(scale: Scale, x: float, y: float, note: str = "") -> Markup:
    """A swatch a shade, in a row; then the mark of no local offer, when it is used."""
    parts = []
    for position, (fill, said) in enumerate(scale.legend):
        left = x + position * _LEGEND_STEP
        parts.append(box(left, y, _SWATCH, _SWATCH, fill, EDGE))
        parts.append(words(said, left + _SWATCH + 8, y + 15))
    if note:
        left = x + len(scale.legend) * _LEGEND_STEP
        parts += [box(left, y, _SWATCH, _SWATCH, "#ffffff", EDGE), corner(left + _SWATCH, y, 10)]
        parts.append(words(note, left + _SWATCH + 8, y + 15))
    return Markup("").join(parts)


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
