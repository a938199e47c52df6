"""The bundle (*parcours*): few matches that complement each other, urgent before lasting."""

from __future__ import annotations

from collections.abc import Sequence

from matching.domain import Bundle, Match, Step, Understanding

LONGEST = 4
CREDIBLE = 0.3
"""A step scores at least this share of the best match."""
NEW_LEVER = 0.15
"""What another lever (money, people, alliances) or kind of support adds to a step's worth."""


def assemble(matches: Sequence[Match], understanding: Understanding) -> Bundle:
    """The best match, then greedily: each step brings the most need not yet covered, and another
    lever.

    The gain of a match is its score times what it newly covers (probability of the need types
    that no earlier step answers, 0.1 at least), plus `NEW_LEVER` for each new lever. Where the
    need is urgent, urgent steps come first.
    """
    if not matches:
        return Bundle()
    uncovered = dict(understanding.need_types)
    levers: set[str] = set()
    kinds: set[str | None] = set()
    chosen: list[Match] = []
    floor = matches[0].score * CREDIBLE
    left = [m for m in matches if m.score >= floor]

    def gain(match: Match) -> float:
        offer = match.offer
        covers = sum(uncovered.get(t, 0) for t in offer.need_types)
        fresh = bool(set(offer.levers) - levers) + (offer.kind not in kinds)
        return match.score * (max(covers, 0.1) + NEW_LEVER * fresh)

    while left and len(chosen) < LONGEST:
        best = max(left, key=lambda m: (gain(m), -m.rank)) if chosen else left[0]
        covers = uncovered.keys() & set(best.offer.need_types)
        complements = set(best.offer.levers) - levers and best.offer.kind not in kinds
        if chosen and not covers and not complements:
            break
        chosen.append(best)
        left.remove(best)
        levers.update(best.offer.levers)
        kinds.add(best.offer.kind)
        for code in best.offer.need_types:
            uncovered.pop(code, None)
    pressing = understanding.axis == "urgence"
    steps = [Step(m, m.facets, pressing and _urgent(m)) for m in chosen]
    return Bundle(tuple(sorted(steps, key=lambda s: (not s.urgent, s.match.rank))))


def _urgent(match: Match) -> bool:
    return match.offer.axis == "urgence" or "tresorerie-immediate" in match.offer.temporalities
