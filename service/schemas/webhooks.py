"""Webhooks as a partner sets and follows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field

from data.store_deliveries import Delivery
from data.store_webhooks import Webhook
from service.days import instant
from service.events import TYPES
from service.posting import LONGEST_URL
from service.schemas.strict import Strict

NAMED = (
    r"^https://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(:[0-9]{1,5})?([/?][!\"$-\[\]-~]*)?$"
)
"""Said, and not asked: an installation may post to `http://localhost` too."""
ONE_OF: dict[str, Any] = {"items": {"type": "string", "enum": list(TYPES)}}


class WebhookIn(Strict):
    """Where to tell which events."""

    url: str = Field(
        min_length=1,
        max_length=LONGEST_URL,
        description="Adresse https d’un nom public, sans identifiants ni ancre",
        examples=["https://portail.fr/webhooks/aiguille"],
        json_schema_extra={"pattern": NAMED},
    )
    events: list[str] = Field(min_length=1, max_length=len(TYPES), json_schema_extra=ONE_OF)


class WebhookChange(Strict):
    """What is absent stays as it is."""

    events: list[str] | None = Field(
        None, min_length=1, max_length=len(TYPES), json_schema_extra=ONE_OF
    )
    active: bool | None = Field(
        None, description="false : plus rien n’est envoyé ; true : ce qui n’est pas arrivé repart"
    )


class WebhookOut(Strict):
    """A webhook, without its secret. `disabled`: for three days nothing arrived there."""

    id: str
    url: str
    events: list[str]
    state: Literal["active", "paused", "disabled"]
    created_at: datetime
    disabled_at: datetime | None
    previous_secret_until: datetime | None = Field(
        description="Jusqu’à quand le secret d’avant signe aussi"
    )

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        return cls(**_facts(webhook))


class MadeWebhookOut(WebhookOut):
    """A webhook with its secret, shown this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])

    @classmethod
    def made(cls, webhook: Webhook, secret: str) -> Self:
        return cls(**_facts(webhook), secret=secret)


class WebhookList(Strict):
    webhooks: list[WebhookOut]


class DeliveryOut(Strict):
    """An event told to a webhook; `id` is its `webhook-id`. `error` is why no answer came."""

    id: str
    type: str
    state: Literal["pending", "delivered", "failed"]
    tries: int
    created_at: datetime
    tried_at: datetime | None
    next_try_at: datetime | None
    delivered_at: datetime | None
    status: int | None = Field(description="Statut de la dernière réponse")
    error: str | None = Field(
        description="Sans réponse : not-public, unknown-name, tls, timeout, no-http, refused, "
        "unreachable"
    )

    @classmethod
    def of(cls, found: Delivery, now: datetime) -> Self:
        state = found.standing(now)
        return cls(
            id=found.event_id,
            type=found.type,
            state=state,
            tries=found.tries,
            created_at=instant(found.created_at),
            tried_at=_instant(found.tried_at),
            next_try_at=instant(found.due_at) if state == "pending" else None,
            delivered_at=_instant(found.delivered_at),
            status=found.status,
            error=found.error,
        )


class DeliveryList(Strict):
    """The last deliveries, the newest first."""

    deliveries: list[DeliveryOut]


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "state": webhook.state,
        "created_at": instant(webhook.created_at),
        "disabled_at": _instant(webhook.disabled_at),
        "previous_secret_until": _instant(webhook.previous_until),
    }


def _instant(at: datetime | None) -> datetime | None:
    return instant(at) if at else None
