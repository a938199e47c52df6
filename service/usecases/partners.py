"""What administrators see of partners: who they are, their keys, and where they are told of events.

Partners and keys are in the main database; a webhook is in that of its mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from data.audit import append
from data.engine import read, write
from data.store_deliveries import Delivery, last_tries, standings
from data.store_partners import (
    Key,
    Partner,
    change_email,
    load_keys,
    load_partner,
    load_partners,
    partner_named,
)
from data.store_webhooks import Webhook, load_webhooks
from matching.errors import AiguilleError
from service.schemas.contact_in import is_email
from service.usecases.keys import LIVE, TEST, Mode, known_key
from service.usecases.webhooks import UnknownWebhook


class UnknownPartner(AiguilleError):
    """No partner of that id."""


class WrongAddress(AiguilleError):
    """Not an address that a partner can be written to."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook, in the database of its mode; `last` is what was tried there last, `counts` how
    many events stand how ("delivered", "pending", "failed").
    """

    webhook: Webhook
    mode: Mode
    engine: Engine
    last: Delivery | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """A partner with all that it has, its newest keys first."""

    partner: Partner
    keys: Sequence[Key]
    hooks: Sequence[Hook]


@dataclass(frozen=True, slots=True)
class Partners:
    """Those of an installation. `sandbox` gives the database of test keys, once there is one."""

    engine: Engine
    sandbox: Callable[[], Engine | None]

    def all(self, now: datetime) -> list[Known]:
        """Every partner, by name."""
        with read(self.engine) as connection:
            partners, keys = load_partners(connection), load_keys(connection)
        hooks = list(self._hooks(now))
        return [
            Known(
                partner,
                [key for key in keys if key.partner_id == partner.id],
                [hook for hook in hooks if hook.webhook.partner_id == partner.id],
            )
            for partner in partners
        ]

    def one(self, partner_id: str, now: datetime) -> Known:
        partner = self.partner(partner_id)
        with read(self.engine) as connection:
            keys = load_keys(connection, partner_id)
        return Known(partner, keys, list(self._hooks(now, partner_id)))

    def partner(self, partner_id: str) -> Partner:
        with read(self.engine) as connection:
            return _known(connection, partner_id)

    def write_to(self, partner_id: str, email: str, *, by: str, now: datetime) -> None:
        """Change where a partner is told of what concerns it; no address in the audit."""
        wanted = email.strip()
        if not is_email(wanted):
            raise WrongAddress(
                "Adresse e-mail illisible : elle s’écrit comme nom@exemple.fr.", field="email"
            )
        with write(self.engine) as connection:
            if wanted != _known(connection, partner_id).email:
                change_email(connection, partner_id, wanted)
                action = "partner-email-changed"
                append(connection, at=now, actor=by, action=action, partner=partner_id)

    def named(self, name: str) -> Partner | None:
        with read(self.engine) as connection:
            return partner_named(connection, name.strip())

    def key(self, key_id: str) -> tuple[Partner, Key]:
        with read(self.engine) as connection:
            key = known_key(connection, key_id)
        return self.partner(key.partner_id), key

    def hook(self, webhook_id: str, now: datetime) -> Hook:
        for hook in self._hooks(now):
            if hook.webhook.id == webhook_id:
                return hook
        raise UnknownWebhook(
            "Aucun webhook « {id} » : vérifiez l’identifiant.", field="id", id=webhook_id
        )

    def _hooks(self, now: datetime, partner_id: str | None = None) -> Iterator[Hook]:
        for mode, engine in self._databases():
            yield from self._hooks_in(mode, engine, now, partner_id)

    def _databases(self) -> Iterator[tuple[Mode, Engine]]:
        yield LIVE, self.engine
        tried = self.sandbox()
        if tried is not None:
            yield TEST, tried

    def _hooks_in(
        self, mode: Mode, engine: Engine, now: datetime, partner_id: str | None
    ) -> list[Hook]:
        with read(engine) as connection:
            found = load_webhooks(connection, partner_id)
            lasts, counts = last_tries(connection), standings(connection, now)
        return [Hook(w, mode, engine, lasts.get(w.id), counts.get(w.id, {})) for w in found]


def _known(connection: Connection, partner_id: str) -> Partner:
    found = load_partner(connection, partner_id)
    if found is None:
        raise UnknownPartner("Aucun partenaire « {id} ».", field="partner", id=partner_id)
    return found
