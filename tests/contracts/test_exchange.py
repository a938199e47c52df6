"""What a format holds comes back exactly, and every other field is told, as often as it is lost."""

from __future__ import annotations

from collections import Counter
from uuid import uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.exporters import EXPORTERS, exporter
from data.exporters.dispositif_aide import OFFERS
from data.fields import Rejection
from data.importers import importer
from data.inventory import shipped_offers
from data.records import OFFER_FIELDS
from matching.domain import Offer
from tests.builders import offer
from tests.strategies import READING, offers

LEFT_OUT = "exportée"
"""A message says so of an offer that a format must not carry."""


def there_and_back(name, given_offers, folder):
    """What was written and read again, by the id it had, and how often each field was lost."""
    path = folder / f"offres.{name}"
    lost = exporter(name)(given_offers, path)
    found = list(importer(name)(path, READING))
    assert not [f for f in found if isinstance(f, Rejection)]
    # The national schema wants UUIDs: it gives one to every other identifier.
    before = {str(uuid5(OFFERS, o.id)): o.id for o in given_offers}
    again = {before.get(f.id, f.id): f for f in found if isinstance(f, Offer)}
    told = Counter()
    for one in lost:
        told[one.field if LEFT_OUT not in one.message else LEFT_OUT] += one.count
    return again, told


def assert_told(name, given_offers, folder):
    again, told = there_and_back(name, given_offers, folder)
    # One that is left out is told once a reason.
    left_out = len(given_offers) - len(again)
    assert (left_out > 0) == (told.pop(LEFT_OUT, 0) >= max(left_out, 1))
    differing = Counter(
        field
        for before in given_offers
        if before.id in again
        for field in OFFER_FIELDS
        if getattr(before, field) != getattr(again[before.id], field)
    )
    assert differing == told


@pytest.mark.parametrize("name", EXPORTERS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(some=st.lists(offers(), max_size=3, unique_by=lambda o: o.id))
def test_a_field_comes_back_the_same_or_is_told(name, some, tmp_path_factory):
    assert_told(name, some, tmp_path_factory.mktemp("exchange"))


@pytest.fixture(scope="module")
def inventory():
    return [found for found in shipped_offers(READING) if isinstance(found, Offer)]


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_whole_inventory_comes_back_or_is_told(name, inventory, tmp_path):
    assert_told(name, inventory, tmp_path)


@pytest.mark.parametrize("name", ["jsonl", "csv", "xlsx", "hsds"])
def test_our_formats_and_hsds_hold_every_field(name, inventory, tmp_path):
    again, told = there_and_back(name, inventory, tmp_path)
    assert not told
    assert list(again.values()) == inventory


@pytest.mark.parametrize("name", ["data-inclusion", "dispositif-aide-csv", "dispositif-aide-json"])
def test_an_offer_that_is_over_is_not_given_out_as_open(name, tmp_path):
    over = [offer("closed", status="closed"), offer("old", status="crisis-2020"), offer("on")]
    again, told = there_and_back(name, over, tmp_path)
    assert list(again) == ["on"]
    assert told[LEFT_OUT] == 2
