"""What is due, done: reminders, expiry, counts, erasing, mails, work, feeds; once, or for ever."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Engine

from data.engine import write
from service.catalogue import Catalogue, open_catalogue
from service.days import day_of
from service.mail import mailer
from service.settings import Settings
from service.usecases.dumping import Dumps, dump_due, queue_dump
from service.usecases.feeding import run_due
from service.usecases.noticing import queue_notices
from service.usecases.opening_gaps import gaps_due, queue_gaps
from service.usecases.rematching import rematch_due
from service.usecases.reminding import follow_waiting
from service.usecases.retaining import Keep, retain
from service.usecases.sending_mail import Clock, Post, send_due
from service.usecases.weekly_counts import count_week
from service.usecases.working import Doer, work_due

ALL = 1_000
"""More feeds than anybody keeps."""
Account = Mapping[str, int]
"""What was done -> how many."""
Round = Callable[[Clock], Account]
"""Does what is due."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """`mails`: the folder where mails are left as files, if they are; `doers`: kind of work -> who
    does it here; `sandbox`: its database, once it is made, where nothing is kept longer either.
    """

    engine: Engine
    post: Post
    keep: Keep
    mails: Path | None = None
    doers: Mapping[str, Doer] = field(default_factory=dict)
    sandbox: Callable[[], Engine | None] = lambda: None

    @classmethod
    def of(
        cls,
        settings: Settings,
        engine: Engine,
        catalogue: Callable[[], Catalogue] | None = None,
        sandbox: Callable[[], Engine | None] = lambda: None,
    ) -> Jobs:
        """All the jobs; `catalogue` gives that of now, which is opened when it is needed if not."""
        mails, days = mailer(settings), settings.keep_sent_days
        post = Post(mails, settings.public_url, settings.clocks, days)
        dumps = Dumps(settings.dumps_folder, settings.keep_dumps)
        opened = catalogue or partial(open_catalogue, settings)
        doers: Mapping[str, Doer] = {
            "rematch": partial(rematch_due, opened),
            "dump": partial(dump_due, engine, dumps),
            "gaps": partial(gaps_due, engine, opened),
        }
        return cls(engine, post, Keep.of(settings), settings.mail_folder, doers, sandbox)

    def send(self, clock: Clock) -> Account:
        """Send the mails that are due."""
        return send_due(self.engine, self.post, clock)

    def work(self, clock: Clock) -> Account:
        """Do the work that is due; what comes of it may be mails."""
        return work_due(self.engine, self.doers, clock)

    def feed(self, clock: Clock, most: int = 1) -> Account:
        """Read the feeds that are due, so many at most: a slow one holds up all that follows."""
        return run_due(self.engine, clock, most)

    def day(self, clock: Clock) -> Account:
        """What a day asks for; asking twice changes nothing."""
        if self.doers:
            with write(self.engine) as connection:
                queue_dump(connection, clock())
                queue_gaps(connection, clock())
        return {
            **follow_waiting(self.engine, self.post.clocks, clock()),
            **queue_notices(self.engine, clock()),
            "counted": int(count_week(self.engine, clock())),
            **self._retain(clock),
        }

    def _retain(self, clock: Clock) -> Account:
        counts = Counter(retain(self.engine, self.keep, clock(), self.mails))
        if (other := self.sandbox()) is not None:
            counts.update(retain(other, self.keep, clock()))
        return counts

    def once(self, clock: Clock) -> Account:
        """All that is due now."""
        fed = self.feed(clock, ALL)
        return {**self.day(clock), **fed, **self.work(clock), **self.send(clock)}

    def again(self) -> Round:
        """A round that does and sends what is due, and sees to each day once it begins."""
        seen_to: date | None = None

        def go(clock: Clock) -> Account:
            nonlocal seen_to
            today = day_of(clock())
            done = dict(self.day(clock)) if today != seen_to else {}
            seen_to = today
            return {**done, **self.work(clock), **self.send(clock), **self.feed(clock)}

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
