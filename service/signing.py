"""Webhooks are signed as Standard Webhooks says; their secrets are derived, and kept nowhere.

Whoever has a copy of the database cannot sign: it takes the installation's secret too.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from data.store_webhooks import Webhook
from service.days import instant

WEBHOOKS = "webhooks"
"""The purpose of the secret that those of webhooks are derived from."""


def secret_text(key: bytes, webhook: Webhook, *, back: int = 0) -> str:
    """The secret of a webhook, or the one that it had `back` turns ago."""
    said = f"{webhook.id}:{webhook.generation - back}"
    return "whsec_" + b64encode(hmac.digest(key, said.encode(), "sha256")).decode()


def signed(
    key: bytes, webhook: Webhook, event_id: str, body: str, now: datetime
) -> Mapping[str, str]:
    """The headers of an event: a signature by each secret that is in service."""
    until = webhook.previous_until
    both = until is not None and now < instant(until)
    secrets = [secret_text(key, webhook, back=back) for back in ((0, 1) if both else (0,))]
    at = now.astimezone(UTC)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Signer(s).sign(event_id, at, body) for s in secrets),
    }
