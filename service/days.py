"""Which day it is in France."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day_of(now: datetime) -> date:
    """The day of an instant, in France."""
    return now.astimezone(PARIS).date()
