"""Events as a webhook is told of them: ids, states, times and codes, never words nor contacts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from pydantic import Field

from service.schemas.strict import Strict


class OfNeed(Strict):
    """A need that the partner sent; `external_id` is what the partner calls it."""

    need_id: str
    external_id: str | None


class Qualified(OfNeed):
    """The desk understood what is asked, and says what may answer it."""

    state: Literal["proposed", "transmitted"]


class Matched(OfNeed):
    """The desk proposes an offer, or new offers of the catalogue answer the need."""

    offers: list[str]


class Transmitted(OfNeed):
    """The provider of an offer may read the need."""

    offer: str


class Answered(OfNeed):
    """A provider takes the need, refuses it, or will say later."""

    offer: str
    answer: Literal["accepted", "refused", "not-yet"]
    reason: str | None = Field(description="Pourquoi il refuse")
    contact_on: date | None = Field(description="Quand il prendra contact, s’il accepte")


class Closed(OfNeed):
    """The need is followed no more. `erased`: nothing of it is kept, neither here nor there."""

    state: Literal["closed", "expired", "erased"]
    outcome: Literal["helped", "not-helped", "unreachable", "out-of-scope", "duplicate"] | None


class OffersChanged(Strict):
    """Offers that came, changed, or were withdrawn: a hundred in one event, at most."""

    created: list[str]
    updated: list[str]
    withdrawn: list[str]


class GapOpened(Strict):
    """Enough needs, and no offer of the place: as `/raquette` shows, week by week."""

    territory: str = Field(examples=["DEP-48"])
    need_type: str = Field(examples=["tresorerie"])


class Nothing(Strict):
    """What a ping says."""


Data = TypeVar("Data", bound=Strict)
Type = TypeVar("Type", bound=str)


class EventOut(Strict, Generic[Type, Data]):
    """The body of a webhook, as Standard Webhooks has it."""

    type: Type
    timestamp: datetime
    data: Data
