"""Gaps (*trous dans la raquette*): where needs meet no sufficient offer, and how they are ranked.

Two sources are joined in each cell (territory x need type x profile): the demand that was not met,
and the supply that is missing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """`profile` is `ANY` for whoever asks, `UNSAID` for those who did not say who they are."""

    territory: str
    need_type: str
    profile: str = ANY

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.territory, self.need_type, self.profile)


@dataclass(frozen=True, slots=True)
class Demand:
    """Counts of needs: all, those left without a sufficient answer, and among these those that a
    later offer answers. `last_unmet` is when the latest of these was asked.
    """

    needs: int = 0
    unmet: int = 0
    renewed: int = 0
    last_unmet: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    cell: Cell
    demand: Demand
    offered: Offered
    kept: KeptGap | None = None

    @property
    def weight(self) -> float:
        return weight(self.demand, self.offered)

    @property
    def state(self) -> str:
        return "open" if self.kept is None or self.reopened else self.kept.state

    @property
    def reopened(self) -> bool:
        """Was it filled, and has a need found nothing there since?"""
        last, kept = self.demand.last_unmet, self.kept
        filled = kept is not None and kept.state == "filled"
        return filled and kept is not None and last is not None and last > kept.changed_at


def weight(demand: Demand, offered: Offered) -> float:
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


class _Count:
    """A Demand while it is counted."""

    __slots__ = ("last", "needs", "renewed", "unmet")

    def __init__(self) -> None:
        self.needs = self.unmet = self.renewed = 0
        self.last: datetime | None = None

    def add(self, asked: Asked) -> None:
        self.needs += 1
        if asked.unmet:
            self.unmet += 1
            self.renewed += asked.renewed
            if not asked.renewed:
                self.last = asked.at

    def demand(self) -> Demand:
        return Demand(self.needs, self.unmet, self.renewed, self.last)


def tally(
    asked: Iterable[Asked],
    where: Callable[[Asked], str | None],
    profiles: Callable[[Asked], Iterable[str]] = lambda _: (ANY,),
) -> dict[Cell, Demand]:
    """Count needs by cell: a need of several types counts in each. `where` None counts nowhere."""
    found: defaultdict[tuple[str, str, str], _Count] = defaultdict(_Count)
    for one in asked:
        territory = where(one)
        if territory is None:
            continue
        for need_type in one.need_types:
            for profile in profiles(one):
                found[territory, need_type, profile].add(one)
    return {Cell(*key): count.demand() for key, count in found.items()}


def counted(asked: Iterable[Asked], by: Callable[[Asked], str]) -> dict[str, Demand]:
    """Count each need once, under what `by` says of it."""
    found: defaultdict[str, _Count] = defaultdict(_Count)
    for one in asked:
        found[by(one)].add(one)
    return {code: count.demand() for code, count in found.items()}


def total(asked: Iterable[Asked]) -> Demand:
    """Count each need once."""
    return counted(asked, lambda _: "").get("", Demand())


def ranked(
    demand: Mapping[Cell, Demand],
    offered: Callable[[Cell], Offered],
    kept: Mapping[tuple[str, str, str], KeptGap],
) -> list[Gap]:
    """The gaps among these cells, the heaviest first; equals by need then by code."""
    cells = ((cell, found, offered(cell)) for cell, found in demand.items())
    gaps = [Gap(c, d, o, kept.get(c.key)) for c, d, o in cells if is_gap(d, o)]
    return sorted(gaps, key=lambda g: (-round(g.weight, 6), -g.demand.needs, g.cell.key))


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
