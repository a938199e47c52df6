"""A person erases their need: at once, everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from data import audit
from data.engine import write
from data.erased import note
from data.erasing import erase
from data.outbox import rows_of
from service.catalogue import Catalogue
from service.mail import PARTIAL, WHOLE
from service.usecases.answering import existing_need
from service.usecases.sending_mail import name_of


def erase_need(
    catalogue: Catalogue,
    need_id: str,
    *,
    actor: str,
    now: datetime,
    journal: Path,
    mails: Path | None = None,
) -> Mapping[str, int]:
    """Erase a need and all that hangs on it; its audit lines stay, and say so. Rows by table.

    `journal`: the file that has it erased again when an older copy of the database is restored.
    `mails`: the folder where mails are left as files, if they are: those of the need go too.
    """
    with write(catalogue.engine) as connection:
        existing_need(connection, need_id)
        told_by_mail = rows_of(connection, need_id)
        counts = erase(connection, need_id)
        told = {table: n for table, n in counts.items() if n}
        audit.append(connection, at=now, actor=actor, action="erased", need_id=need_id, **told)
        note(journal, need_id, now)
    if mails is not None:
        for name in map(name_of, told_by_mail):
            for ending in (WHOLE, PARTIAL):
                (mails / f"{name}{ending}").unlink(missing_ok=True)
    return counts
