"""Which day it is in France."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def instant(at: datetime) -> datetime:
    """An instant with its zone; without one it is in UTC, as it is stored."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def day_of(now: datetime) -> date:
    """The day of an instant, in France."""
    return instant(now).astimezone(PARIS).date()


def start_of(day: date) -> datetime:
    """The instant when a day begins in France."""
    return datetime.combine(day, time.min, PARIS).astimezone(UTC)


def months_before(now: datetime, months: int) -> datetime:
    """The same day of an earlier month, or the last of that month when it is shorter."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, monthrange(years, month + 1)[1])
    return now.replace(year=years, month=month + 1, day=day)
