"""Who may do what, and which needs each sees."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from data.store_needs import StoredNeed
from matching.domain import ActorProfile, Correction
from service.triage.roles import PERMISSIONS, POWERS, ROLES, may, sees
from tests.desk import user

MENDE = StoredNeed(
    "n",
    "k",
    datetime(2026, 11, 24),
    date(2026, 11, 24),
    "on n’arrive plus à payer",
    "COM-48095",
    ActorProfile("association", 4),
    frozenset(),
    {"tresorerie": 0.9},
    departement="DEP-48",
    region="REG-76",
    state="new",
)


def test_every_role_has_its_sentence_and_every_permission_its_roles():
    assert set(POWERS) == set(ROLES)
    assert all(roles and roles <= set(ROLES) for roles in PERMISSIONS.values())


@pytest.mark.parametrize(
    ("role", "permission", "allowed"),
    [
        ("catalyst", "triage", True),
        ("catalyst", "manage-gaps", False),
        ("catalyst", "manage-accounts", False),
        ("network-lead", "edit-catalogue", True),
        ("network-lead", "manage-accounts", False),
        ("administrator", "manage-accounts", True),
        ("retired-role", "see-needs", False),
    ],
)
def test_a_role_allows_what_its_table_says(role, permission, allowed):
    assert may(user("x", role), permission) is allowed
    assert not may(replace(user("x", role), active=False), permission)


def test_a_permission_that_does_not_exist_is_an_error_not_a_no():
    with pytest.raises(KeyError):
        may(user(), "fly")


@pytest.mark.parametrize(
    ("territories", "seen"),
    [
        (("DEP-48",), True),
        (("REG-76",), True),
        (("FR",), True),
        (("DEP-59", "DEP-48"), True),
        (("DEP-59",), False),
        (("REG-32",), False),
        ((), False),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_a_need_is_seen_from_its_territories_whatever_the_role(role, territories, seen):
    assert sees(user("x", role, *territories), MENDE) is seen


def test_a_need_without_a_place_is_seen_by_those_of_the_whole_country():
    nowhere = replace(MENDE, place_code=None, departement=None, region=None)
    assert sees(user("x", "catalyst", "FR"), nowhere)
    assert not sees(user("x", "catalyst", "DEP-48", "REG-76"), nowhere)


def test_a_draft_is_seen_by_nobody():
    assert not sees(user("x", "administrator", "FR"), replace(MENDE, state="draft"))


def test_who_follows_some_types_sees_those_as_corrected_and_what_nobody_understood():
    follows = user("x", "catalyst", "DEP-48", need_types=("gouvernance", "benevolat"))
    assert not sees(follows, MENDE)
    assert sees(follows, replace(MENDE, need_types=frozenset({"benevolat"})))
    corrected = replace(MENDE, correction=Correction(frozenset({"gouvernance"}), False))
    assert sees(follows, corrected)
    assert sees(follows, replace(MENDE, understood={}))
