"""Why no answer suits somebody: what the gap register counts."""

from __future__ import annotations

from collections.abc import Mapping

from matching.errors import AiguilleError
from service.typography import marked

UNMET: Mapping[str, str] = {
    "misunderstood": marked("Mon besoin a été mal compris"),
    "not-entitled": marked("Je n’y ai pas droit (taille, statut, secteur…)"),
    "too-far": marked("C’est trop loin, ou pas sur mon territoire"),
    "too-costly": marked("C’est trop cher, ou trop long à obtenir"),
    "tried": marked("J’ai déjà essayé, sans suite"),
    "something-else": marked("Il me faut tout autre chose"),
}
"""Reason -> how a person says it."""


class UnknownReason(AiguilleError):
    """A reason that the table does not have."""


def check_reason(reason: str) -> None:
    if reason not in UNMET:
        raise UnknownReason(
            marked(
                "Dites pourquoi aucune réponse ne convient : choisissez une des raisons proposées."
            ),
            field="reason",
        )
