"""What is due on a need, and by when: a first look, a contact, reminders, a closing.

The first two are promises, in working days from the sending. The others count calendar days of
waiting for somebody's answer. A need that nobody looked at stays late: it never closes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from data.lanes import WAITING
from data.store_needs import StoredNeed
from matching.errors import AiguilleError
from service.days import PARIS, day_of
from service.triage.states import OPEN

What = Literal["first-look", "contact", "reminder", "closing"]
How = Literal["late", "soon", "ok"]

SUBDIVISIONS: Mapping[str, str] = {
    "DEP-57": "57",
    "DEP-67": "6AE",
    "DEP-68": "6AE",
    **{f"DEP-{code}": code for code in ("971", "972", "973", "974", "976")},
    "DEP-975": "PM",
    "DEP-977": "BL",
    "DEP-978": "MF",
    "DEP-986": "WF",
    "DEP-987": "PF",
    "DEP-988": "NC",
}
"""Départements with holidays of their own -> their name in the library `holidays`."""

DAY = timedelta(days=1)
CLOSING_SOON = timedelta(days=7)
MORNING = time(9)


class WrongClocks(AiguilleError):
    """Clocks that cannot be followed."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """`first_look`, `contact`: working days from the sending; the others: days of waiting.

    A contact comes after the first look, so within two days at least: screens say it in the plural.
    """

    first_look: int = 2
    contact: int = 5
    reminders: tuple[int, ...] = (9, 21)
    closing: int = 45

    def __post_init__(self) -> None:
        promises, waits = (self.first_look, self.contact), (*self.reminders, self.closing)
        for days in (promises, waits):
            if days[0] < 1 or sorted(set(days)) != list(days):
                raise WrongClocks(
                    f"Délais {promises} et {waits} : chaque suite doit monter, à partir d’un jour.",
                    field="clocks",
                )


@dataclass(frozen=True, slots=True)
class Due:
    """The next thing due: what, by which day, and how that stands today."""

    what: What
    by: date
    how: How


@lru_cache(maxsize=256)
def _holidays(year: int, subdivision: str | None) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("FR", subdiv=subdivision, years=year))


def is_working_day(day: date, departement: str | None = None) -> bool:
    """Neither a week-end nor a holiday of France, or of this département (`DEP-67`)."""
    subdivision = SUBDIVISIONS.get(departement or "")
    return day.weekday() < 5 and day not in _holidays(day.year, subdivision)


@lru_cache(maxsize=4096)
def working_days_after(start: date, days: int, departement: str | None = None) -> date:
    """The working day that comes `days` working days after `start`.

    Zero days after a day is that day if it is worked, else the next that is.
    """
    day, left = start, days
    while left > 0 or not is_working_day(day, departement):
        day += DAY
        left -= is_working_day(day, departement)
    return day


def morning(day: date) -> datetime:
    """Nine o'clock in France, that day or the next that is worked: when a mail may wait."""
    return datetime.combine(working_days_after(day, 0), MORNING, PARIS).astimezone(UTC)


def waiting_since(stored: StoredNeed) -> date | None:
    """The day from which somebody's answer is awaited; None when none is."""
    since = runs_from(stored)
    return day_of(since) if stored.state in WAITING and since is not None else None


def runs_from(stored: StoredNeed) -> datetime | None:
    """The moment from which a wait is counted: when the need came into its state."""
    return stored.moved_at or stored.contacted_at or stored.sent_at


def reminder_reached(stored: StoredNeed, today: date, clocks: Clocks) -> int | None:
    """The last reminder whose day has come, in days of waiting."""
    since = waiting_since(stored)
    waited = (today - since).days if since else 0
    return max((days for days in clocks.reminders if days <= waited), default=None)


def closing_reached(stored: StoredNeed, today: date, clocks: Clocks) -> bool:
    """Whether it has waited so long that it is closed."""
    since = waiting_since(stored)
    return since is not None and (today - since).days >= clocks.closing


def due(stored: StoredNeed, today: date, clocks: Clocks) -> Due | None:
    """What comes next on a need, or is overdue; None when nothing is awaited from anyone."""
    if stored.state not in OPEN or stored.sent_at is None:
        return None
    found: list[Due] = []
    if stored.contacted_at is None:
        what: What = "contact" if stored.seen_at else "first-look"
        days = clocks.contact if stored.seen_at else clocks.first_look
        by = working_days_after(day_of(stored.sent_at), days, stored.departement)
        found.append(Due(what, by, _promise(by, today, stored.departement)))
    if since := waiting_since(stored):
        coming = (since + days * DAY for days in clocks.reminders)
        reminders = [day for day in coming if day > today]
        closing = since + clocks.closing * DAY
        found.append(
            Due("reminder", reminders[0], "ok")
            if reminders
            else Due("closing", closing, _closing(closing, today))
        )
    return min(found, key=lambda d: d.by, default=None)


def _promise(by: date, today: date, departement: str | None) -> How:
    """Soon: it is for today, or for the next working day."""
    if by < today:
        return "late"
    return "soon" if by <= working_days_after(today, 1, departement) else "ok"


def _closing(by: date, today: date) -> How:
    if by < today:
        return "late"
    return "soon" if by - today <= CLOSING_SOON else "ok"
