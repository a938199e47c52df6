"""From the audit log to what is to be told: each event, to each webhook that wants it.

Where the log was read to and what comes of it are written in one transaction: an event is told
once to a webhook, and none is forgotten, whenever the process dies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from data.audit import Line, last_id, lines_after, undone_after
from data.engine import read, write
from data.marks import mark, set_mark
from data.store_deliveries import queue
from data.store_needs import Sender
from data.store_partner_needs import senders
from data.store_webhooks import Webhook, load_webhooks
from service.days import instant
from service.events import EVENTS, Event, event_of

BATCH = 200
"""Lines read in one transaction."""
_READ_TO = "events"


def announce(engine: Engine, now: datetime, undo: timedelta) -> int:
    """Read the log on, and queue what it tells; how many deliveries."""
    count = 0
    while True:
        with read(engine) as connection:
            if _read_to(connection) >= last_id(connection):
                return count
        with write(engine) as connection:
            before = _read_to(connection)
            count += _announce(connection, before, now, undo)
            if _read_to(connection) == before:
                return count


def _announce(connection: Connection, read_to: int, now: datetime, undo: timedelta) -> int:
    end = last_id(connection)
    lines = lines_after(connection, read_to, EVENTS, BATCH)
    if len(lines) == BATCH:
        end = lines[-1].id
    undone = undone_after(connection, read_to)
    for position, line in enumerate(lines):
        if _may_be_undone(line, now, undo):
            lines, end = lines[:position], line.id - 1
            break
    wanted = [w for w in load_webhooks(connection) if w.state != "paused"]
    rows = deliveries_of(connection, standing(lines, undone), wanted)
    queue(connection, rows, now)
    set_mark(connection, _READ_TO, str(end))
    return len(rows)


def standing(lines: Iterable[Line], undone: Collection[tuple[str, str | None]]) -> list[Line]:
    """Those of these lines that nobody took back."""
    return [line for line in lines if (line.detail.get("batch"), line.need_id) not in undone]


def deliveries_of(
    connection: Connection, lines: Iterable[Line], webhooks: Sequence[Webhook]
) -> list[Mapping[str, Any]]:
    """What these lines have told to these webhooks, as rows to queue."""
    events = [event_of(line) for line in lines]
    sent = senders(connection, {e.need_id for e in events if e.need_id})
    return [
        {
            "webhook_id": webhook.id,
            "event_id": event.id,
            "type": event.type,
            "need_id": event.need_id,
            "body": _of_partner(event, sent).body(),
        }
        for event in events
        for webhook in webhooks
        if event.type in webhook.events and _concerns(event, sent, webhook.partner_id)
    ]


def _concerns(event: Event, sent: Mapping[str, Sender], partner_id: str) -> bool:
    """An event of a need is for the partner that sent it alone."""
    if event.need_id is None:
        return True
    sender = sent.get(event.need_id)
    return sender is not None and sender.partner_id == partner_id


def _of_partner(event: Event, sent: Mapping[str, Sender]) -> Event:
    """The event with what its partner knows the need by."""
    if event.need_id is None:
        return event
    known = {"need_id": event.need_id, "external_id": sent[event.need_id].external_id}
    return replace(event, data={**known, **event.data})


def _may_be_undone(line: Line, now: datetime, undo: timedelta) -> bool:
    """What the desk may still take back is not told yet."""
    return "batch" in line.detail and abs(now - instant(line.at)) < undo


def _read_to(connection: Connection) -> int:
    return int(mark(connection, _READ_TO) or 0)
