"""A person erases their need: at once, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from data import audit
from data.engine import write
from data.erasing import erase
from service.catalogue import Catalogue
from service.usecases.answering import existing_need


def erase_need(
    catalogue: Catalogue, need_id: str, *, actor: str, now: datetime
) -> Mapping[str, int]:
    """Erase a need and all that hangs on it; its audit lines stay, and say so. Rows by table."""
    with write(catalogue.engine) as connection:
        existing_need(connection, need_id)
        counts = erase(connection, need_id)
        told = {table: n for table, n in counts.items() if n}
        audit.append(connection, at=now, actor=actor, action="erased", need_id=need_id, **told)
    return counts
