"""Needs already sent, straight into a real database: for tests of what happens to them later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from data.engine import migrate, open_engine, write
from data.outbox import queue
from data.store_contacts import Contact, save_contact
from data.store_needs import change_need, save_need
from service.days import day_of
from service.mail import Mail, Unsent
from service.triage.clocks import Clocks
from service.usecases.jobs import Jobs
from service.usecases.retaining import Keep
from service.usecases.sending_mail import Post
from tests.builders import need
from tests.databases import database_of

WORDS = "le toit fuit sur la bibliotheque"
EMAIL = "camille@exemple.org"


def hurried(engine):
    """The same database, which no longer waits for the disk: power cuts are not what is tested."""
    engine.dispose()
    if engine.dialect.name == "sqlite":  # The server was told once for all.
        event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
    return engine


def opened(folder):
    engine = hurried(open_engine(database_of(folder)))
    migrate(engine)
    return engine


def keep_need(engine, need_id, at, *, email=EMAIL, **columns):
    """A need with a contact, as `columns` say; a draft without a contact when they say nothing."""
    with write(engine) as connection:
        save_need(connection, need_id, need(WORDS), today=day_of(at), at=at)
        if columns.get("state", "draft") != "draft":
            save_contact(connection, need_id, Contact("Camille", email, "0600000000"))
        if columns:
            change_need(connection, need_id, **columns)


def waiting(engine, need_id, at, **columns):
    """A need sent, seen and contacted at `at`, that waits for its holder."""
    sent = {"reference": need_id.upper(), "sent_at": at, "seen_at": at, "contacted_at": at}
    keep_need(engine, need_id, at, **{"state": "waiting", "moved_at": at, **sent, **columns})


def queue_questions(engine, count):
    """Due now, by the clock of the machine, for processes of their own."""
    now = datetime.now(UTC)
    for n in range(count):
        waiting(engine, f"n{n}", now)
    with write(engine) as connection:
        for n in range(count):
            queue(connection, "question", at=now, need_id=f"n{n}")


class Pigeon:
    """A mailer that keeps what it is given, or fails as it is told to."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.fails: Unsent | None = None

    def send(self, mail):
        if self.fails:
            raise self.fails
        self.sent.append(mail)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now) -> None:
        self.now = now

    def __call__(self):
        return self.now

    def forward(self, **delta):
        self.now += timedelta(**delta)
        return self.now


def jobs_of(engine, mailer, **keep):
    return Jobs(engine, Post(mailer, "https://a.exemple/", Clocks(), 30), Keep(**keep))
