"""Which day it is in France."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day_of(now: datetime) -> date:
    """The day of an instant, in France; an instant without a zone is in UTC, as it is stored."""
    return (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(PARIS).date()


def months_before(now: datetime, months: int) -> datetime:
    """The same day of an earlier month, or the last of that month when it is shorter."""
    years, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, monthrange(years, month + 1)[1])
    return now.replace(year=years, month=month + 1, day=day)
