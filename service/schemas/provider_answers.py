"""What a provider reads of a need that was transmitted to it, and what it answers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from service.schemas.moments import Moment
from service.schemas.strict import Strict


class ReplyIn(Strict):
    """`contact_on` goes with "accept", `reason` with "refuse"."""

    choice: Literal["accept", "refuse", "not-yet"]
    contact_on: date | None = None
    capacity: int | None = None
    reason: str | None = None


class LetterOut(Strict):
    """The need, and what was answered. How to reach the person comes once the need is taken."""

    reference: str | None
    text: str
    profile: str | None
    employees: int | None
    departement: str | None
    offer_id: str
    offer_title: str | None
    state: str
    reason: str | None
    contact_on: date | None
    capacity: int | None
    expires_at: Moment
    name: str | None
    email: str | None
    phone: str | None
