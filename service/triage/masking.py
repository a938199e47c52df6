"""What everyone is told of counts of needs: no need can be found in it, on one Monday or on many.

Why these rules, what they hold against and what they do not: docs/decisions/0009.

1. Needs are counted in groups that do not overlap. One too small to be told is counted with the
   others too small around it: the rest of its région, then the rest of France.
2. What is told of a group is a multiple of five, below its count less 0 to 4: which of these, a
   secret draws once for each group. So no group under five is told, and where a figure starts, or
   moves, gives away no count.
3. It moves only when five needs or more set it wrong: one need erased or corrected moves nothing.
4. Whatever else is shown is a sum of these figures: it tells nothing that they do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

STEP = 5
UNTOLD = 2 * STEP - 2
"""The most needs that a group of which nothing is told may have."""


@dataclass(frozen=True, slots=True)
class Group:
    """Needs counted together; `parts`: of how many groups too small to tell, 0 for a place."""

    name: str
    count: int
    parts: int = 0


Tell = Callable[[Group], int]
"""What is told of a group: a multiple of `STEP`, 0 for nothing."""


def drawn(salt: str, name: str) -> int:
    """What is taken off the count of a group, 0 to 4: the same every week, known to nobody."""
    digest = sha256(f"{salt} {name}".encode()).digest()
    return int.from_bytes(digest[:8]) % STEP


def settled(last: int, count: int, off: int) -> int:
    """What is told of a count, when `last` was told the week before, 0 for nothing.

    count - off lies less than five away from it, before and after.
    """
    known = count - off
    if abs(known - last) < STEP:
        return last
    return max(known, 0) // STEP * STEP


def tell(group: Group, last: int, off: int) -> int:
    """What is told of a group.

    Of k parts that hold 0 to 8 each, at most 8k - 4: each of them may still hold any of these.
    """
    told = settled(last, group.count, off)
    if not group.parts:
        return told
    return min(told, (UNTOLD * group.parts - STEP + 1) // STEP * STEP)


def told_apart(groups: Iterable[Group], told: Tell) -> tuple[dict[str, int], list[Group]]:
    """What is told of each group that is large enough, then the groups that are not."""
    found = {group: told(group) for group in groups}
    return {g.name: n for g, n in found.items() if n}, [g for g, n in found.items() if not n]


def together(name: str, groups: Sequence[Group]) -> list[Group]:
    """Groups too small to tell, as one; none when there are none."""
    return [Group(name, sum(g.count for g in groups), len(groups))] if groups else []
