"""Supply: how many offers there are for each territory x need type x profile, by the hard rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from matching.columns import Bools, Columns
from matching.domain import FRANCE, PROFILES, ActorProfile, Need, Place
from matching.eligibility import CHECK, RULES, YES, judge

ANY = "*"
"""In place of a profile: whoever asks."""
_WHO = frozenset({"territory", "need_type"})
_ALL = frozenset(rule.code for rule in RULES)


class Offered(NamedTuple):
    """How many offers a cell has: `local` ones cover the territory and are narrower than France,
    `partial` ones cover only a part of it (or do not say where they are), `national` ones are for
    all of France. To France itself, the last are local.
    """

    local: int = 0
    partial: int = 0
    national: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """`counts`: by territory, need type and profile, in these orders; local, partial, national."""

    territories: Mapping[str, int]
    need_types: Mapping[str, int]
    profiles: Mapping[str, int]
    counts: Sequence[Sequence[Sequence[Sequence[int]]]]

    @classmethod
    def of(
        cls,
        columns: Columns,
        places: Mapping[str, Place],
        need_types: Sequence[str],
        today: date | None,
    ) -> Supply:
        """Count every offer that no rule excludes for an actor of whom only the profile is known.

        A need type must be stated by the offer: what is silent of it fills no gap.
        """
        profiles = (ANY, *PROFILES)
        # Of the fact that only the need type rule asks, an offer either bears the code or not.
        of_type = np.stack([columns.need_types.bearing((t,)) for t in need_types], axis=1)
        open_to = np.stack([_open_to(columns, p, today) for p in profiles])
        counts = np.zeros((len(places), len(need_types), len(profiles), 3), np.int32)
        for row, place in enumerate(places.values()):
            for kind, where in enumerate(_reach(columns, place)):
                rows = np.flatnonzero(where)
                found = open_to[:, rows].astype(np.int32) @ of_type[rows].astype(np.int32)
                counts[row, :, :, kind] = found.T
        # As lists: a page asks for a thousand cells, one by one.
        told = counts.tolist()
        return cls(_positions(places), _positions(need_types), _positions(profiles), told)

    def at(self, territory: str, need_type: str, profile: str) -> Offered:
        """What a cell has; nothing where a code is not known here."""
        row, column = self.territories.get(territory), self.need_types.get(need_type)
        depth = self.profiles.get(profile, self.profiles[ANY])
        if row is None or column is None:
            return Offered()
        return Offered(*self.counts[row][column][depth])


def matching_rows(
    columns: Columns, place: Place, need_type: str, profile: str, today: date | None
) -> dict[str, list[int]]:
    """The rows that a cell counts, by kind: what `Supply` says, offer by offer."""
    fits = columns.need_types.bearing((need_type,)) & _open_to(columns, profile, today)
    kinds = zip(("local", "partial", "national"), _reach(columns, place), strict=True)
    return {kind: np.flatnonzero(fits & where).tolist() for kind, where in kinds}


def _open_to(columns: Columns, profile: str, today: date | None) -> Bools:
    need = Need("", ActorProfile(None if profile == ANY else profile))
    return judge(columns, need, today, ignoring=_WHO).admissible


def _reach(columns: Columns, place: Place) -> tuple[Bools, Bools, Bools]:
    """Rows that are local, partial and national to a place: see `Offered`."""
    judged = judge(columns, Need("", place=place), None, ignoring=_ALL - {"territory"})
    everywhere = columns.territories.bearing((FRANCE,))
    covers = judged.of("territory")
    if place.code == FRANCE:
        return everywhere, covers == CHECK, np.zeros_like(everywhere)
    return (covers == YES) & ~everywhere, (covers == CHECK) & ~everywhere, everywhere


def _positions(codes: Mapping[str, object] | Sequence[str]) -> dict[str, int]:
    return {code: position for position, code in enumerate(codes)}
