"""The rules of `matching.eligibility`, as what an engine stores of an offer and asks of it.

A fact that an offer does not state is stored as a value that no need excludes: the admissible set
is then a plain conjunction, each term of which has an index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from matching.domain import Need, Offer
from matching.eligibility import CLOSED_STATUSES, NO_LIMIT, age_range, employees_range

UNSTATED = "?"
"""The code of what an offer does not state."""

Stored = str | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class Condition:
    """What one stored field must be: one of `among`, none of `outside`, or within the bounds."""

    key: str
    among: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None


Asked = Callable[[Need, date | None], Condition | None]


def _codes(codes: Iterable[str]) -> list[str]:
    return sorted(codes) or [UNSTATED]


def _least(bound: int | None) -> int:
    return 0 if bound is None else bound


def _most(bound: int | None) -> int:
    return NO_LIMIT if bound is None else bound


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


FIELDS: Mapping[str, Callable[[Offer], Stored]] = {
    "territories": lambda o: _codes(o.territories),
    "audiences": lambda o: _codes(o.audiences),
    "naf_sections": lambda o: _codes(o.naf_sections),
    "need_types": lambda o: _codes(o.need_types),
    "status": lambda o: o.status,
    "employees_min": lambda o: _least(o.employees_min),
    "employees_max": lambda o: _most(o.employees_max),
    "employers_only": lambda o: int(o.volunteer_only_ok is False),
    "age_months_min": lambda o: _least(o.age_months_min),
    "age_months_max": lambda o: _most(o.age_months_max),
    "population_max": lambda o: _most(o.population_max),
    "valid_from": lambda o: _least(_ordinal(o.valid_from)),
    "valid_to": lambda o: _most(_ordinal(o.valid_to)),
    "expressed": lambda o: int(bool(o.expressions)),
}
"""Every stored field, each of which has an index of its own; dates are proleptic ordinals."""


def bears(key: str, codes: Iterable[str]) -> Condition:
    """Offers that bear one of the codes, or state none."""
    return Condition(key, among=(*sorted(codes), UNSTATED))


def _territory(need: Need, _: date | None) -> Condition | None:
    place = need.place
    return None if place is None else bears("territories", place.within | place.overlapping)


def _profile(need: Need, _: date | None) -> Condition | None:
    kind = need.actor.kind
    return None if kind is None else bears("audiences", (kind,))


def _sector(need: Need, _: date | None) -> Condition | None:
    section = need.actor.naf_section
    return None if section is None else bears("naf_sections", (section,))


def _employers_only(need: Need, _: date | None) -> Condition | None:
    return Condition("employers_only", at_most=0) if need.actor.is_volunteer_only else None


def _population(need: Need, _: date | None) -> Condition | None:
    known = None if need.place is None else need.place.population
    return None if known is None else Condition("population_max", at_least=known)


def _from(_: Need, today: date | None) -> Condition | None:
    return None if today is None else Condition("valid_from", at_most=today.toordinal())


def _to(_: Need, today: date | None) -> Condition | None:
    return None if today is None else Condition("valid_to", at_least=today.toordinal())


def _need_type(need: Need, _: date | None) -> Condition | None:
    return bears("need_types", need.need_types) if need.need_types else None


ASKED: Mapping[str, Asked] = {
    "territory": _territory,
    "profile": _profile,
    "employees_min": lambda n, _: Condition("employees_min", at_most=employees_range(n)[1]),
    "employees_max": lambda n, _: Condition("employees_max", at_least=employees_range(n)[0]),
    "employers_only": _employers_only,
    "sector": _sector,
    "age_min": lambda n, today: Condition("age_months_min", at_most=age_range(n, today)[1]),
    "age_max": lambda n, today: Condition("age_months_max", at_least=age_range(n, today)[0]),
    "population_max": _population,
    "conditions": lambda _, __: None,  # A condition is never worse than `to_check`.
    "status": lambda _, __: Condition("status", outside=CLOSED_STATUSES),
    "not_yet": _from,
    "over": _to,
    "need_type": _need_type,
}
"""Rule of `RULES` -> what it asks of the stored fields; None when it excludes nothing."""


def stored(offer: Offer) -> dict[str, Stored]:
    """What the engine keeps of an offer: its facts and its id, no text."""
    return {"id": offer.id} | {key: read(offer) for key, read in FIELDS.items()}


def admissible(need: Need, today: date | None) -> tuple[Condition, ...]:
    """All that an admissible offer must be: `eligible` or `to_check`, as `judge` says."""
    asked = (ask(need, today) for ask in ASKED.values())
    return tuple(condition for condition in asked if condition is not None)
