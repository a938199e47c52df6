"""What a person agrees to, word for word: a text never changes under a version once it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.typography import marked


@dataclass(frozen=True, slots=True)
class ConsentTexts:
    """`provider` is said of one offer: {provider} is who delivers it."""

    catalyst: str
    provider: str


CONSENT_TEXTS: Mapping[str, ConsentTexts] = {
    "2026-11": ConsentTexts(
        catalyst=marked(
            "J’accepte qu’un catalyseur de mon territoire lise mon besoin et mes coordonnées, "
            "pour me répondre. Il ne les transmet à personne sans mon accord."
        ),
        provider=marked(
            "J’accepte que {provider} lise mon besoin. Mes coordonnées ne lui sont montrées que "
            "si ma demande est prise."
        ),
    ),
}
"""Version -> what was shown and agreed to under it."""

CONSENT_VERSION = "2026-11"
"""The version that people are shown now."""
