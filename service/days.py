"""Which day it is in France."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def day_of(now: datetime) -> date:
    """The day of an instant, in France; an instant without a zone is in UTC, as it is stored."""
    return (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(PARIS).date()
