"""Which day it is in France."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def instant(at: datetime) -> datetime:
    """An instant with its zone; without one it is in UTC, as it is stored."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day_of(now: datetime) -> date:
    """The day of an instant, in France."""
    return instant(now).astimezone(PARIS).date()
