"""How often somebody of the desk is told by mail what awaits a first look."""

from __future__ import annotations

from collections.abc import Mapping

from data.store_users import User
from service.triage.roles import CATALYST
from service.typography import marked

DAILY, NEVER = "daily", "never"

NOTICES: Mapping[str, str] = {
    DAILY: marked("Chaque jour ouvré"),
    NEVER: marked("Jamais"),
}
"""How often -> its name on screen."""

_UNSAID: Mapping[str, str] = {CATALYST: DAILY}
"""Role -> how often, for who did not say; the others: never."""


def notices_of(user: User) -> str:
    """How often a user is told: as they said, else as their role has it."""
    return user.notices or _UNSAID.get(user.role, NEVER)
