"""What the page of a sent need shows: sentences, names and days, made of what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from data.store_contacts import CATALYST, Consent
from data.store_transmissions import Transmission
from matching.domain import Match
from service.catalogue import Catalogue
from service.days import day_of, instant
from service.settings import Settings
from service.typography import marked
from service.usecases.browsing import UnknownOffer, read_offer
from service.usecases.following import LONGEST_MESSAGE, Following
from service.usecases.replying import NOT_YET
from service.usecases.sending import first_answer_by
from service.wording import Wording
from service.wording_consents import CONSENT_TEXTS, CONSENT_VERSION
from service.wording_following import REFUSALS_TOLD, Event, events, state_told

SOMEONE = marked("un porteur qui n’est plus à l’inventaire")
"""Who delivers an offer that is no longer there."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message, from the person or to them."""

    on: date
    mine: bool
    text: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent: its words, since when, and until when if it was withdrawn."""

    recipient: str
    text: str
    on: date
    until: date | None
    for_catalyst: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the desk asks the person to agree to."""

    offer_id: str
    text: str


@dataclass(frozen=True, slots=True)
class InHands:
    """A provider who has, or had, the need; `standing`: "accepted", "refused", "awaited", "late".

    `by`: the day it is to reach the person, or to answer.
    """

    who: str
    standing: str
    by: date
    read: bool
    refusal: str


@dataclass(frozen=True, slots=True)
class FollowPage:
    need_id: str
    reference: str | None
    link: str
    told: str
    open: bool
    helped: bool
    outcome_asked: bool
    promise: date | None
    contact_days: int
    asks: tuple[Asked, ...]
    hands: tuple[InHands, ...]
    messages: tuple[Said, ...]
    consents: tuple[Agreed, ...]
    events: tuple[Event, ...]
    relay: Match | None
    wording: Wording
    notice: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_MESSAGE


@dataclass(frozen=True, slots=True)
class FollowView:
    """Makes the page, with what only the service knows."""

    catalogue: Catalogue
    wording: Wording
    settings: Settings
    now: datetime

    def page(
        self,
        found: Following,
        *,
        notice: str = "",
        form: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> FollowPage:
        stored, say = found.stored, self.wording.say
        at_work = stored.state not in ("closed", "expired")
        waits = stored.contacted_at is None and stored.state in ("new", "qualifying")
        return FollowPage(
            need_id=stored.id,
            reference=stored.reference,
            link=f"{self.settings.public_url.rstrip('/')}/besoins/{stored.id}/suivi",
            told=say(state_told(stored.state, stored.outcome)),
            open=at_work,
            helped=stored.outcome == "helped",
            outcome_asked=stored.state != "new",
            promise=first_answer_by(stored, self.settings.clocks) if waits else None,
            contact_days=self.settings.clocks.contact,
            asks=tuple(
                Asked(o, self._provider_text(o, CONSENT_VERSION)) for o in found.asks if at_work
            ),
            hands=tuple(
                self._in_hands(t)
                for t in reversed(found.transmissions)
                if at_work or t.state != "sent"
            ),
            messages=tuple(
                Said(day_of(m.at), m.author == "person", m.text) for m in found.messages
            ),
            consents=tuple(self._agreed(c) for c in found.consents),
            events=tuple(reversed(events(found.lines, self._who, say))),
            relay=found.relay,
            wording=self.wording,
            notice=notice,
            form=form or {},
            errors=errors or {},
        )

    def _who(self, offer_id: str) -> str:
        try:
            offer = read_offer(self.catalogue, offer_id)
        except UnknownOffer:
            return self.wording.say(SOMEONE)
        return offer.provider.name or offer.title

    def _provider_text(self, offer_id: str, version: str) -> str:
        text = self.wording.say(CONSENT_TEXTS[version].provider)
        return text.format(provider=self._who(offer_id))

    def _agreed(self, consent: Consent) -> Agreed:
        for_catalyst = consent.recipient == CATALYST
        text = (
            self.wording.say(CONSENT_TEXTS[consent.text_version].catalyst)
            if for_catalyst
            else self._provider_text(consent.recipient, consent.text_version)
        )
        until = day_of(consent.withdrawn_at) if consent.withdrawn_at else None
        return Agreed(consent.recipient, text, day_of(consent.at), until, for_catalyst)

    def _in_hands(self, made: Transmission) -> InHands:
        late = made.state == "sent" and self.now >= instant(made.expires_at)
        standing = "late" if late else {"sent": "awaited"}.get(made.state, made.state)
        return InHands(
            who=self._who(made.offer_id),
            standing=standing,
            by=made.contact_on or day_of(made.expires_at),
            read=made.reason == NOT_YET,
            refusal=self.wording.say(REFUSALS_TOLD.get(made.reason or "", "")),
        )
