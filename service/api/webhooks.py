"""/v1/webhooks: where a partner wants to be told of events, and what became of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from service.callers import Caller, partner
from service.deps import NowDep, SettingsDep
from service.errors import responses
from service.idempotency import ONCE, Once
from service.posting import Poster
from service.schemas.webhooks import (
    DeliveryList,
    DeliveryOut,
    MadeWebhookOut,
    WebhookChange,
    WebhookIn,
    WebhookList,
    WebhookOut,
)
from service.secret import derived, secret_of
from service.signing import WEBHOOKS
from service.statuses import ACCEPTED, CREATED, NO_CONTENT
from service.usecases.webhooks import PartnerWebhooks

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=Once)

CallerDep = Annotated[Caller, Depends(partner("webhooks"))]


def _webhooks(who: CallerDep, settings: SettingsDep) -> PartnerWebhooks:
    return PartnerWebhooks(
        who.catalogue.engine,
        who.partner_id,
        derived(secret_of(settings), WEBHOOKS),
        Poster(settings.webhooks_local),
    )


WebhooksDep = Annotated[PartnerWebhooks, Depends(_webhooks)]


@router.post(
    "",
    status_code=CREATED,
    dependencies=[ONCE],
    responses=responses(401, 403, 409, 413, 422),
)
def create_webhook(
    body: WebhookIn, webhooks: WebhooksDep, now: NowDep, response: Response
) -> MadeWebhookOut:
    """Ouvre un webhook. Son secret n’est montré qu’une fois."""
    made = webhooks.make(body.url, body.events, now=now)
    response.headers["Location"] = f"/v1/webhooks/{made.webhook.id}"
    return MadeWebhookOut.made(made.webhook, made.secret)


@router.get("", responses=responses(401, 403))
def list_webhooks(webhooks: WebhooksDep) -> WebhookList:
    """Les webhooks du partenaire, sans leur secret."""
    return WebhookList(webhooks=[WebhookOut.of(w) for w in webhooks.all()])


@router.get("/{webhook_id}", responses=responses(401, 403, 404, 422))
def get_webhook(webhook_id: str, webhooks: WebhooksDep) -> WebhookOut:
    """Un webhook, sans son secret."""
    return WebhookOut.of(webhooks.one(webhook_id))


@router.patch("/{webhook_id}", responses=responses(401, 403, 404, 413, 422))
def change_webhook(
    webhook_id: str, body: WebhookChange, webhooks: WebhooksDep, now: NowDep
) -> WebhookOut:
    """Change les événements voulus, arrête ou reprend : alors ce qui n’est pas arrivé repart."""
    found = webhooks.change(webhook_id, events=body.events, active=body.active, now=now)
    return WebhookOut.of(found)


@router.delete("/{webhook_id}", status_code=NO_CONTENT, responses=responses(401, 403, 404, 422))
def delete_webhook(webhook_id: str, webhooks: WebhooksDep, now: NowDep) -> None:
    """Supprime un webhook et la trace de ses envois."""
    webhooks.delete(webhook_id, now=now)


@router.post(
    "/{webhook_id}/secret",
    dependencies=[ONCE],
    responses=responses(401, 403, 404, 409, 422),
)
def turn_secret(webhook_id: str, webhooks: WebhooksDep, now: NowDep) -> MadeWebhookOut:
    """Change de secret, montré cette fois seule ; l’ancien signe aussi pendant 24 heures."""
    made = webhooks.turn_secret(webhook_id, now=now)
    return MadeWebhookOut.made(made.webhook, made.secret)


@router.post(
    "/{webhook_id}/test",
    status_code=ACCEPTED,
    dependencies=[ONCE],
    responses=responses(401, 403, 404, 409, 422),
)
def test_webhook(webhook_id: str, webhooks: WebhooksDep, now: NowDep) -> DeliveryOut:
    """Envoie un événement « ping », comme les autres : s’il arrive, ils arriveront."""
    return DeliveryOut.of(webhooks.ping(webhook_id, now=now), now)


@router.get("/{webhook_id}/deliveries", responses=responses(401, 403, 404, 422))
def list_deliveries(webhook_id: str, webhooks: WebhooksDep, now: NowDep) -> DeliveryList:
    """Les cinquante derniers envois, du plus récent au plus ancien."""
    found = webhooks.deliveries(webhook_id)
    return DeliveryList(deliveries=[DeliveryOut.of(d, now) for d in found])


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=ACCEPTED,
    dependencies=[ONCE],
    responses=responses(401, 403, 404, 409, 422),
)
def replay_delivery(
    webhook_id: str, delivery_id: str, webhooks: WebhooksDep, now: NowDep
) -> DeliveryOut:
    """Envoie à nouveau un événement, sous le même identifiant."""
    return DeliveryOut.of(webhooks.replay(webhook_id, delivery_id, now=now), now)
