"""Each working day, one mail tells those who triage what awaits a first look in their scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from data.engine import read, write
from data.lanes import TO_LOOK_AT
from data.outbox import queue
from data.store_desk import Wanted
from data.store_inbox import in_lane
from data.store_users import User, load_users
from service.days import day_of
from service.triage.clocks import Clocks, Due, due, is_working_day, morning
from service.triage.notices import DAILY, notices_of
from service.triage.roles import may
from service.usecases.desk_need import scope_of

FIRST_LOOKS = "first-looks"


def queue_notices(engine: Engine, now: datetime) -> Mapping[str, int]:
    """Queue the mail of the day, for its morning, to each who wants one; how many were queued.

    What it says is looked up when it leaves: when nothing waits then, nothing is sent.
    """
    today = day_of(now)
    if not is_working_day(today):
        return {"notices": 0}
    with read(engine) as connection:
        readers = [user for user in load_users(connection) if is_told(user)]
    with write(engine) as connection:
        new = sum(_queue(connection, user, today, now) for user in readers)
    return {"notices": new}


def is_told(user: User) -> bool:
    """Does a user want to be told, and do they see any need?"""
    sees_some = may(user, "see-needs") and bool(user.territories)
    return sees_some and notices_of(user) == DAILY


def first_looks(
    connection: Connection, user: User, today: date, clocks: Clocks
) -> list[tuple[str, Due]]:
    """The needs that the user sees and nobody has looked at: the id of each, and by when it is
    due. What is late comes first.
    """
    found = [
        (clock, need.sent_at or need.created_at, need.id)
        for need in in_lane(connection, TO_LOOK_AT, scope_of(user), Wanted())
        if (clock := due(need, today, clocks)) and clock.what == "first-look"
    ]
    found.sort(key=lambda one: (one[0].by, *one[1:]))
    return [(need_id, clock) for clock, _, need_id in found]


def _queue(connection: Connection, user: User, today: date, now: datetime) -> bool:
    key = f"{FIRST_LOOKS}:{user.id}:{today}"
    leaves = max(now, morning(today))
    return queue(connection, FIRST_LOOKS, at=now, due_at=leaves, key=key, user_id=user.id)
