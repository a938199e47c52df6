"""HSDS 3.1 (Open Referral): services in a list, a page of its API, JSON Lines, or one alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.fields import Reading, Rejection, read_offers
from data.importers.hsds.facts import Facts, facts_of
from data.importers.hsds.schema import faults
from data.importers.json_records import records
from data.losses import Loss
from data.values import shown
from matching.domain import Offer

LISTS = ("contents", "services")
_READ = frozenset(
    "id name status description url additional_urls assured_date application_process"
    " eligibility_description minimum_age maximum_age fees_description organization service_areas"
    " service_at_locations attributes".split()
)


def read(path: Path, reading: Reading) -> Iterator[Offer | Rejection | Loss]:
    """Offers, what is refused, and what no field of an offer holds."""
    losses: list[Loss] = []
    for found in read_offers(_facts(path, reading, losses), reading):
        yield found
        if isinstance(found, Offer):
            yield from losses
        losses.clear()


def _facts(
    path: Path, reading: Reading, losses: list[Loss]
) -> Iterator[tuple[int, Facts] | Rejection]:
    for found in records(path, LISTS):
        if isinstance(found, Rejection):
            yield found
            continue
        service = _said(found.values)
        if refused := list(_refused(service, found.line)):
            yield from refused
            continue
        facts, lost = facts_of(service, reading)
        losses += lost
        yield found.line, facts


def _refused(service: Facts, line: int) -> Iterator[Rejection]:
    """What is wrong in what we read; the rest is lost all the same."""
    for path, value, told in faults(service, formats=False):
        name = path.partition(".")[0].partition("[")[0]
        if not name or name in _READ:
            yield Rejection(line, path, shown(value), told)


def _said(value: Any) -> Any:
    """Without the nulls by which many feeds say that there is nothing."""
    if isinstance(value, dict):
        return {name: _said(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_said(inner) for inner in value if inner is not None]
    return value
