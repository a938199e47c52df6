"""Hard rules: a table. Each judges every offer at once and says which fact would settle a doubt.

A new rule is one function and one row of `RULES`. A rule that has nothing to say of a need
returns None. A fact missing on either side never excludes: it is `to_check`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.columns import Bools, CodeColumn, Columns, NumberColumn
from matching.domain import FRANCE, Need, Ruling, Verdict

Verdicts = NDArray[np.int8]

NO, CHECK, YES = (np.int8(v) for v in Verdict)
CLOSED_STATUSES = ("closed", "crisis-2020")
NO_LIMIT = 2**31 - 1


def _territory(offers: Columns, need: Need, _: date | None) -> Verdicts:
    column, place = offers.territories, need.place
    if place is None:
        return np.where(column.bearing((FRANCE,)), YES, CHECK)
    touching = place.overlapping & column.rows.keys()
    return _graded(column.bearing(place.within), column.bearing(touching) | column.unstated)


def _graded(sure: Bools, possible: Bools) -> Verdicts:
    return np.asarray(np.maximum(sure.view(np.int8) * YES, possible.view(np.int8)), np.int8)


def _where_stated(offers: Columns, column: NumberColumn, stated: Verdicts) -> Verdicts:
    """`stated` in the rows that state a number, yes elsewhere: no bound is no restriction."""
    verdicts = np.full(len(offers), YES, np.int8)
    verdicts[column.rows] = stated
    return verdicts


def _membership(column: CodeColumn, code: str | None) -> Verdicts:
    """An unstated column is a fact we miss about the offer; a None code, one about the actor."""
    if code is None:
        return np.full(len(column.unstated), CHECK, np.int8)
    return _graded(column.bearing((code,)), column.unstated)


def _profile(offers: Columns, need: Need, _: date | None) -> Verdicts:
    return _membership(offers.audiences, need.actor.kind)


def _sector(offers: Columns, need: Need, _: date | None) -> Verdicts:
    column = offers.naf_sections
    free = column.unstated.view(np.int8) * YES
    return np.asarray(np.maximum(free, _membership(column, need.actor.naf_section)), np.int8)


def employees_range(need: Need) -> tuple[int, int]:
    """The least and greatest headcount compatible with what is known."""
    known = need.actor.headcount
    if known is not None:
        return known, known
    return (0 if need.actor.volunteer_only is None else 1), NO_LIMIT


def _at_least(offers: Columns, low: int, high: int, bound: NumberColumn) -> Verdicts:
    return _where_stated(offers, bound, _graded(low >= bound.values, high >= bound.values))


def _at_most(offers: Columns, low: int, high: int, bound: NumberColumn) -> Verdicts:
    return _where_stated(offers, bound, _graded(high <= bound.values, low <= bound.values))


def _employees_min(offers: Columns, need: Need, _: date | None) -> Verdicts:
    return _at_least(offers, *employees_range(need), offers.employees_min)


def _employees_max(offers: Columns, need: Need, _: date | None) -> Verdicts:
    return _at_most(offers, *employees_range(need), offers.employees_max)


def _employers_only(offers: Columns, need: Need, _: date | None) -> Verdicts:
    answer = {None: CHECK, True: NO, False: YES}[need.actor.is_volunteer_only]
    column = offers.volunteer_only_ok
    return _where_stated(offers, column, np.where(column.values == 0, answer, YES))


def age_range(need: Need, today: date | None) -> tuple[int, int]:
    """Whole months since the organisation was founded: equal when known, else any."""
    born = need.actor.founded_on
    if born is None or today is None:
        return 0, NO_LIMIT
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return max(months, 0), max(months, 0)


def _age_min(offers: Columns, need: Need, today: date | None) -> Verdicts:
    return _at_least(offers, *age_range(need, today), offers.age_months_min)


def _age_max(offers: Columns, need: Need, today: date | None) -> Verdicts:
    return _at_most(offers, *age_range(need, today), offers.age_months_max)


def _population_max(offers: Columns, need: Need, _: date | None) -> Verdicts:
    known = None if need.place is None else need.place.population
    low, high = (0, NO_LIMIT) if known is None else (known, known)
    return _at_most(offers, low, high, offers.population_max)


def _conditions(offers: Columns, _: Need, __: date | None) -> Verdicts:
    column = offers.conditions
    return _where_stated(offers, column, np.full(len(column.rows), CHECK, np.int8))


def _status(offers: Columns, _: Need, __: date | None) -> Verdicts:
    sure = offers.statuses.bearing(("open",))
    return _graded(sure, ~offers.statuses.bearing(CLOSED_STATUSES))


def _not_yet(offers: Columns, _: Need, today: date | None) -> Verdicts | None:
    if today is None:
        return None
    column = offers.valid_from
    late = np.where(column.values > today.toordinal(), NO, YES)
    return _where_stated(offers, column, late)


def _over(offers: Columns, _: Need, today: date | None) -> Verdicts | None:
    if today is None:
        return None
    column = offers.valid_to
    ended = np.where(column.values < today.toordinal(), NO, YES)
    return _where_stated(offers, column, ended)


def _need_type(offers: Columns, need: Need, _: date | None) -> Verdicts | None:
    if not need.need_types:
        return None
    column = offers.need_types
    return _graded(column.bearing(need.need_types), column.unstated)


@dataclass(frozen=True)
class Rule:
    """`fact`: what settles a doubt. `near`: broken alone, is it worth telling the person?"""

    code: str
    fact: str
    judge: Callable[[Columns, Need, date | None], Verdicts | None]
    near: bool = True

    @cached_property
    def rulings(self) -> Mapping[int, Ruling]:
        """All that the rule can say, by verdict."""
        return {int(v): Ruling(self.code, v, self.fact) for v in Verdict}


RULES: tuple[Rule, ...] = (
    Rule("territory", "commune", _territory, near=False),
    Rule("profile", "profile", _profile, near=False),
    Rule("employees_min", "employees", _employees_min),
    Rule("employees_max", "employees", _employees_max),
    Rule("employers_only", "employees", _employers_only),
    Rule("sector", "naf_section", _sector),
    Rule("age_min", "founded_on", _age_min),
    Rule("age_max", "founded_on", _age_max),
    Rule("population_max", "commune", _population_max),
    Rule("conditions", "conditions", _conditions),
    Rule("status", "status", _status),
    Rule("not_yet", "valid_from", _not_yet),
    Rule("over", "valid_to", _over),
    Rule("need_type", "need_types", _need_type, near=False),
)
DATE_RULES = frozenset({"status", "not_yet", "over"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """Verdicts of every rule over every offer: `table` has shape (rules, offers)."""

    rules: tuple[Rule, ...]
    table: Verdicts
    verdicts: Verdicts

    @property
    def admissible(self) -> Bools:
        """The offers that no rule excludes, shape (offers,)."""
        return np.asarray(self.verdicts != NO)

    def rulings(self, row: int, verdict: Verdict | None = None) -> tuple[Ruling, ...]:
        """What each rule says of the offer of this row; only those that say `verdict`, if given."""
        said = zip(self.rules, self.table[:, row].tolist(), strict=True)
        return tuple(r.rulings[v] for r, v in said if verdict in {None, v})

    def of(self, code: str) -> Verdicts:
        """What one rule says of every offer; `YES` where it was not applied."""
        codes = [rule.code for rule in self.rules]
        if code not in codes:
            return np.full(len(self.verdicts), YES, np.int8)
        return np.asarray(self.table[codes.index(code)], np.int8)

    def leaving_out(self, code: str, rows: NDArray[np.intp]) -> Verdicts:
        """The verdicts of these rows by all rules but one."""
        kept = [i for i, rule in enumerate(self.rules) if rule.code != code]
        return np.asarray(self.table[:, rows][kept].min(axis=0, initial=YES), np.int8)

    @property
    def near_misses(self) -> NDArray[np.intp]:
        """Rows that one rule alone excludes, where that rule is worth telling."""
        broken = self.table == NO
        near = np.array([r.near for r in self.rules], np.bool_)
        # Counted in bytes, eight times narrower than the integers of `sum`.
        alone = broken.view(np.int8).sum(axis=0, dtype=np.int8) == 1
        return np.flatnonzero(alone & broken[near].any(axis=0))


def judge(
    offers: Columns, need: Need, today: date | None, *, ignoring: Collection[str] = ()
) -> Judgement:
    """Apply every rule but those `ignoring` names; the worst verdict of an offer decides."""
    applied: list[tuple[Rule, Verdicts]] = []
    for rule in RULES:
        verdicts = None if rule.code in ignoring else rule.judge(offers, need, today)
        if verdicts is not None:
            applied.append((rule, verdicts))
    table = _stack([v for _, v in applied], len(offers))
    return Judgement(tuple(r for r, _ in applied), table, table.min(axis=0, initial=YES))


def _stack(verdicts: Sequence[Verdicts], width: int) -> Verdicts:
    return np.vstack(verdicts) if verdicts else np.full((0, width), YES, np.int8)
