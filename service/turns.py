"""Needs are matched one after the other; who would wait too long is told when to come back."""

from __future__ import annotations

from threading import RLock

from matching.errors import AiguilleError
from service.typography import marked

MOST_WAIT_S = 3.0
"""A hall that asks at the same moment, some hundred needs, is answered; beyond, people ask again,
and to wait in vain makes a crowd last."""


class TooManyNeeds(AiguilleError):
    """No turn came in good time; `wait_s`: seconds before it may be asked again."""

    wait_s = 5

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Trop de besoins arrivent à la fois : il n’a pas été répondu à celui-ci. "
                "Recommencez dans quelques secondes."
            )
        )


class Turn:
    """Held while a need is matched; the thread that holds it may take it again.

    Many at once would share one interpreter, end no sooner, and keep all that is short, refusals
    among it, waiting for it.
    """

    def __init__(self, most_wait_s: float = MOST_WAIT_S) -> None:
        self._lock = RLock()
        self._most_wait_s = most_wait_s

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._most_wait_s):
            raise TooManyNeeds

    def __exit__(self, *_: object) -> None:
        self._lock.release()
