"""What each kind of mail says, to whom, with which link: looked up when it leaves.

A row of the outbox names a need, an account or a transmission. A person who gave no address, or
who erased their need meanwhile, is sent nothing, and the row keeps a note of why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection

from data.outbox import Row
from data.store import load_offer
from data.store_contacts import agrees, load_contact
from data.store_needs import StoredNeed, load_need, load_needs
from data.store_partners import load_partner
from data.store_transmissions import load_transmission
from data.store_users import load_user
from data.store_webhooks import load_webhook
from service.days import day_of, instant
from service.languages import FRENCH
from service.triage.clocks import Clocks, Due, waiting_since, working_days_after
from service.usecases.noticing import FIRST_LOOKS, first_looks, is_told
from service.usecases.signing_in import LINK_LASTS

NO_ADDRESS, GONE, MOOT = "no-address", "gone", "moot"
"""Why nothing was sent: no e-mail address, what it was about is erased, it is past its time."""

MOST_LISTED = 30
"""Needs that a mail to the desk lists; beyond, it tells how many more there are."""

DESK = "desk"
"""In a reminder's payload, `to`: whoever follows the need; else the person."""


@dataclass(frozen=True, slots=True)
class Letter:
    """`path`: the page it links to; `facts`: what its template says; `language`: the reader's."""

    template: str
    to: str
    path: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    language: str = FRENCH


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to send, and why."""

    note: str


@dataclass(frozen=True, slots=True)
class Now:
    """What a letter is written with: the moment, the clocks that are followed, and how many days
    what could not be sent is kept.
    """

    at: datetime
    clocks: Clocks
    kept_days: int


class UnknownKind(LookupError):
    """No letter is written for this kind of row."""


def letter_of(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    """What a row asks to send now. Kinds that end in days (`reminder-9`) share a letter."""
    kind = row.kind.rstrip("0123456789").rstrip("-")
    if kind not in LETTERS:
        raise UnknownKind(kind)
    return LETTERS[kind](connection, row, now)


def _sign_in(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    user = load_user(connection, row.payload["user_id"])
    if user is None or not user.active:
        return Nothing(GONE)
    if now.at > instant(row.created_at) + LINK_LASTS:
        return Nothing(MOOT)
    minutes = LINK_LASTS // timedelta(minutes=1)
    facts = {"minutes": minutes, "reference": None}
    path = f"/connexion/{row.payload['token']}"
    return Letter("sign-in", user.email, path, facts, user.language)


def _invited(connection: Connection, row: Row, now: Now) -> Letter | Nothing:  # noqa: ARG001
    user = load_user(connection, row.payload["user_id"])
    if user is None or not user.active:
        return Nothing(GONE)
    return Letter("invited", user.email, "/connexion", {"reference": None}, user.language)


def _transmitted(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    sent = load_transmission(connection, row.payload["transmission_id"])
    need = load_need(connection, sent.need_id) if sent else None
    if sent is None or need is None:
        return Nothing(GONE)
    awaited = sent.state == "sent" and instant(sent.expires_at) > now.at
    if not awaited or not agrees(connection, need.id, sent.offer_id):
        return Nothing(MOOT)
    if "@" not in sent.recipient:
        return Nothing(NO_ADDRESS)
    offer = load_offer(connection, sent.offer_id)
    facts = {
        "offer": offer.title if offer else sent.offer_id,
        "until": day_of(sent.expires_at),
        "reference": need.reference,
    }
    return Letter("transmitted", sent.recipient, f"/reponse/{row.payload['token']}", facts)


def _reminder(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    need = load_need(connection, row.need_id or "")
    since = waiting_since(need) if need else None
    if need is None:
        return Nothing(GONE)
    if since is None:
        return Nothing(MOOT)
    facts = {
        "state": need.state,
        "days": (day_of(now.at) - since).days,
        "closing": since + timedelta(days=now.clocks.closing),
    }
    if row.payload.get("to") != DESK:
        return _written(connection, need, Letter("reminder", "", "/suivi", facts))
    user = load_user(connection, need.assignee) if need.assignee else None
    if user is None or not user.active:
        return Nothing(GONE)
    facts |= {"reference": need.reference}
    path = f"/bureau/besoins/{need.key}"
    return Letter("reminder-desk", user.email, path, facts, user.language)


def _first_looks(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    user = load_user(connection, row.payload["user_id"])
    if user is None or not user.active:
        return Nothing(GONE)
    today = day_of(now.at)
    # One that could not leave on its day gives way to that of the next.
    if not is_told(user) or day_of(row.created_at) != today:
        return Nothing(MOOT)
    waiting = first_looks(connection, user, today, now.clocks)
    if not waiting:
        return Nothing(MOOT)
    clocks = dict(waiting[:MOST_LISTED])
    facts = {
        "count": len(waiting),
        "late": sum(clock.how == "late" for _, clock in waiting),
        "more": len(waiting) - len(clocks),
        "needs": [_listed(need, clocks[need.id]) for need in load_needs(connection, [*clocks])],
        "reference": None,
        "settings_path": "/bureau/mon-compte",
    }
    return Letter(FIRST_LOOKS, user.email, "/bureau", facts, user.language)


def _listed(need: StoredNeed, clock: Due) -> Mapping[str, Any]:
    """What a mail to the desk says of a need: codes, never its words."""
    return {
        "reference": need.reference or need.key,
        "types": sorted(need.types),
        "place": need.departement or need.region,
        "path": f"/bureau/besoins/{need.key}",
        "due": clock,
    }


def _promise(need: StoredNeed, clocks: Clocks) -> Mapping[str, Any]:
    start = day_of(need.sent_at or need.created_at)
    return {"by": working_days_after(start, clocks.contact, need.departement)}


def _webhook_disabled(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
    webhook = load_webhook(connection, row.payload["webhook_id"])
    partner = load_partner(connection, webhook.partner_id) if webhook else None
    if webhook is None or partner is None:
        return Nothing(GONE)
    if webhook.state != "disabled":
        return Nothing(MOOT)
    facts = {"host": urlsplit(webhook.url).netloc, "kept": now.kept_days, "reference": None}
    return Letter("webhook-disabled", partner.email, f"/v1/webhooks/{webhook.id}", facts)


_Facts = Callable[[StoredNeed, Clocks], Mapping[str, Any]]
_Write = Callable[[Connection, Row, Now], Letter | Nothing]


def _to_person(
    template: str,
    page: str = "/suivi",
    *,
    state: str | None = None,
    facts: _Facts = lambda *_: {},
) -> _Write:
    """A letter to the person; only while the need is in `state`, when one is given."""

    def write(connection: Connection, row: Row, now: Now) -> Letter | Nothing:
        need = load_need(connection, row.need_id or "")
        if need is None:
            return Nothing(GONE)
        if state is not None and need.state != state:
            return Nothing(MOOT)
        return _written(connection, need, Letter(template, "", page, facts(need, now.clocks)))

    return write


def _written(connection: Connection, need: StoredNeed, letter: Letter) -> Letter | Nothing:
    """A letter to the person: their address, language and reference, the path of their page."""
    contact = load_contact(connection, need.id)
    if contact is None:
        return Nothing(GONE)
    if not contact.email:
        return Nothing(NO_ADDRESS)
    page = f"/besoins/{need.id}"
    facts = {**letter.facts, "reference": need.reference, "erase_path": f"{page}/effacer"}
    return Letter(letter.template, contact.email, page + letter.path, facts, contact.language)


LETTERS: Mapping[str, _Write] = {
    "webhook-disabled": _webhook_disabled,
    "sign-in": _sign_in,
    "invited": _invited,
    "transmitted": _transmitted,
    "acknowledged": _to_person("acknowledged", facts=_promise),
    "answered": _to_person("answered"),
    "question": _to_person("question"),
    "closed": _to_person("closed", state="closed"),
    "reminder": _reminder,
    "closing": _to_person("closing", state="expired", facts=lambda _, c: {"days": c.closing}),
    "gap-filled": _to_person("gap-filled", page=""),
    FIRST_LOOKS: _first_looks,
}
"""Kind of a row, without its days -> what it asks to send."""
