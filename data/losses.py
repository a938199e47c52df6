"""What a format could not hold: every field that did not fit is named, counted and shown once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from data.values import shown


@dataclass(frozen=True, slots=True)
class Loss:
    """A value of a file that no field of an offer holds, or of an offer that a format cannot say.

    `field` is the path in the vocabulary it comes from ("frais_autres", "phones[].number");
    `message`, in French, says why, and where the value went if it went elsewhere.
    """

    record: str
    field: str
    value: object
    message: str


@dataclass(frozen=True, slots=True)
class LostField:
    """All the losses of one field, for one reason. `example` is the first value, cut short."""

    field: str
    message: str
    count: int
    record: str
    example: str


def tally(losses: Iterable[Loss]) -> tuple[LostField, ...]:
    """The losses by field and reason, in the order of their first."""
    found: dict[tuple[str, str], LostField] = {}
    for loss in losses:
        key = loss.field, loss.message
        before = found.get(key)
        if before is None:
            found[key] = LostField(*key, 1, loss.record, shown(loss.value))
        else:
            found[key] = replace(before, count=before.count + 1)
    return tuple(found.values())
