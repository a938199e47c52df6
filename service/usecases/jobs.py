"""What is due, done: reminders and expiry, what is erased, mails. Once, or again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine

from service.catalogue import Catalogue, open_catalogue
from service.days import day_of
from service.mail import mailer
from service.settings import Settings
from service.usecases.opening_gaps import tell_opened
from service.usecases.reminding import follow_waiting
from service.usecases.retaining import Keep, retain
from service.usecases.sending_mail import Clock, Post, send_due

Account = Mapping[str, int]
"""What was done -> how many."""
Round = Callable[[Clock], Account]
"""Does what is due."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """`mails`: the folder where mails are left as files, if they are; `catalogue` gives that of
    now, and without it the gaps are not looked at.
    """

    engine: Engine
    post: Post
    keep: Keep
    mails: Path | None = None
    catalogue: Callable[[], Catalogue] | None = None

    @classmethod
    def of(
        cls, settings: Settings, engine: Engine, catalogue: Callable[[], Catalogue] | None = None
    ) -> Jobs:
        """All the jobs; `catalogue` gives that of now, which is opened when it is needed if not."""
        keep = Keep(
            timedelta(days=settings.keep_drafts_days),
            settings.keep_words_months,
            timedelta(days=settings.keep_sent_days),
        )
        post = Post(mailer(settings), settings.public_url, settings.clocks)
        opened = catalogue or partial(open_catalogue, settings)
        return cls(engine, post, keep, settings.mail_folder, opened)

    def send(self, clock: Clock) -> Account:
        """Send the mails that are due."""
        return send_due(self.engine, self.post, clock)

    def day(self, clock: Clock) -> Account:
        """What a day asks for; asking twice changes nothing."""
        waiting = follow_waiting(self.engine, self.post.clocks, clock())
        retained = retain(self.engine, self.keep, clock(), self.mails)
        gaps = tell_opened(self.engine, self.catalogue, clock()) if self.catalogue else 0
        return {**waiting, **retained, "gaps": gaps}

    def once(self, clock: Clock) -> Account:
        """All that is due now."""
        return {**self.day(clock), **self.send(clock)}

    def again(self) -> Round:
        """A round that sends what is due, and sees to each day once it begins."""
        seen_to: date | None = None

        def go(clock: Clock) -> Account:
            nonlocal seen_to
            today = day_of(clock())
            done = dict(self.day(clock)) if today != seen_to else {}
            seen_to = today
            return done | dict(self.send(clock))

        return go


def keep_doing(
    round_: Round,
    clock: Clock,
    every_s: float,
    stopped: threading.Event,
    tell: Callable[[Account], None] = lambda _: None,
) -> None:
    """Make a round every so often, until `stopped`.

    Whatever goes wrong is logged by its type, and tried again: a database that is away comes back.
    """
    log = structlog.get_logger("aiguille.jobs")
    while True:
        try:
            done = round_(clock)
        except Exception as error:
            log.warning("jobs failed", error=type(error).__name__)
        else:
            if any(done.values()):
                log.info("jobs done", **{what: n for what, n in done.items() if n})
                tell(done)
        if stopped.wait(every_s):
            return


class Worker(threading.Thread):
    """Makes rounds beside what else a process does. Killed, it leaves nothing half-told."""

    def __init__(self, round_: Round, clock: Clock, every_s: float) -> None:
        super().__init__(name="jobs", daemon=True)
        self._what = round_, clock, every_s
        self._stopped = threading.Event()

    def run(self) -> None:
        keep_doing(*self._what, self._stopped)

    def stop(self) -> None:
        """Stop after what is being done."""
        self._stopped.set()
        self.join()
