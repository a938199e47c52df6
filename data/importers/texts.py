"""Where the free texts of other formats go: a summary, a description, conditions of a line each."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_SUMMARY = LONGEST_STEP = 600
LONGEST_CONDITION = 200
LONGEST_DESCRIPTION = 20_000
_MOVED = "trop long pour son champ : ajouté à la description"
_TOO_LONG = "trop long, même pour la description"

Lost = tuple[str, str, str]
"""A field of theirs, its text, and what became of it."""


@dataclass
class Texts:
    """Texts of one record: what is too long for its field is added to the description."""

    _moved: list[tuple[str, str]] = field(default_factory=list)

    def step(self, name: str, text: str) -> str:
        """A first step, if it is short enough for one."""
        if len(text) <= LONGEST_STEP:
            return text
        self._moved.append((name, text))
        return ""

    def conditions(self, name: str, text: str) -> list[str]:
        """A condition a line."""
        found = [line.strip() for line in text.splitlines() if line.strip()]
        self._moved += [(name, line) for line in found if len(line) > LONGEST_CONDITION]
        return [line for line in found if len(line) <= LONGEST_CONDITION]

    def described(self, text: str) -> tuple[str, str, list[Lost]]:
        """The summary, the description, and what became of each text moved there.

        The first paragraph is the summary, unless it is long; the rest is the description.
        """
        summary, _, rest = text.strip().partition("\n\n")
        if len(summary) > LONGEST_SUMMARY:
            summary, rest = "", text.strip()
        lost = []
        for name, moved in self._moved:
            longer = f"{rest}\n\n{moved}".strip()
            fits = len(longer) <= LONGEST_DESCRIPTION
            rest = longer if fits else rest
            lost.append((name, moved, _MOVED if fits else _TOO_LONG))
        return summary, rest, lost
