"""Who may do what at the desk, and which needs each may see."""

from __future__ import annotations

from collections.abc import Mapping

from data.store_needs import StoredNeed
from data.store_users import User
from service.triage.states import DRAFT
from service.typography import marked

CATALYST, NETWORK_LEAD, ADMINISTRATOR = "catalyst", "network-lead", "administrator"

ROLES: Mapping[str, str] = {
    CATALYST: marked("Catalyseur"),
    NETWORK_LEAD: marked("Responsable de réseau"),
    ADMINISTRATOR: marked("Administrateur"),
}
"""Role -> its name on screen."""

POWERS: Mapping[str, str] = {
    CATALYST: marked("suit les besoins de ses territoires, de l’arrivée à la clôture."),
    NETWORK_LEAD: marked("suit des besoins, tient le catalogue et les trous dans la raquette."),
    ADMINISTRATOR: marked("a tous ces pouvoirs, et tient les comptes et les clés des partenaires."),
}
"""Role -> what it allows, in a sentence."""

_EVERYONE = frozenset(ROLES)
_LEADS = frozenset({NETWORK_LEAD, ADMINISTRATOR})

PERMISSIONS: Mapping[str, frozenset[str]] = {
    "see-needs": _EVERYONE,
    "triage": _EVERYONE,
    "see-gaps": _EVERYONE,
    "manage-gaps": _LEADS,
    "see-catalogue": _EVERYONE,
    "edit-catalogue": _LEADS,
    "manage-accounts": frozenset({ADMINISTRATOR}),
    "manage-partners": frozenset({ADMINISTRATOR}),
}
"""Permission -> the roles that have it. Over which needs, `sees` tells: roles widen no scope."""


def may(user: User, permission: str) -> bool:
    """Has the user's role this permission? A permission that does not exist is a KeyError."""
    return user.active and user.role in PERMISSIONS[permission]


def sees(user: User, need: StoredNeed) -> bool:
    """Is the need sent, on a territory of the user's, and about what they follow?

    A need of which no type was understood is for everyone of its territory: somebody must look.
    A need without a place is for those who follow the whole country.
    """
    if not may(user, "see-needs") or need.state == DRAFT:
        return False
    about = need.types
    followed = not user.need_types or not about or not about.isdisjoint(user.need_types)
    return followed and not need.territories.isdisjoint(user.reach)
