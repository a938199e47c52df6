"""Every Monday, what everyone is told of the gaps is counted, and kept for the week."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine

from data.divisions import Divisions, divisions
from data.engine import read, write
from data.frames import load_frame
from data.store_gap_counts import (
    GapCounts,
    load_gap_counts,
    mark_compared,
    not_compared,
    said_there,
    save_gap_counts,
)
from data.store_gaps import Asked, load_told
from data.territories import Gazetteer
from matching.domain import FRANCE, PROFILES
from service.days import PARIS, day_of
from service.triage.gaps import UNSAID
from service.triage.masking import Group, Tell, drawn, tell, together, told_apart
from service.triage.twins import repeats

BATCH, NEAR = 50, 200
"""Needs compared in one transaction; with how many of their place, the last ones."""


def rest_of(code: str) -> str:
    """The name of what is too small to tell in a région, or in France, counted together."""
    return f"{code}*"


def count_week(engine: Engine, now: datetime) -> bool:
    """Count the needs received before the last Monday, unless it is done.

    To be called before the words of drafts are erased: needs are compared by their words.
    """
    _compare(engine)
    today = day_of(now)
    monday = today - timedelta(days=today.weekday())
    with read(engine) as connection:
        last = load_gap_counts(connection)
    if last is not None and last.monday >= monday:
        return False
    with write(engine) as connection:
        last = load_gap_counts(connection)
        if last is not None and last.monday >= monday:  # counted by another process meanwhile
            return False
        asked = load_told(connection, datetime.combine(monday, time(), PARIS))
        save_gap_counts(connection, counts_of(asked, monday, last), at=now)
    return True


def counts_of(asked: Iterable[Asked], monday: date, last: GapCounts | None) -> GapCounts:
    """What is told of these needs, when `last` was told the week before."""
    if last is None:
        last = GapCounts(monday, secrets.token_hex(16), {}, {})
    land = divisions(Gazetteer.load())
    found: dict[str, Counter[str]] = {t.code: Counter() for t in load_frame().need_types()}
    profiles: Counter[str] = Counter()
    for one in asked:
        profiles[one.profile or UNSAID] += 1
        for need_type in one.need_types & found.keys():
            found[need_type][land.finest(one.departement, one.region)] += 1
    places = {
        need_type: _told_of_places(
            land, counts, _teller(last.salt, need_type, last.places.get(need_type, {}))
        )
        for need_type, counts in found.items()
    }
    who = _teller(last.salt, "", last.profiles)
    told, _ = told_apart((Group(p, profiles[p]) for p in (*PROFILES, UNSAID)), who)
    return GapCounts(monday, last.salt, places, told)


def _told_of_places(land: Divisions, counts: Mapping[str, int], told: Tell) -> dict[str, int]:
    """Of each département; of the rest of each région; of the rest of France.

    What is known of a need's place may be its région alone, or France: that is a group too.
    """
    found: dict[str, int] = {}
    small = [Group(code, counts[code]) for code in (*land.collectivities, FRANCE)]
    for region, inside in land.departements.items():
        # A région of one département is that département.
        codes = (*inside, region) if len(inside) > 1 else inside
        shown, left = told_apart((Group(code, counts[code]) for code in codes), told)
        found |= shown
        small += left if len(inside) == 1 else together(rest_of(region), left)
    shown, left = told_apart(small, told)
    rest, _ = told_apart(together(rest_of(FRANCE), left), told)
    return found | shown | rest


def _teller(salt: str, about: str, last: Mapping[str, int]) -> Tell:
    """Tells groups of one theme by what was told of them the week before."""

    def told(group: Group) -> int:
        return tell(group, last.get(group.name, 0), drawn(salt, f"{about} {group.name}"))

    return told


def _compare(engine: Engine) -> None:
    """Look, once for each need that would count, whether it says again what another said."""
    while True:
        with write(engine) as connection:
            found = not_compared(connection, BATCH)
            for need in found:
                near = said_there(connection, need.place_code, NEAR)
                mark_compared(connection, need.id, repeated=repeats(need.text, near))
        if len(found) < BATCH:
            return
