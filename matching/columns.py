"""The facts of a catalogue as columns, one row per offer, so that a rule judges all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matching.domain import Offer

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]
Rows = NDArray[np.intp]
"""Places in a column, as numpy indexes it fastest."""
COMMON = 1 / 16
"""From this share of the rows on, a mask of those that bear a code reads faster than their list."""


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A number that few offers state: the rows that do, and what they say."""

    rows: Rows
    values: Ints

    @classmethod
    def of(cls, values: Iterable[int | None]) -> NumberColumn:
        stated = [(row, value) for row, value in enumerate(values) if value is not None]
        rows, numbers = np.array(stated, np.int32).reshape(-1, 2).T
        return cls(rows.astype(np.intp), np.ascontiguousarray(numbers))


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """A set-valued fact: which rows bear each code (as a mask too, where they are many), and
    which rows state none.
    """

    rows: Mapping[str, Rows]
    masks: Mapping[str, Bools]
    unstated: Bools
    counts: Ints

    @classmethod
    def of(cls, values: Sequence[Iterable[str]]) -> CodeColumn:
        bearing: dict[str, list[int]] = {}
        counts = np.zeros(len(values), np.int32)
        for row, codes in enumerate(values):
            for code in codes:
                bearing.setdefault(code, []).append(row)
                counts[row] += 1
        rows = {c: np.array(r, np.intp) for c, r in sorted(bearing.items())}
        masks = {c: _mask(r, len(values)) for c, r in rows.items() if len(r) > COMMON * len(values)}
        return cls(rows, masks, counts == 0, counts)

    def bearing(self, codes: Iterable[str]) -> Bools:
        """Rows that bear at least one of the codes."""
        mask = np.zeros(len(self.unstated), np.bool_)
        for code in codes:
            if (common := self.masks.get(code)) is not None:
                mask |= common
            elif (rows := self.rows.get(code)) is not None:
                mask[rows] = True
        return mask


@dataclass(frozen=True, slots=True)
class Columns:
    """Dates are proleptic ordinals; `volunteer_only_ok` is 0 or 1 where it is stated; `conditions`
    counts those that a person must check.
    """

    ids: tuple[str, ...]
    territories: CodeColumn
    audiences: CodeColumn
    naf_sections: CodeColumn
    need_types: CodeColumn
    statuses: CodeColumn
    employees_min: NumberColumn
    employees_max: NumberColumn
    volunteer_only_ok: NumberColumn
    age_months_min: NumberColumn
    age_months_max: NumberColumn
    population_max: NumberColumn
    conditions: NumberColumn
    valid_from: NumberColumn
    valid_to: NumberColumn

    @classmethod
    def of(cls, offers: Sequence[Offer]) -> Columns:
        def numbers(read: Callable[[Offer], int | None]) -> NumberColumn:
            return NumberColumn.of(map(read, offers))

        def codes(read: Callable[[Offer], Iterable[str]]) -> CodeColumn:
            return CodeColumn.of([read(o) for o in offers])

        return cls(
            ids=tuple(o.id for o in offers),
            territories=codes(lambda o: o.territories),
            audiences=codes(lambda o: o.audiences),
            naf_sections=codes(lambda o: o.naf_sections),
            need_types=codes(lambda o: o.need_types),
            statuses=codes(lambda o: (o.status,)),
            employees_min=numbers(lambda o: o.employees_min),
            employees_max=numbers(lambda o: o.employees_max),
            volunteer_only_ok=numbers(lambda o: o.volunteer_only_ok),
            age_months_min=numbers(lambda o: o.age_months_min),
            age_months_max=numbers(lambda o: o.age_months_max),
            population_max=numbers(lambda o: o.population_max),
            conditions=numbers(lambda o: len(o.conditions) or None),
            valid_from=numbers(lambda o: _ordinal(o.valid_from)),
            valid_to=numbers(lambda o: _ordinal(o.valid_to)),
        )

    def __len__(self) -> int:
        return len(self.ids)


def _mask(rows: Rows, size: int) -> Bools:
    mask = np.zeros(size, np.bool_)
    mask[rows] = True
    return mask


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()
