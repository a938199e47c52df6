"""SIRET and RNA numbers: checked, then used for what they say of the kind of organisation."""

from __future__ import annotations

import re

from stdnum.fr import siret

from matching.errors import AiguilleError
from service.typography import marked

_RNA = re.compile(r"W\d[0-9AB]\d{7}")
_PUBLIC = "2"
"""First digit of the SIREN of local authorities."""


class BadRegistration(AiguilleError):
    """Neither a SIRET nor an RNA number."""


def kind_of(number: str) -> str | None:
    """The profile that a number tells: an RNA one is of an association, some SIRET of a commune.

    None when it tells nothing; `BadRegistration` when it is no such number.
    """
    read = re.sub(r"[\s.\u00a0-]", "", number).upper()
    if _RNA.fullmatch(read):
        return "association"
    if siret.is_valid(read):
        return "collectivite" if read.startswith(_PUBLIC) else None
    raise BadRegistration(
        marked(
            "Numéro à vérifier : un SIRET a 14 chiffres, un RNA la lettre W suivie de 9 chiffres. "
            "Vous pouvez aussi laisser ce champ vide."
        ),
        field="number",
    )
