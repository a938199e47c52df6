"""What was kept long enough goes: drafts, words of what ended, closed accounts, traces of work.

Whoever calls it again changes nothing more. Each batch is one transaction, short enough that
nobody waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from data.audit import append
from data.engine import write
from data.erasing import erase, forget_words
from data.retention import (
    forget_accounts,
    forget_notes,
    forget_suggestions,
    forget_work,
    old_drafts,
    with_old_words,
)
from data.store_deliveries import forget_deliveries
from data.store_idempotency import forget_keys
from data.store_sessions import forget_ended
from service.days import months_before
from service.mail import PARTIAL, WHOLE
from service.settings import Settings
from service.triage.states import ENDED, OPEN
from service.usecases.signing_in import IDLE

BATCH = 100


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is kept is kept."""

    drafts: timedelta = timedelta(days=7)
    words_months: int = 12
    keys: timedelta = timedelta(hours=48)
    work: timedelta = timedelta(days=30)
    accounts_months: int = 12
    notes_months: int = 12

    @classmethod
    def of(cls, settings: Settings) -> Keep:
        """As the operator set it: what the job does, and what the privacy page says."""
        return cls(
            drafts=timedelta(days=settings.keep_drafts_days),
            words_months=settings.keep_words_months,
            work=timedelta(days=settings.keep_sent_days),
            accounts_months=settings.keep_accounts_months,
            notes_months=settings.keep_notes_months,
        )


def retain(
    engine: Engine, keep: Keep, now: datetime, mails: Path | None = None
) -> Mapping[str, int]:
    """Erase what was kept long enough, in `mails` too; how many of each.

    A draft that counts as unmet loses its words, and stays to be counted.
    """
    names = "drafts words accounts notes suggestions sessions work keys mails"
    counts = Counter(dict.fromkeys(names.split(), 0))
    counts.update(_drafts(engine, now - keep.drafts, now))
    wordy = months_before(now, keep.words_months)
    counts["words"] += _words(engine, wordy, now)
    counts["accounts"] += _accounts(engine, months_before(now, keep.accounts_months), now)
    with write(engine) as connection:
        counts["suggestions"] += forget_suggestions(connection, wordy)
        counts["sessions"] += forget_ended(connection, at=now, idle=IDLE)
        counts["work"] += forget_work(connection, OPEN, now - keep.work)
        counts["keys"] += forget_keys(connection, now - keep.keys)
        counts["work"] += forget_deliveries(connection, now - keep.work)
        counts["notes"] += forget_notes(connection, months_before(now, keep.notes_months))
    if mails is not None:
        counts["mails"] += _mails(mails, now - keep.drafts)
    return counts


def _drafts(engine: Engine, before: datetime, now: datetime) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    while True:
        with write(engine) as connection:
            found = old_drafts(connection, before, BATCH)
            for need_id, unmet in found:
                (forget_words if unmet else erase)(connection, need_id)
            if found:
                # Without their ids: what is erased is not even named.
                count = len(found)
                append(connection, at=now, actor="system", action="drafts-erased", count=count)
        counts.update("words" if unmet else "drafts" for _, unmet in found)
        if len(found) < BATCH:
            return counts


def _words(engine: Engine, before: datetime, now: datetime) -> int:
    count = 0
    while True:
        with write(engine) as connection:
            found = with_old_words(connection, ENDED, before, BATCH)
            for need_id in found:
                forget_words(connection, need_id)
                append(connection, at=now, actor="system", action="words-erased", need_id=need_id)
        count += len(found)
        if len(found) < BATCH:
            return count


def _accounts(engine: Engine, before: datetime, now: datetime) -> int:
    with write(engine) as connection:
        gone = forget_accounts(connection, before)
        for user_id in gone:
            told = {"actor": "system", "action": "account-forgotten", "user_id": user_id}
            append(connection, at=now, **told)
    return len(gone)


def _mails(folder: Path, before: datetime) -> int:
    """Mails left as files hold addresses and links: they go as drafts do."""
    left = (f for f in folder.glob("*") if f.suffix in (WHOLE, PARTIAL))
    old = [f for f in left if f.stat().st_mtime < before.timestamp()]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
