"""Offers as facts, one or a page of them."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from matching.domain import Offer, Relay
from service.schemas.strict import Strict


class ProviderOut(Strict):
    id: str
    name: str


class RelayOut(Strict):
    name: str
    offer_id: str | None
    url: str | None

    @classmethod
    def of(cls, relay: Relay | None) -> Self | None:
        if relay is None:
            return None
        return cls(name=relay.name, offer_id=relay.offer_id, url=relay.url)


class OfferOut(Strict):
    """An offer as facts. `verified` false: to check with the provider."""

    id: str
    title: str
    summary: str
    description: str
    provider: ProviderOut
    kind: str | None
    axis: str | None
    temporalities: list[str]
    need_types: list[str]
    audiences: list[str]
    employees_min: int | None
    employees_max: int | None
    volunteer_only_ok: bool | None
    naf_sections: list[str]
    age_months_min: int | None
    age_months_max: int | None
    population_max: int | None
    conditions: list[str]
    territories: list[str]
    relay: RelayOut | None
    national_offer: str | None
    channel: str | None
    cost: str | None
    nature: str | None
    levers: list[str]
    echelon: str | None
    odd: list[int]
    status: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    next_step: str
    url: str | None
    sources: list[str]
    verified: bool
    checked_on: date | None
    provenance: str
    licence: str
    generalist: bool

    @classmethod
    def of(cls, offer: Offer) -> Self:
        facts: dict[str, Any] = {name: getattr(offer, name) for name in cls.model_fields}
        facts["provider"] = ProviderOut(id=offer.provider.id, name=offer.provider.name)
        facts["relay"] = RelayOut.of(offer.relay)
        ordered = {k: sorted(v) for k, v in facts.items() if isinstance(v, frozenset)}
        listed = {k: list(v) for k, v in facts.items() if isinstance(v, tuple)}
        return cls(**{**facts, **ordered, **listed})


class OfferPage(Strict):
    offers: list[OfferOut]
    next_cursor: str | None
