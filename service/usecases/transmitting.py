"""The desk shows a need to a provider, by a link, once the person agreed to it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from data import audit
from data.engine import write
from data.outbox import queue
from data.store_contacts import agrees, save_ask
from data.store_needs import change_need
from data.store_transmissions import Transmission, save_transmission, transmissions_of
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.days import instant
from service.schemas.contact_in import is_email
from service.usecases.answering import existing_need
from service.usecases.browsing import read_offer
from service.usecases.moving import move


class NeedsConsent(AiguilleError):
    """The person did not agree that the provider of this offer reads their need."""


class AlreadyTransmitted(AiguilleError):
    """The provider of the offer has the need already."""


class WrongRecipient(AiguilleError):
    """Not an address that a mail can be sent to."""


def transmit(
    catalogue: Catalogue,
    need_id: str,
    offer_id: str,
    recipient: str,
    *,
    by: str,
    now: datetime,
    days: int,
) -> Transmission:
    """Send the provider of an offer a link to a need, good for `days`; `by`: "user:" and an id."""
    offer = read_offer(catalogue, offer_id)
    recipient = recipient.strip()
    if not is_email(recipient):
        raise WrongRecipient(
            "Adresse du porteur illisible : elle s’écrit comme nom@exemple.fr.", field="recipient"
        )
    made = Transmission(
        id=secrets.token_urlsafe(12),
        need_id=need_id,
        offer_id=offer_id,
        recipient=recipient,
        sent_at=now,
        expires_at=now + timedelta(days=days),
    )
    token = secrets.token_urlsafe(32)
    with write(catalogue.engine) as connection:
        stored = existing_need(connection, need_id)
        if not agrees(connection, need_id, offer_id):
            raise NeedsConsent(
                "La personne n’a pas donné son accord pour {who} : demandez-le lui d’abord.",
                field="offer_id",
                who=offer.provider.name or offer.title,
            )
        if any(_stands(t, offer_id, now) for t in transmissions_of(connection, need_id)):
            raise AlreadyTransmitted(
                "Ce besoin est déjà transmis pour cette offre : attendez la réponse, ou la fin du "
                "délai.",
                field="offer_id",
            )
        if stored.state == "transmitted":
            change_need(connection, need_id, stored.version, moved_at=now)
        else:
            move(connection, stored, "transmitted", actor=by, now=now)
        save_transmission(connection, made, token)
        told = {"offer": offer_id, "transmission": made.id}
        audit.append(connection, at=now, actor=by, action="transmitted", need_id=need_id, **told)
        key = f"transmitted:{made.id}"
        queue(
            connection,
            "transmitted",
            at=now,
            need_id=need_id,
            key=key,
            transmission_id=made.id,
            token=token,
        )
    return made


def ask_consent(
    catalogue: Catalogue, need_id: str, offer_id: str, *, by: str, now: datetime
) -> bool:
    """Ask the person to let the provider of an offer read their need; False: they agreed before."""
    read_offer(catalogue, offer_id)
    with write(catalogue.engine) as connection:
        stored = existing_need(connection, need_id)
        if agrees(connection, need_id, offer_id):
            return False
        if stored.state != "waiting":
            move(connection, stored, "waiting", actor=by, now=now)
        save_ask(connection, need_id, offer_id, by=by, at=now)
        told = {"offer": offer_id}
        audit.append(connection, at=now, actor=by, action="consent-asked", need_id=need_id, **told)
        key = f"question:{need_id}:{offer_id}:{now:%Y%m%d}"
        queue(connection, "question", at=now, need_id=need_id, key=key)
    return True


def _stands(made: Transmission, offer_id: str, now: datetime) -> bool:
    """Is the need in the hands of this offer's provider?"""
    if made.offer_id != offer_id or made.state == "refused":
        return False
    return made.state == "accepted" or now < instant(made.expires_at)
