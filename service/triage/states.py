"""The states of a need, from the person's send to its closing, and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping

from data import lanes
from matching.errors import AiguilleError, Word
from service.typography import marked

DRAFT = "draft"
"""Answered, not sent: nobody but its holder sees it, and it is erased after seven days."""

STATES: Mapping[str, str] = {
    "new": marked("Nouveau"),
    "qualifying": marked("À qualifier"),
    "proposed": marked("Proposé"),
    "transmitted": marked("Transmis"),
    "waiting": marked("En attente"),
    "closed": marked("Clos"),
    "expired": marked("Expiré"),
}
"""State -> its name on screen, in the order of a need's life."""

UNSENT = marked("brouillon")
"""What a draft is called."""

OUTCOMES: Mapping[str, str] = {
    "helped": marked("Aidé"),
    "not-helped": marked("Non aidé"),
    "unreachable": marked("Injoignable"),
    "out-of-scope": marked("Hors champ"),
    "duplicate": marked("Doublon"),
}
"""How a need was closed -> its name on screen."""

TO_QUALIFY = ("new", "qualifying")
QUALIFIED = ("proposed", "transmitted")
"""A need that goes from one of the former to one of these was understood by somebody: they say what
may answer it. Waiting for a word of the person is not knowing yet."""

OPEN, ENDED = lanes.OPEN, lanes.ENDED
_AT_WORK = ("qualifying", "proposed", "transmitted", "waiting", "closed")

MOVES: Mapping[str, tuple[str, ...]] = {
    DRAFT: ("new",),
    "new": (*_AT_WORK, "expired"),
    **{s: tuple(t for t in (*_AT_WORK, "expired") if t != s) for s in _AT_WORK[:-1]},
    "closed": ("qualifying",),
    "expired": ("qualifying", "closed"),
}
"""State -> the states that may follow. What is closed may only be opened again."""


class ForbiddenMove(AiguilleError):
    """One state does not follow the other."""


def check_move(state: str, to: str, outcome: str | None = None) -> None:
    """Refuse a move that the table does not have, and a closing without its outcome."""
    if to not in MOVES.get(state, ()):
        raise ForbiddenMove(
            "Un besoin « {state} » ne peut pas passer à « {to} ».",
            field="state",
            state=Word(STATES.get(state, UNSENT)),
            to=Word(STATES.get(to, to)),
        )
    if (to == "closed") != (outcome in OUTCOMES):
        raise ForbiddenMove(
            "Pour clore un besoin, dites comment il se termine : {outcomes}.",
            field="outcome",
            outcomes=tuple(map(Word, OUTCOMES.values())),
        )
