"""Needs that may be one need asked twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.store_desk import Neighbour
from data.store_needs import StoredNeed
from matching.domain import ActorProfile
from service.triage.twins import twins_of
from tests.builders import TODAY

TEXT = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."
NEED = StoredNeed(
    "one",
    "k1",
    datetime(2026, 11, 23, tzinfo=UTC),
    TODAY,
    TEXT,
    "COM-59350",
    ActorProfile(),
    frozenset(),
)


@pytest.mark.parametrize(
    ("text", "place", "twin"),
    [
        (TEXT, "COM-59350", True),
        (
            "la subvention de la ville pas versee, on arrive plus a payer les salaires !",
            "COM-59350",
            True,
        ),
        (TEXT, "COM-48095", False),
        ("Plus personne ne veut reprendre le bureau du club.", "COM-59350", False),
        ("", "COM-59350", False),
    ],
)
def test_a_twin_has_the_same_place_and_close_words(text, place, twin):
    other = Neighbour("two", "k2", "AIG-2", place, text)
    assert [t.need.id for t in twins_of(NEED, [other])] == (["two"] if twin else [])


def test_a_need_is_not_its_own_twin_and_without_a_place_it_has_none():
    itself = Neighbour("one", "k1", "AIG-1", "COM-59350", TEXT)
    assert twins_of(NEED, [itself]) == []
    nowhere = Neighbour("two", "k2", "AIG-2", None, TEXT)
    assert twins_of(replace(NEED, place_code=None), [nowhere]) == []


def test_the_closest_comes_first():
    exact = Neighbour("z", "k2", "AIG-1", "COM-59350", TEXT)
    close = Neighbour("a", "k3", "AIG-2", "COM-59350", TEXT + " Le comptable est parti.")
    assert [t.need.id for t in twins_of(NEED, [close, exact])] == ["z", "a"]
