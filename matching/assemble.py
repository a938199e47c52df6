"""The bundle (*parcours*): few matches that complement each other, urgent before lasting."""

from __future__ import annotations

from collections.abc import Sequence

from matching.domain import Bundle, Match, Step, Understanding

LONGEST = 4
CREDIBLE, CREDIBLE_SHARE = 0.25, 0.45
"""A step scores at least this, and this share of the best match."""
LEAST_GAIN = 0.15
"""A step that brings less is not worth a person's time."""
NEW_LEVER = 0.15
"""What another lever (money, people, alliances) or kind of support adds to a step's worth."""


def assemble(matches: Sequence[Match], understanding: Understanding) -> Bundle:
    """The best match, then greedily: each step brings the most need not yet covered, and another
    lever.

    The gain of a match is its score times what it covers of the need types understood (each by
    its probability, times how far the earlier steps may fail it: 1 - score of each that answers
    it), plus `NEW_LEVER` for each new lever or kind. A step answers some need type understood.
    Where the need is urgent, urgent steps come first.
    """
    if not matches:
        return Bundle()
    uncovered = dict(understanding.need_types)
    levers: set[str] = set()
    kinds: set[str | None] = set()
    chosen: list[Match] = []
    floor = max(CREDIBLE, CREDIBLE_SHARE * matches[0].score)
    left = [m for m in matches if m.score >= floor]

    def gain(match: Match) -> float:
        offer = match.offer
        covers = [uncovered[t] for t in offer.need_types if t in uncovered]
        fresh = bool(set(offer.levers) - levers) + (offer.kind not in kinds)
        return match.score * (sum(covers) + NEW_LEVER * fresh) if covers else 0.0

    best = matches[0]
    while True:
        chosen.append(best)
        left = [m for m in left if m is not best]
        levers.update(best.offer.levers)
        kinds.add(best.offer.kind)
        for code in uncovered.keys() & set(best.offer.need_types):
            uncovered[code] *= 1 - best.score
        best = max(left, key=lambda m: (gain(m), -m.rank), default=best)
        if not left or len(chosen) == LONGEST or gain(best) < LEAST_GAIN:
            break
    pressing = understanding.axis == "urgence"
    steps = [Step(m, m.facets, pressing and _urgent(m)) for m in chosen]
    return Bundle(tuple(sorted(steps, key=lambda s: (not s.urgent, s.match.rank))))


def _urgent(match: Match) -> bool:
    return match.offer.axis == "urgence" or "tresorerie-immediate" in match.offer.temporalities
