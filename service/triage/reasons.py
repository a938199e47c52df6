"""Why a catalyst did what they did, in codes: for the audit log, and to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matching.errors import AiguilleError
from service.typography import marked

ACCEPTED, ADDED, REJECTED = "accepted", "added", "rejected"
GRADES: Mapping[str, int] = {ACCEPTED: 2, ADDED: 3}
"""What a choice is worth as a judgement: an offer that was looked for by hand was missing."""


class Rejection(NamedTuple):
    """A reason to leave an offer aside, and its grade: right words for another person are a 1."""

    label: str
    grade: int


REJECTIONS: Mapping[str, Rejection] = {
    "elsewhere": Rejection(marked("Hors territoire"), 1),
    "other-public": Rejection(marked("Mauvais public"), 1),
    "off-topic": Rejection(marked("Ne répond pas au besoin"), 0),
    "full-or-closed": Rejection(marked("Complet ou fermé"), 1),
    "already-tried": Rejection(marked("Déjà essayé"), 1),
    "other": Rejection(marked("Autre raison"), 0),
}
"""Why an offer does not suit a need -> what is shown, what it is worth."""

CHANGES: Mapping[str, str] = {
    "sorting": marked("Tri courant"),
    "expertise": marked("Quelqu’un est mieux placé sur ce thème"),
    "absence": marked("Absence ou charge"),
    "territory": marked("Autre territoire"),
    "waiting": marked("Attente d’une réponse"),
    "news": marked("Nouvelles de la personne"),
    "no-news": marked("Sans nouvelles"),
    "other": marked("Autre raison"),
}
"""Why several needs change at once, or one changes hands -> what is shown."""


class UnknownReason(AiguilleError):
    """A reason that the tables do not have."""


def known_reason(reason: str, table: Mapping[str, object]) -> str:
    """The reason, if the table has it."""
    if reason not in table:
        raise UnknownReason(
            "Choisissez une raison dans la liste : elle explique le geste à vos collègues.",
            field="reason",
        )
    return reason
