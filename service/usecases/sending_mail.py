"""Mails that are due leave: each claimed, sent, then marked; one that fails holds up no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine

from data.engine import read, write
from data.outbox import Row, claim, done, due, failed
from service.mail import Mail, Mailer, Unsent
from service.triage.clocks import Clocks
from service.usecases.letter_text import text_of
from service.usecases.letters import Letter, Nothing, Now, UnknownKind, letter_of

Clock = Callable[[], datetime]

BATCH = 100
"""Rows looked at in one go."""

log = structlog.get_logger("aiguille.mail")


@dataclass(frozen=True, slots=True)
class Post:
    """How mails leave, and what they say of the house."""

    mailer: Mailer
    public_url: str
    clocks: Clocks
    kept_days: int


def send_due(engine: Engine, post: Post, clock: Clock) -> Mapping[str, int]:
    """Send all that is due; how many were "sent", needed "nothing", or "failed"."""
    counts = Counter(sent=0, nothing=0, failed=0)
    while True:
        with read(engine) as connection:
            rows = due(connection, clock(), BATCH)
        if not rows:
            return counts
        for row in rows:
            with write(engine) as connection:
                mine = claim(connection, row, clock())
            if mine:
                counts[_send(engine, post, row, clock)] += 1


def _send(engine: Engine, post: Post, row: Row, clock: Clock) -> str:
    """Send one claimed row: a program's own mistake fails this row alone, in sight."""
    try:
        with read(engine) as connection:
            letter = letter_of(connection, row, Now(clock(), post.clocks, post.kept_days))
        note = letter.note if isinstance(letter, Nothing) else None
        if isinstance(letter, Letter):
            post.mailer.send(rendered(letter, row, post.public_url, clock()))
    except Exception as error:
        code, final = _told(error)
        log.warning("unsent", row=row.id, kind=row.kind, code=code, final=final)
        with write(engine) as connection:
            failed(connection, row.id, clock(), code, final=final)
        return "failed"
    with write(engine) as connection:
        done(connection, row.id, clock(), note=note)
    return "sent" if note is None else "nothing"


def _told(error: Exception) -> tuple[str, bool]:
    """The code of what went wrong, and whether another try is in vain."""
    if isinstance(error, Unsent):
        return error.code, error.final
    return type(error).__name__, isinstance(error, UnknownKind)


def rendered(letter: Letter, row: Row, public_url: str, now: datetime) -> Mail:
    """The mail of a letter."""
    subject, body = text_of(letter, public_url)
    return Mail(name_of(row), letter.to, subject, body, now)


def name_of(row: Row) -> str:
    """The name of a row's mail, the same at every try."""
    return f"aiguille-{row.id}-{row.created_at:%Y%m%d%H%M%S}"
