"""Webhooks that are due leave: each claimed, posted, then marked; one that is down holds up none.

At least once: a worker killed between the answer and the mark posts again, under the same
`webhook-id`. What never arrives is given up in sight, and where nothing arrives any more is
disabled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from sqlalchemy import Connection, Engine

from data import audit, outbox
from data.engine import read, write
from data.store_deliveries import (
    Delivery,
    any_arrived,
    claim,
    delivered,
    next_due,
    undelivered,
    webhooks_due,
)
from data.store_webhooks import Webhook, disable_webhook, load_webhook
from service.posting import GONE, Poster, Unreached, took
from service.secret import derived, secret_of
from service.settings import Settings
from service.signing import WEBHOOKS, signed
from service.usecases.announcing import announce

Clock = Callable[[], datetime]

AT_ONCE = 8
"""Webhooks that are told something at the same time, by one worker."""
ROUND_S = 20.0
"""How long one webhook may keep a worker before the others are looked at again."""
NOTICE = "webhook-disabled"
_HEADERS = {"content-type": "application/json", "user-agent": "Aiguille-Webhooks/1"}

log = structlog.get_logger("aiguille.webhooks")


@dataclass(frozen=True, slots=True)
class Courier:
    """Tells the events of one database. `key` gives what secrets are derived from; `undo` is how
    long the desk may take back what it did; `notices`: may a mail tell of what was disabled?
    """

    engine: Engine
    poster: Poster
    key: Callable[[], bytes]
    undo: timedelta = timedelta()
    notices: bool = False

    def run(self, clock: Clock) -> Mapping[str, int]:
        """Tell all that is due: how many "delivered", "undelivered", and webhooks "disabled"."""
        announce(self.engine, clock(), self.undo)
        counts = Counter(delivered=0, undelivered=0, disabled=0)
        with read(self.engine) as connection:
            waiting = webhooks_due(connection, clock())
        if waiting:
            with ThreadPoolExecutor(AT_ONCE, "webhooks") as pool:
                for done in pool.map(partial(self._tell, clock), waiting):
                    counts.update(done)
        return counts

    def _tell(self, clock: Clock, webhook_id: str) -> Mapping[str, int]:
        """Tell a webhook what is due, in order, until it fails: the rest waits for a later run."""
        counts, until = Counter[str](), monotonic() + ROUND_S
        while not counts["undelivered"] and monotonic() < until:
            with read(self.engine) as connection:
                webhook = load_webhook(connection, webhook_id)
                found = next_due(connection, webhook_id, clock())
            if found is None or webhook is None or webhook.state != "active":
                break
            with write(self.engine) as connection:
                mine = claim(connection, found, clock())
            if mine:
                counts.update(self._post(clock, webhook, found))
        return counts

    def _post(self, clock: Clock, webhook: Webhook, found: Delivery) -> Mapping[str, int]:
        """Post one claimed delivery: a program's own mistake fails this one alone, in sight."""
        status, error = None, None
        try:
            headers = signed(self.key(), webhook, found.event_id, found.body, clock())
            status = self.poster.post(webhook.url, found.body.encode(), {**_HEADERS, **headers})
        except Unreached as unreached:
            error = unreached.code
        except Exception as mistake:
            error = type(mistake).__name__
        with write(self.engine) as connection:
            if status is not None and took(status):
                delivered(connection, found, clock(), status)
                return {"delivered": 1}
            over = undelivered(connection, found, clock(), status, error)
            dead = over and not any_arrived(connection, webhook.id, found.created_at)
            disabled = (dead or status == GONE) and self._disable(connection, webhook.id, clock())
        log.warning(
            "undelivered", webhook=webhook.id, event_id=found.event_id, code=error or status
        )
        return {"undelivered": 1, "disabled": int(disabled)}

    def _disable(self, connection: Connection, webhook_id: str, now: datetime) -> bool:
        if not disable_webhook(connection, webhook_id, now):
            return False
        audit.append(connection, at=now, actor="system", action=NOTICE, webhook=webhook_id)
        if self.notices:
            key = f"{NOTICE}:{webhook_id}:{now:%Y%m%d%H%M%S}"
            outbox.queue(connection, NOTICE, at=now, key=key, webhook_id=webhook_id)
        return True


@dataclass(frozen=True, slots=True)
class Couriers:
    """That of the main database, and the same over the one of test keys, which sends no mail."""

    main: Courier
    sandbox: Callable[[], Engine | None]

    @classmethod
    def of(
        cls, settings: Settings, engine: Engine, sandbox: Callable[[], Engine | None]
    ) -> Couriers:
        return cls(
            Courier(
                engine,
                Poster(settings.webhooks_local),
                lambda: derived(secret_of(settings), WEBHOOKS),
                timedelta(seconds=settings.undo_seconds),
                notices=True,
            ),
            sandbox,
        )

    def run(self, clock: Clock) -> Mapping[str, int]:
        counts = Counter(self.main.run(clock))
        tried = self.sandbox()
        if tried is not None:
            counts.update(replace(self.main, engine=tried, notices=False).run(clock))
        return counts
