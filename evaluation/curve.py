"""A picture of scores against the number of judged needs, as SVG, with its table as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 56, 48, 24, 150
COLOURS = ("#0b5d4e", "#b4452c", "#3b4a8f", "#7a5b00")

Point = tuple[float, float]


def curve_svg(title: str, x_label: str, series: Mapping[str, Sequence[Point]]) -> str:
    """Lines with their points and names; the vertical axis goes from 0 to 1."""
    furthest = max((x for line in series.values() for x, _ in line), default=1) or 1

    def at(point: Point) -> tuple[float, float]:
        x, y = point
        across = LEFT + x / furthest * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - y * (HEIGHT - BOTTOM - TOP), 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="16" font-weight="bold">{escape(title)}</text>',
    ]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        _, y = at((0, tick))
        parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{tick:.1f}</text>')
    for x in sorted({x for line in series.values() for x, _ in line}):
        across, down = at((x, 0))
        parts.append(f'<text x="{across}" y="{down + 18}" text-anchor="middle">{x:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(x_label)}</text>'
    )
    for (name, line), colour in zip(series.items(), COLOURS * len(series), strict=False):
        points = [at(point) for point in line]
        path = " ".join(f"{x},{y}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
        x, y = points[-1]
        parts.append(f'<text x="{x + 8}" y="{y + 4}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>\n"])
