"""The three tokens by which a portal makes the widget its own, and the style sheet they make."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.errors import AiguilleError

_COLOUR = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
LEAST_CONTRAST = 4.5
"""WCAG 2.2 AA, for text."""


class WrongToken(AiguilleError):
    """A colour or a size that is not one, or that nobody could read."""


@dataclass(frozen=True, slots=True)
class Theme:
    """`colour` of links and buttons, `ground` of the page, `radius` of corners in pixels."""

    colour: str = "#0b4f6c"
    ground: str = "#ffffff"
    radius: int = 8

    @property
    def css(self) -> str:
        """The tokens of the sheet; what is written on a colour is whichever reads better."""
        return (
            f":root{{--widget-colour:{self.colour};--widget-on:{readable_on(self.colour)};"
            f"--widget-ground:{self.ground};--widget-text:{readable_on(self.ground)};"
            f"--widget-radius:{self.radius}px}}"
        )


def theme_of(colour: str, ground: str, radius: int) -> Theme:
    """A theme of what a portal says; empty is ours. Refuses links that could not be read."""
    default = Theme()
    made = Theme(
        _colour(colour, "couleur") if colour else default.colour,
        _colour(ground, "fond") if ground else default.ground,
        radius,
    )
    found = contrast(made.colour, made.ground)
    if found < LEAST_CONTRAST:
        raise WrongToken(
            "Contraste trop faible entre « couleur » et « fond » : {found}, il en faut {least}.",
            field="couleur",
            found=f"{found:.1f}".replace(".", ","),
            least=f"{LEAST_CONTRAST}".replace(".", ","),
        )
    return made


def readable_on(ground: str) -> str:
    """Black or white, whichever contrasts more."""
    return max(("#1b1b1b", "#ffffff"), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return sum(weight * s for weight, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _colour(text: str, field: str) -> str:
    found = _COLOUR.fullmatch(text.strip())
    if found is None:
        raise WrongToken(
            "« {text} » n’est pas une couleur : attendu #rrggbb.", field=field, text=text
        )
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * d for d in digits))
