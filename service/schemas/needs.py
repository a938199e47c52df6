"""A need that was kept."""

from __future__ import annotations

from datetime import date, datetime

from service.schemas.places import PlaceOut
from service.schemas.strict import Strict


class NeedOut(Strict):
    """A need as it was kept, and where to read its matches."""

    id: str
    created_at: datetime
    today: date
    text: str
    place: PlaceOut | None
    profile: str | None
    employees: int | None
    volunteer_only: bool | None
    naf_section: str | None
    founded_on: date | None
    need_types: list[str]
    matches_url: str
