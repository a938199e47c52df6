"""What a partner, or a program of the person, may read of the audit log: moves, as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from data.audit import Line

STEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "sent": ("sent", ("offers",)),
    "seen": ("seen", ()),
    "corrected": ("corrected", ()),
    "facts-added": ("facts-added", ("fields",)),
    "wrote": ("wrote", ()),
    "unmet": ("unmet", ("reason",)),
    "moved": ("moved", ("state",)),
    "qualified": ("qualified", ("state",)),
    "expired": ("expired", ("state",)),
    "closed": ("closed", ("state", "outcome")),
    "accepted": ("proposed", ("offer",)),
    "added": ("proposed", ("offer",)),
    "consent-asked": ("consent-asked", ("offer",)),
    "consented": ("consented", ("offer",)),
    "declined": ("declined", ("offer",)),
    "consent-withdrawn": ("consent-withdrawn", ("offer",)),
    "transmitted": ("transmitted", ("offer",)),
    "provider-accepted": ("accepted", ("offer", "contact_on", "capacity")),
    "provider-refused": ("refused", ("offer", "reason")),
    "provider-not-yet": ("not-yet", ("offer",)),
    "not-helped-yet": ("not-helped-yet", ()),
    "rematched": ("rematched", ("offers",)),
    "merged": ("merged", ()),
    "undone": ("undone", ("what",)),
}
"""Audit action -> what it is called outside, and the details that go with it."""

Actor = Literal["person", "partner", "desk", "provider", "system"]
ACTORS: Mapping[str, Actor] = {
    "person": "person",
    "partner": "partner",
    "user": "desk",
    "provider": "provider",
}
"""How the audit's actor begins -> who it is outside: no user is named."""


@dataclass(frozen=True, slots=True)
class Step:
    """One move: `detail` holds codes, ids and dates."""

    at: datetime
    name: str
    actor: Actor
    detail: Mapping[str, str | int | list[str] | None]


def steps(lines: Iterable[Line]) -> list[Step]:
    """The moves that these lines tell outside, oldest first."""
    return [_step(line) for line in lines if line.action in STEPS]


def _step(line: Line) -> Step:
    name, told = STEPS[line.action]
    said = {**line.detail, **(line.detail.get("after") or {})}
    actor = ACTORS.get(line.actor.partition(":")[0], "system")
    return Step(line.at, name, actor, {key: said[key] for key in told if key in said})
