"""A key as its partner may read it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from service.schemas.moments import Moment
from service.schemas.strict import Strict


class KeyOut(Strict):
    """What the key that calls is, and allows; never its secret half."""

    id: str
    partner: str
    label: str
    mode: Literal["live", "test"]
    scopes: list[str]
    origins: list[str]
    expires_at: Moment
    used_on: date | None
