"""Gaps (*trous dans la raquette*): where needs meet no sufficient offer, and how they are ranked.

Two sources are joined in each cell (territory x need type x profile): the demand that was not met,
and the supply that is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from data.store_gaps import Asked, KeptGap
from matching.errors import AiguilleError, Word
from matching.supply import ANY, Offered
from service.typography import marked

STATES: Mapping[str, str] = {
    "open": marked("Ouvert"),
    "taken": marked("Pris en charge"),
    "filled": marked("Comblé"),
}
"""State of a gap -> its name on screen. One that nobody spoke of is open."""

MOVES: Mapping[str, tuple[str, ...]] = {
    "open": ("taken", "filled"),
    "taken": ("filled", "open"),
    "filled": ("open",),
}

PARTIAL, NATIONAL = 0.5, 0.1
"""What an offer on a part of the territory, and one for all of France, weigh beside a local one."""


UNSAID = "unsaid"
"""In place of a profile: those who did not say who they are."""


class ForbiddenGapMove(AiguilleError):
    """One state of a gap does not follow the other."""


class Cell(NamedTuple):
    """`profile` is `ANY` for whoever asks, `UNSAID` for those who did not say who they are."""

    territory: str
    need_type: str
    profile: str = ANY


class Demand(NamedTuple):
    """Counts of needs: all; those without a sufficient answer, and among these those that a later
    offer answers; those never sent. `last_unmet`: when the latest that nothing answers was asked.
    """

    needs: int = 0
    unmet: int = 0
    renewed: int = 0
    unsent: int = 0
    last_unmet: datetime | None = None


class Gap(NamedTuple):
    """A cell that lacks something; `weight`: how much, see `weigh`."""

    cell: Cell
    demand: Demand
    offered: Offered
    weight: float
    kept: KeptGap | None = None

    @property
    def state(self) -> str:
        return "open" if self.kept is None or self.reopened else self.kept.state

    @property
    def reopened(self) -> bool:
        """Was it filled, and has a need found nothing there since?"""
        last, kept = self.demand.last_unmet, self.kept
        filled = kept is not None and kept.state == "filled"
        return filled and kept is not None and last is not None and last > kept.changed_at


def weigh(demand: Demand, offered: Offered) -> float:
    """How much a cell lacks, in needs.

    weight = lacking + (needs - lacking) / (1 + local + partial / 2 + national / 10), where lacking
    are the needs without a sufficient answer to this day. A need that found nothing counts for
    one; any other counts for one where there is no offer, and for less with each that there is,
    a local one first: it may have been answered from afar, the next one may not.
    """
    lacking = demand.unmet - demand.renewed
    nearness = offered.local + PARTIAL * offered.partial + NATIONAL * offered.national
    return lacking + (demand.needs - lacking) / (1 + nearness)


def is_gap(demand: Demand, offered: Offered) -> bool:
    """A need found no sufficient answer there, or nobody answers there but from afar."""
    return demand.unmet > 0 or (demand.needs > 0 and not offered.local + offered.partial)


Key = TypeVar("Key", bound=Hashable)


def counted(asked: Iterable[tuple[Key, Asked]]) -> dict[Key, Demand]:
    """Count needs under each key that they are given with."""
    found: defaultdict[Key, list[Asked]] = defaultdict(list)
    for key, one in asked:
        found[key].append(one)
    return {key: _demand(needs) for key, needs in found.items()}


def _demand(needs: list[Asked]) -> Demand:
    unmet = [n for n in needs if n.unmet]
    lacking = [n.at for n in unmet if not n.renewed]
    unsent = sum(not n.sent for n in needs)
    last = max(lacking) if lacking else None
    return Demand(len(needs), len(unmet), len(unmet) - len(lacking), unsent, last)


def total(asked: Iterable[Asked]) -> Demand:
    """Count each need once."""
    return _demand(list(asked))


def ranked(
    demand: Mapping[Cell, Demand],
    offered: Callable[[Cell], Offered],
    kept: Mapping[tuple[str, str, str], KeptGap],
) -> list[Gap]:
    """The gaps among these cells, the heaviest first; equals by need then by code."""
    found = []
    for cell, asked in demand.items():
        there = offered(cell)
        if is_gap(asked, there):
            weight = weigh(asked, there)
            found.append((-round(weight, 6), -asked.needs, cell, asked, there, weight))
    # No two have the same cell: nothing after it is compared.
    found.sort()
    return [Gap(cell, asked, there, w, kept.get(cell)) for _, _, cell, asked, there, w in found]


def check_gap_move(state: str, to: str) -> None:
    """Refuse a state that may not follow; saying the same again keeps a note."""
    if to not in (state, *MOVES.get(state, ())):
        raise ForbiddenGapMove(
            "Un trou « {state} » ne peut pas devenir « {to} ». Possible : {follow}.",
            field="state",
            state=Word(STATES[state]),
            to=Word(STATES.get(to, to)),
            follow=tuple(Word(STATES[s]) for s in MOVES[state]),
        )
