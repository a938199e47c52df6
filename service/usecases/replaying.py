"""Telling events again: what never arrived, or all that happened since a moment.

The audit log is what events are read from, so what was told long ago can be told again, under the
same ids, even where its deliveries were forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.audit import first_since, lines_after, undone_after
from data.engine import write
from data.store_deliveries import queue, tell_again, tell_undelivered
from data.store_webhooks import Webhook, load_webhook, load_webhooks
from service.events import EVENTS
from service.usecases.announcing import BATCH, deliveries_of, standing


def replay(
    engine: Engine, webhook_id: str | None, *, since: datetime | None, now: datetime
) -> int | None:
    """Tell events again to a webhook, or to all; how many, or None when there is none of that id.

    Without `since`, what never arrived; else all since then, arrived or not.
    """
    with write(engine) as connection:
        one = load_webhook(connection, webhook_id) if webhook_id else None
        if webhook_id and one is None:
            return None
        webhooks = [one] if one else load_webhooks(connection)
        if since is None:
            return sum(tell_undelivered(connection, w.id, now) for w in webhooks)
        return _since(connection, webhooks, since, now)


def _since(
    connection: Connection, webhooks: Sequence[Webhook], since: datetime, now: datetime
) -> int:
    count, last = 0, first_since(connection, since) - 1
    undone = undone_after(connection, last)
    while lines := lines_after(connection, last, EVENTS, BATCH):
        rows = deliveries_of(connection, standing(lines, undone), webhooks)
        queue(connection, rows, now)
        for webhook in webhooks:
            events = [r["event_id"] for r in rows if r["webhook_id"] == webhook.id]
            tell_again(connection, webhook.id, events, now)
        count, last = count + len(rows), lines[-1].id
    return count
