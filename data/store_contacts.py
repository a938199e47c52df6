"""Every SQL query on who asks, and on what they let others read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from data.tables_people import consent_asks, consents, contacts

CATALYST = "catalyst"
"""The recipient of a consent that is no offer: who triages the need."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the person: at least one of the two addresses; the name may be empty.

    `language`: in which they are written to.
    """

    name: str
    email: str | None = None
    phone: str | None = None
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class Consent:
    """`recipient`: "catalyst", or the id of the offer whose provider may read the need."""

    recipient: str
    text_version: str
    at: datetime
    withdrawn_at: datetime | None


def save_contact(connection: Connection, need_id: str, contact: Contact) -> None:
    connection.execute(insert(contacts).values(need_id=need_id, **asdict(contact)))


def load_contact(connection: Connection, need_id: str) -> Contact | None:
    query = select(*(contacts.c[f.name] for f in fields(Contact)))
    row = connection.execute(query.where(contacts.c.need_id == need_id)).first()
    return None if row is None else Contact(*row)


def save_consent(
    connection: Connection, need_id: str, recipient: str, *, text_version: str, at: datetime
) -> None:
    row = {"need_id": need_id, "recipient": recipient, "text_version": text_version, "at": at}
    connection.execute(insert(consents).values(row))


def consents_of(connection: Connection, need_id: str) -> list[Consent]:
    """Every consent given, withdrawn ones too, oldest first."""
    c = consents.c
    query = select(c.recipient, c.text_version, c.at, c.withdrawn_at)
    rows = connection.execute(query.where(c.need_id == need_id).order_by(c.id))
    return [Consent(*row) for row in rows]


def agrees(connection: Connection, need_id: str, recipient: str) -> bool:
    """Whether a consent for this recipient stands."""
    given = consents_of(connection, need_id)
    return any(c.recipient == recipient and c.withdrawn_at is None for c in given)


def withdraw_consent(connection: Connection, need_id: str, recipient: str, at: datetime) -> bool:
    """Withdraw what stands for this recipient; False when nothing did."""
    c = consents.c
    standing = (c.need_id == need_id) & (c.recipient == recipient) & c.withdrawn_at.is_(None)
    return connection.execute(update(consents).where(standing).values(withdrawn_at=at)).rowcount > 0


def save_ask(connection: Connection, need_id: str, offer_id: str, *, by: str, at: datetime) -> None:
    """Ask the person to let the provider of an offer read the need; asking twice is asking once."""
    settle_ask(connection, need_id, offer_id)
    row = {"need_id": need_id, "offer_id": offer_id, "asked_by": by, "at": at}
    connection.execute(insert(consent_asks).values(row))


def asks_of(connection: Connection, need_id: str) -> Mapping[str, datetime]:
    """The offers the person is still asked about, each since when."""
    c = consent_asks.c
    query = select(c.offer_id, c.at).where(c.need_id == need_id).order_by(c.at)
    return {row.offer_id: row.at for row in connection.execute(query)}


def settle_ask(connection: Connection, need_id: str, offer_id: str) -> bool:
    """The person answered, either way; False when nothing was asked."""
    c = consent_asks.c
    one = (c.need_id == need_id) & (c.offer_id == offer_id)
    return connection.execute(delete(consent_asks).where(one)).rowcount > 0
