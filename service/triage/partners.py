"""How a partner's key and its webhooks stand, in a word: pure, from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from data.store_deliveries import Delivery
from data.store_partners import Key
from data.store_webhooks import Webhook
from service.posting import took
from service.typography import marked

KeyStanding = Literal["serving", "ending", "replaced", "revoked", "expired"]
HookStanding = Literal["untried", "alive", "failing", "paused", "disabled"]

SOON = timedelta(days=60)
"""How long before its end a key is said to end soon: time enough for a partner to turn it over."""

KEY_STANDINGS: Mapping[KeyStanding, str] = {
    "serving": marked("En service"),
    "ending": marked("Expire bientôt"),
    "replaced": marked("Remplacée, sert encore"),
    "revoked": marked("Révoquée"),
    "expired": marked("Périmée"),
}
HOOK_STANDINGS: Mapping[HookStanding, str] = {
    "untried": marked("En attente d’un premier envoi"),
    "alive": marked("En service"),
    "failing": marked("En échec"),
    "paused": marked("En pause, par le partenaire"),
    "disabled": marked("Arrêté, faute de réponse"),
}
FAULTS: Mapping[str, str] = {
    "not-public": marked("l’adresse mène dans un réseau privé"),
    "unknown-name": marked("le nom de l’adresse est inconnu"),
    "tls": marked("le certificat n’est pas valable"),
    "refused": marked("la connexion est refusée"),
    "timeout": marked("aucune réponse en cinq secondes"),
    "no-http": marked("la réponse n’est pas du HTTP"),
    "unreachable": marked("l’adresse est injoignable"),
}
"""Code of why no answer came -> in words."""
OURS = marked("une erreur de notre part")
"""Any other code: the name of a program's own mistake."""


def key_standing(key: Key, now: datetime) -> KeyStanding:
    if key.usable(now):
        if key.revoked_at is not None:
            return "replaced"
        return "serving" if key.usable(now + SOON) else "ending"
    revoked = key.revoked_at is not None and key.revoked_at <= key.expires_at
    return "revoked" if revoked else "expired"


def hook_standing(webhook: Webhook, last: Delivery | None) -> HookStanding:
    """`last`: what was tried there last; without an answer nor a fault, it is under way."""
    if webhook.state != "active":
        return webhook.state
    if last is None or (last.status is None and last.error is None):
        return "untried"
    failed = last.error is not None or not took(last.status or 0)
    return "failing" if failed else "alive"
