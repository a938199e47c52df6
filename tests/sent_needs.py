"""Needs that somebody sent, as the desk finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from data.engine import write
from data.store_contacts import Contact, save_consent, save_contact
from data.store_needs import StoredNeed, change_need
from service.catalogue import Catalogue
from service.usecases.answering import keep_need, read_need
from service.wording_consents import CONSENT_VERSION
from tests.builders import TODAY, need


def sent(
    catalogue: Catalogue,
    reference: str,
    text: str = "on n’arrive plus à payer les salaires",
    *,
    at: datetime,
    agreed: tuple[str, ...] = (),
    **facts: Any,
) -> StoredNeed:
    """A need sent to a catalyst at a moment; facts that a need has, and columns it then gets."""
    columns = {n: facts.pop(n) for n in ("state", "assignee", "outcome") if n in facts}
    kept = keep_need(catalogue, need(text, **facts), today=TODAY, now=at)
    with write(catalogue.engine) as connection:
        values = {"state": "new", "sent_at": at, "moved_at": at, "reference": reference, **columns}
        change_need(connection, kept.id, **values)
        save_contact(connection, kept.id, Contact("Camille", "camille@exemple.org"))
        for recipient in ("catalyst", *agreed):
            save_consent(connection, kept.id, recipient, text_version=CONSENT_VERSION, at=at)
    return read_need(catalogue, kept.id)
