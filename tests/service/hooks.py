"""Webhooks of partners in a test: made as partners make them, told as the worker tells."""

from __future__ import annotations

from data.engine import read, write
from data.store_deliveries import last_deliveries
from data.store_needs import change_need
from service.events import TYPES
from service.posting import Poster
from service.usecases.announcing import announce
from service.usecases.delivering import Courier
from service.usecases.webhooks import PartnerWebhooks

KEY = b"of these tests, thirty-two bytes"
LOCAL = Poster(local=True, timeout_s=2)
NORD, SUD = "nord", "sud"


def webhooks_of(engine, partner_id=NORD):
    return PartnerWebhooks(engine, partner_id, KEY, LOCAL)


def courier_of(engine, **more):
    return Courier(engine, LOCAL, lambda: KEY, **more)


def sent_by(engine, need_id, partner_id=NORD, external_id=None):
    """The need is that partner's, from now on."""
    with write(engine) as connection:
        change_need(connection, need_id, partner_id=partner_id, external_id=external_id)


def told(engine, webhook_id):
    """What is told to a webhook, the oldest first."""
    with read(engine) as connection:
        return last_deliveries(connection, webhook_id, 1_000)[::-1]


def types_told(engine, webhook_id):
    return [one.type for one in told(engine, webhook_id)]


def hooked(engine, url, now, partner_id=NORD, events=TYPES):
    """A webhook to which nothing that happened before is told."""
    announce(engine, now, courier_of(engine).undo)
    return webhooks_of(engine, partner_id).make(url, events, now=now)
