"""Needs that may be one need asked twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.store_desk import Neighbour
from data.store_needs import StoredNeed
from matching.domain import ActorProfile
from service.triage.twins import Nearby
from tests.builders import TODAY

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
TEXT = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."
NEED = StoredNeed(
    "one",
    "k1",
    MONDAY,
    TODAY,
    TEXT,
    "COM-59350",
    ActorProfile(),
    frozenset(),
    sent_at=MONDAY,
)


def sent(need_id, reference, place, text, at=MONDAY):
    return Neighbour(need_id, f"k-{need_id}", reference, place, at, text)


@pytest.mark.parametrize(
    ("text", "place", "twin"),
    [
        (TEXT, "COM-59350", True),
        (
            "la subvention de la ville pas versee, on arrive plus a payer les salaires !",
            "COM-59350",
            True,
        ),
        (
            "SUBVENTION PAS VERSÉE PAR LA VILLE ET SALAIRES QUE NOUS N’ARRIVONS PLUS À PAYER",
            "COM-59350",
            True,
        ),
        (TEXT, "COM-48095", False),
        ("Plus personne ne veut reprendre le bureau du club.", "COM-59350", False),
        ("", "COM-59350", False),
    ],
)
def test_a_twin_has_the_same_place_and_close_words(text, place, twin):
    other = sent("two", "AIG-2", place, text)
    assert [t.need.id for t in Nearby([other]).twins_of(NEED)] == (["two"] if twin else [])


def test_a_need_is_not_its_own_twin_and_without_a_place_it_has_none():
    itself = sent("one", "AIG-1", "COM-59350", TEXT)
    assert Nearby([itself]).twins_of(NEED) == []
    nowhere = sent("two", "AIG-2", None, TEXT)
    assert Nearby([nowhere]).twins_of(replace(NEED, place_code=None)) == []


def test_the_closest_comes_first():
    exact = sent("z", "AIG-1", "COM-59350", TEXT)
    close = sent("a", "AIG-2", "COM-59350", TEXT + " Le comptable est parti.")
    assert [t.need.id for t in Nearby([close, exact]).twins_of(NEED)] == ["z", "a"]


@pytest.mark.parametrize(("days", "twin"), [(45, True), (-45, True), (46, False), (-46, False)])
def test_who_asks_again_after_weeks_asks_anew(days, twin):
    other = sent("two", "AIG-2", "COM-59350", TEXT, MONDAY + timedelta(days))
    assert bool(Nearby([other]).twins_of(NEED)) is twin
