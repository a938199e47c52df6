"""Every SQL query on webhooks: where partners want events; see store_deliveries for the rest."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from data.tables_webhooks import webhooks

OVERLAP = timedelta(hours=24)
"""How long the secret before still signs once another took over."""

_c = webhooks.c


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a partner wants which events. `generation` counts its secrets; `turned_at` is when
    the last one took over, `disabled_at` when we gave it up.
    """

    id: str
    partner_id: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    state: Literal["active", "paused", "disabled"] = "active"
    generation: int = 1
    turned_at: datetime | None = None
    disabled_at: datetime | None = None

    @property
    def previous_until(self) -> datetime | None:
        """Until when the secret before signs too."""
        return self.turned_at + OVERLAP if self.turned_at else None


def save_webhook(connection: Connection, webhook: Webhook) -> None:
    row = {f.name: getattr(webhook, f.name) for f in fields(webhook)}
    connection.execute(insert(webhooks).values(row | {"events": list(webhook.events)}))


def load_webhook(
    connection: Connection, webhook_id: str, partner_id: str | None = None
) -> Webhook | None:
    """The webhook, if it is of that partner when one is given."""
    found = _load(connection, _c.id == webhook_id, *_of(partner_id))
    return found[0] if found else None


def load_webhooks(connection: Connection, partner_id: str | None = None) -> list[Webhook]:
    """The webhooks of a partner, or of all, the oldest first."""
    return _load(connection, *_of(partner_id))


def change_webhook(connection: Connection, webhook_id: str, **values: Any) -> None:
    connection.execute(update(webhooks).where(_c.id == webhook_id).values(values))


def disable_webhook(connection: Connection, webhook_id: str, at: datetime) -> bool:
    """Give up an active webhook; False when it was not active any more."""
    active = (_c.id == webhook_id) & (_c.state == "active")
    given_up = update(webhooks).where(active).values(state="disabled", disabled_at=at)
    return connection.execute(given_up).rowcount == 1


def delete_webhook(connection: Connection, webhook_id: str) -> None:
    """It goes with all that was told to it, and was to be."""
    connection.execute(delete(webhooks).where(_c.id == webhook_id))


def _of(partner_id: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if partner_id is None else (_c.partner_id == partner_id,)


def _load(connection: Connection, *where: ColumnElement[bool]) -> list[Webhook]:
    query = select(webhooks).where(*where).order_by(_c.created_at, _c.id)
    return [_webhook(row) for row in connection.execute(query).mappings()]


def _webhook(row: RowMapping) -> Webhook:
    return Webhook(**{**row, "events": tuple(row["events"])})
