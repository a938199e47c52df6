"""Verdicts, rule by rule, and against an oracle written apart from the rules, in plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.columns import Columns
from matching.domain import ActorProfile, Need, Offer, Place, Verdict
from matching.eligibility import judge
from tests.builders import LILLE, TODAY, need, offer

YES, CHECK, NO = Verdict.ELIGIBLE, Verdict.TO_CHECK, Verdict.INELIGIBLE
VILLAGE = Place("COM-48001", "Village", frozenset({"COM-48001", "FR"}), population=1_999)
TOWN = Place("COM-48002", "Bourg", frozenset({"COM-48002", "FR"}), population=2_000)
RHONE = Place("DEP-69", "Rhône", frozenset({"DEP-69", "REG-84", "FR"}), frozenset({"COM-69123"}))


def verdict(one: Offer, asked: Need, today: date | None = TODAY) -> Verdict:
    return Verdict(int(judge(Columns.of([one]), asked, today).verdicts[0]))


@pytest.mark.parametrize(
    ("facts", "asked", "expected"),
    [
        ({"territories": {"FR"}}, {"place": None}, YES),
        ({"territories": {"REG-32"}}, {"place": LILLE}, YES),
        ({"territories": {"REG-11"}}, {"place": LILLE}, NO),
        ({"territories": {"DEP-11"}}, {"place": Place("REG-11", "", frozenset({"REG-11"}))}, NO),
        ({"territories": {"REG-32"}}, {"place": None}, CHECK),
        ({"territories": {"COM-69123"}}, {"place": RHONE}, CHECK),
        ({"territories": set()}, {}, CHECK),
        ({"audiences": {"tpe"}}, {}, NO),
        ({"audiences": {"tpe"}}, {"kind": None}, CHECK),
        ({"audiences": set()}, {}, CHECK),
        ({"employees_min": 5}, {"employees": 4}, NO),
        ({"employees_min": 4}, {"employees": 4}, YES),
        ({"employees_min": 1}, {"employees": None}, CHECK),
        ({"employees_min": 1}, {"employees": None, "volunteer_only": False}, YES),
        ({"employees_min": 2}, {"employees": None, "volunteer_only": False}, CHECK),
        ({"employees_min": 1}, {"employees": None, "volunteer_only": True}, NO),
        ({"employees_max": 3}, {"employees": 4}, NO),
        ({"employees_max": 0}, {"employees": None, "volunteer_only": True}, YES),
        ({"employees_max": 0}, {"employees": None, "volunteer_only": False}, NO),
        ({"volunteer_only_ok": False}, {"employees": 0}, NO),
        ({"volunteer_only_ok": False}, {"employees": None}, CHECK),
        ({"volunteer_only_ok": False}, {"employees": 1}, YES),
        ({"volunteer_only_ok": True}, {"employees": None}, YES),
        ({"naf_sections": {"R"}}, {}, CHECK),
        ({"naf_sections": {"R"}}, {"naf_section": "Q"}, NO),
        ({"naf_sections": {"R"}}, {"naf_section": "R"}, YES),
        ({"age_months_min": 12}, {"founded_on": TODAY - timedelta(days=300)}, NO),
        ({"age_months_min": 12}, {"founded_on": date(2025, 11, 23)}, YES),
        ({"age_months_min": 12}, {"founded_on": date(2025, 11, 24)}, NO),
        ({"age_months_max": 12}, {}, CHECK),
        ({"population_max": 1_999}, {"place": VILLAGE}, YES),
        ({"population_max": 1_999}, {"place": TOWN}, NO),
        ({"population_max": 1_999}, {"place": RHONE}, CHECK),
        ({"population_max": 1_999}, {"place": None}, CHECK),
        ({"conditions": ("être en quartier prioritaire",)}, {}, CHECK),
        ({"status": "unknown"}, {}, CHECK),
        ({"status": "closed"}, {}, NO),
        ({"status": "crisis-2020"}, {}, NO),
        ({"valid_to": TODAY}, {}, YES),
        ({"valid_to": TODAY - timedelta(days=1)}, {}, NO),
        ({"valid_from": TODAY + timedelta(days=1)}, {}, NO),
        ({"need_types": ("formation",)}, {"need_types": frozenset({"tresorerie"})}, NO),
        ({"need_types": ()}, {"need_types": frozenset({"tresorerie"})}, CHECK),
        ({"need_types": ("formation",)}, {}, YES),
    ],
)
def test_each_rule_gives_its_verdict(facts, asked, expected):
    assert verdict(offer(**facts), need(**asked)) == expected


def test_the_worst_rule_decides_and_is_named():
    judged = judge(Columns.of([offer(employees_min=9, status="unknown")]), need(), TODAY)
    assert judged.verdicts.tolist() == [NO]
    assert [r.rule for r in judged.rulings(0, NO)] == ["employees_min"]
    assert [(r.rule, r.fact) for r in judged.rulings(0, CHECK)] == [("status", "status")]


def test_a_near_miss_breaks_one_rule_alone_and_not_that_of_territory():
    offers = [
        offer("a", employees_min=9),
        offer("b", employees_min=9, status="closed"),
        offer("c", territories={"REG-94"}),
    ]
    assert judge(Columns.of(offers), need(), TODAY).near_misses.tolist() == [0]


def test_rules_may_be_left_out():
    judged = judge(Columns.of([offer(status="closed")]), need(), TODAY, ignoring={"status"})
    assert judged.verdicts.tolist() == [YES]


CODES = ["FR", "REG-11", "REG-32", "DEP-11", "DEP-59", "COM-59350", "EPCI-200093201"]
PROFILES = ["association", "tpe", "collectivite"]
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
SMALL = st.none() | st.integers(0, 4)

OFFERS = st.builds(
    offer,
    territories=st.frozensets(st.sampled_from(CODES), max_size=3),
    audiences=st.frozensets(st.sampled_from(PROFILES), max_size=2),
    employees_min=SMALL,
    employees_max=SMALL,
    volunteer_only_ok=st.none() | st.booleans(),
    naf_sections=st.frozensets(st.sampled_from("QR"), max_size=2),
    age_months_min=st.none() | st.integers(0, 36),
    age_months_max=st.none() | st.integers(0, 36),
    population_max=SMALL,
    conditions=st.sampled_from([(), ("avoir un agrément",)]),
    status=st.sampled_from(["open", "unknown", "closed", "crisis-2020"]),
    valid_from=st.none() | DAYS,
    valid_to=st.none() | DAYS,
    need_types=st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True).map(tuple),
)
PLACES = st.none() | st.builds(
    Place,
    st.just("X"),
    st.just("X"),
    st.frozensets(st.sampled_from(CODES), min_size=1),
    st.frozensets(st.sampled_from(CODES)),
    st.none(),
    SMALL,
).map(lambda p: replace(p, overlapping=p.overlapping - p.within))
ACTORS = st.builds(
    ActorProfile,
    st.none() | st.sampled_from(PROFILES),
    SMALL,
    st.none() | st.booleans(),
    st.none() | st.sampled_from("QR"),
    st.none() | st.dates(date(2023, 1, 1), date(2026, 11, 23)),
)
NEEDS = st.builds(
    Need, st.just("x"), ACTORS, PLACES, st.frozensets(st.sampled_from("ab"), max_size=1)
)


def months_between(born: date, today: date) -> int:
    months = 0
    while True:
        year, month = divmod(born.month + months, 12)
        year, month = born.year + year, month + 1
        if (year, month, born.day) > (today.year, today.month, today.day):
            return months
        months += 1


def possible_headcounts(actor: ActorProfile) -> set[int]:
    """Every headcount up to 6 that agrees with what is known (6 stands for any larger one)."""
    if actor.employees is not None:
        return {actor.employees}
    if actor.volunteer_only is None:
        return set(range(7))
    return {0} if actor.volunteer_only else set(range(1, 7))


def share(outcomes: list[bool]) -> Verdict:
    """Certain, impossible, or to check, from what happens in every possible world."""
    return YES if all(outcomes) else CHECK if any(outcomes) else NO


def oracle(one: Offer, asked: Need, today: date | None) -> Verdict:
    """The verdict by enumerating what the missing facts could be; knows no column, no mask."""
    actor, place = asked.actor, asked.place
    found = []
    if place is None:
        found.append(YES if "FR" in one.territories else CHECK)
    elif one.territories & place.within:
        found.append(YES)
    else:
        touched = not one.territories or one.territories & place.overlapping
        found.append(CHECK if touched else NO)
    if actor.kind is None or not one.audiences:
        found.append(CHECK)
    else:
        found.append(YES if actor.kind in one.audiences else NO)
    heads = possible_headcounts(actor)
    if one.employees_min is not None:
        found.append(share([h >= one.employees_min for h in heads]))
    if one.employees_max is not None:
        found.append(share([h <= one.employees_max for h in heads]))
    if one.volunteer_only_ok is False:
        found.append(share([h > 0 for h in heads]))
    if one.naf_sections:
        known = [actor.naf_section] if actor.naf_section else ["Q", "R", "other"]
        found.append((YES if known[0] in one.naf_sections else NO) if actor.naf_section else CHECK)
    ages = (
        [months_between(actor.founded_on, today)]
        if actor.founded_on and today
        else list(range(5_000))
    )
    if one.age_months_min is not None:
        found.append(share([a >= one.age_months_min for a in ages]))
    if one.age_months_max is not None:
        found.append(share([a <= one.age_months_max for a in ages]))
    if one.population_max is not None:
        told = None if place is None else place.population
        inhabitants = range(7) if told is None else [told]
        found.append(share([n <= one.population_max for n in inhabitants]))
    if one.conditions:
        found.append(CHECK)
    found.append({"open": YES, "unknown": CHECK}.get(one.status, NO))
    if today is not None:
        found.append(NO if one.valid_from and today < one.valid_from else YES)
        found.append(NO if one.valid_to and today > one.valid_to else YES)
    if asked.need_types:
        met = asked.need_types & set(one.need_types)
        found.append(YES if met else CHECK if not one.need_types else NO)
    return min(found)


@settings(max_examples=1_000, deadline=None)
@given(
    st.lists(OFFERS, min_size=10, max_size=10),
    st.lists(NEEDS, min_size=10, max_size=10),
    st.none() | st.just(TODAY),
)
def test_a_hundred_thousand_pairs_agree_with_the_oracle(offers, needs, today):
    """1,000 examples of 10 offers x 10 needs."""
    columns = Columns.of(offers)
    for asked in needs:
        expected = [oracle(one, asked, today) for one in offers]
        assert judge(columns, asked, today).verdicts.tolist() == expected
