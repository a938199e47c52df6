"""A partner says where it wants to be told of which events, tries it, and sees what arrived."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from data import audit
from data.engine import read, write
from data.store_deliveries import (
    Delivery,
    last_deliveries,
    load_delivery,
    queue,
    tell_again,
    tell_undelivered,
)
from data.store_webhooks import (
    Webhook,
    change_webhook,
    delete_webhook,
    load_webhook,
    load_webhooks,
    save_webhook,
)
from matching.errors import AiguilleError
from service.events import PING, TYPES, Event
from service.posting import Poster
from service.signing import secret_text

MOST = 10
"""Webhooks of a partner, in each mode."""
SHOWN = 50
"""Deliveries that are shown, the last ones."""


class UnknownWebhook(AiguilleError):
    """No webhook of that id, or it is another partner's: nothing tells which."""


class UnknownDelivery(AiguilleError):
    """Nothing of that id was told to the webhook."""


class WrongWebhook(AiguilleError):
    """A webhook that cannot be made so."""


class StoppedWebhook(AiguilleError):
    """Nothing is told to a webhook that is paused or disabled."""


@dataclass(frozen=True, slots=True)
class MadeWebhook:
    """A webhook whose secret is shown, this once."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, slots=True)
class PartnerWebhooks:
    """The webhooks of one partner, in the database of a mode.

    `key` is what secrets are derived from; `poster` says which addresses are good; `by`: who acts
    when it is not the partner itself.
    """

    engine: Engine
    partner_id: str
    key: bytes
    poster: Poster
    by: str = ""

    def make(self, url: str, events: Sequence[str], *, now: datetime) -> MadeWebhook:
        made = Webhook(
            id=f"wh_{secrets.token_hex(10)}",
            partner_id=self.partner_id,
            url=self.poster.checked(url),
            events=_known(events),
            created_at=now,
        )
        with write(self.engine) as connection:
            if len(load_webhooks(connection, self.partner_id)) >= MOST:
                raise WrongWebhook(
                    "Vous avez déjà {most} webhooks : supprimez-en un.", field="url", most=MOST
                )
            save_webhook(connection, made)
            self._tell(connection, "webhook-made", made.id, now)
        return MadeWebhook(made, secret_text(self.key, made))

    def all(self) -> list[Webhook]:
        with read(self.engine) as connection:
            return load_webhooks(connection, self.partner_id)

    def one(self, webhook_id: str) -> Webhook:
        with read(self.engine) as connection:
            return self._one(connection, webhook_id)

    def change(
        self,
        webhook_id: str,
        *,
        events: Sequence[str] | None = None,
        active: bool | None = None,
        now: datetime,
    ) -> Webhook:
        """Want other events, pause, or go on: then what never arrived is told."""
        with write(self.engine) as connection:
            webhook = self._one(connection, webhook_id)
            changed = webhook if events is None else replace(webhook, events=_known(events))
            if active is not None and active != (webhook.state == "active"):
                changed = replace(changed, state="active" if active else "paused", disabled_at=None)
                if active:
                    tell_undelivered(connection, webhook_id, now)
            values = {"events": list(changed.events), "state": changed.state}
            change_webhook(connection, webhook_id, **values, disabled_at=changed.disabled_at)
            if changed != webhook:
                self._tell(connection, "webhook-changed", webhook_id, now)
        return changed

    def delete(self, webhook_id: str, *, now: datetime) -> None:
        with write(self.engine) as connection:
            self._one(connection, webhook_id)
            delete_webhook(connection, webhook_id)
            self._tell(connection, "webhook-deleted", webhook_id, now)

    def turn_secret(self, webhook_id: str, *, now: datetime) -> MadeWebhook:
        """Another secret, which signs from now on; for a day the one before signs beside it."""
        with write(self.engine) as connection:
            webhook = self._one(connection, webhook_id)
            turned = replace(webhook, generation=webhook.generation + 1, turned_at=now)
            change_webhook(
                connection, webhook_id, generation=turned.generation, turned_at=turned.turned_at
            )
            self._tell(connection, "webhook-secret-turned", webhook_id, now)
        return MadeWebhook(turned, secret_text(self.key, turned))

    def ping(self, webhook_id: str, *, now: datetime) -> Delivery:
        """Have it told of nothing, as events are: what arrives so, they will."""
        event = Event(f"evt_{secrets.token_hex(12)}", PING, now)
        row = {"webhook_id": webhook_id, "event_id": event.id, "type": event.type}
        with write(self.engine) as connection:
            _checked_active(self._one(connection, webhook_id))
            queue(connection, [{**row, "need_id": None, "body": event.body()}], now)
            return _delivery(connection, webhook_id, event.id)

    def deliveries(self, webhook_id: str) -> list[Delivery]:
        with read(self.engine) as connection:
            self._one(connection, webhook_id)
            return last_deliveries(connection, webhook_id, SHOWN)

    def replay(self, webhook_id: str, event_id: str, *, now: datetime) -> Delivery:
        """Tell an event again, under the same id, whether it arrived or not."""
        with write(self.engine) as connection:
            webhook = self._one(connection, webhook_id)
            _delivery(connection, webhook_id, event_id)
            _checked_active(webhook)
            tell_again(connection, webhook_id, [event_id], now)
            self._tell(connection, "webhook-replayed", webhook_id, now, event=event_id)
            return _delivery(connection, webhook_id, event_id)

    def replay_undelivered(self, webhook_id: str, *, now: datetime) -> int:
        """Tell from now on all that never arrived; how many events."""
        with write(self.engine) as connection:
            _checked_active(self._one(connection, webhook_id))
            count = tell_undelivered(connection, webhook_id, now)
            self._tell(connection, "webhook-replayed", webhook_id, now, count=count)
        return count

    def _one(self, connection: Connection, webhook_id: str) -> Webhook:
        found = load_webhook(connection, webhook_id, self.partner_id)
        if found is None:
            raise UnknownWebhook(
                "Aucun webhook « {id} » : vérifiez l’identifiant.", field="id", id=webhook_id
            )
        return found

    def _tell(
        self, connection: Connection, action: str, webhook_id: str, now: datetime, **more: Any
    ) -> None:
        actor = self.by or f"partner:{self.partner_id}"
        audit.append(connection, at=now, actor=actor, action=action, webhook=webhook_id, **more)


def _known(events: Sequence[str]) -> tuple[str, ...]:
    """The events that are wanted, each once, in the order of the table."""
    for event in events:
        if event not in TYPES:
            raise WrongWebhook(
                "Événement inconnu : « {event} ». Événements possibles : {known}.",
                field="events",
                event=event,
                known=TYPES,
            )
    if not events:
        raise WrongWebhook("Demandez au moins un événement.", field="events")
    return tuple(t for t in TYPES if t in events)


def _checked_active(webhook: Webhook) -> None:
    if webhook.state != "active":
        raise StoppedWebhook(
            "Ce webhook est arrêté, rien ne lui est envoyé : réactivez-le d’abord "
            "(PATCH, « active » : true).",
            field="id",
        )


def _delivery(connection: Connection, webhook_id: str, event_id: str) -> Delivery:
    found = load_delivery(connection, webhook_id, event_id)
    if found is None:
        raise UnknownDelivery(
            "Aucun envoi « {id} » vers ce webhook : vérifiez l’identifiant.",
            field="delivery_id",
            id=event_id,
        )
    return found
