"""Supply is what the hard rules admit, counted."""

from __future__ import annotations

from datetime import date

from matching.columns import Columns
from matching.domain import ActorProfile, Need, Verdict
from matching.eligibility import judge
from matching.supply import ANY, Offered, Supply, matching_rows
from tests.builders import LILLE, MENDE, TODAY, gazetteer, offer

PLACES = {p.code: p for p in (MENDE, LILLE)}
TYPES = ("tresorerie", "juridique")


def supply(*offers, places=PLACES):
    return Supply.of(Columns.of(offers), places, TYPES, TODAY)


def test_an_offer_is_local_partial_or_national_to_a_place():
    lozere = gazetteer().place(["DEP-48"])
    found = supply(
        offer("a", need_types=("juridique",), territories=frozenset({"REG-76"})),
        offer("b", need_types=("juridique",), territories=frozenset({"COM-48095"})),
        offer("c", need_types=("juridique",)),
        offer("d", need_types=("juridique",), territories=frozenset({"DEP-59"})),
        places={"DEP-48": lozere, "FR": gazetteer().place(["FR"])},
    )
    assert found.at("DEP-48", "juridique", "association") == Offered(1, 1, 1)
    assert found.at("FR", "juridique", "association") == Offered(1, 3, 0)


def test_what_is_closed_over_or_for_others_is_no_supply():
    found = supply(
        offer("closed", need_types=("juridique",), status="closed"),
        offer("over", need_types=("juridique",), valid_to=date(2026, 1, 1)),
        offer("others", need_types=("juridique",), audiences=frozenset({"tpe"})),
        offer("silent"),
    )
    assert found.at(MENDE.code, "juridique", "association") == Offered()
    assert found.at(MENDE.code, "juridique", "tpe") == Offered(national=1)
    assert found.at(MENDE.code, "juridique", ANY) == Offered(national=1)


def test_the_counts_are_those_of_the_rules_offer_by_offer(catalogue):
    columns = catalogue.matcher.index.columns
    found = Supply.of(columns, PLACES, TYPES, TODAY)
    for code, place in PLACES.items():
        for need_type in TYPES:
            need = Need("", ActorProfile("association"), place, frozenset({need_type}))
            admitted = {
                row
                for row, verdict in enumerate(judge(columns, need, TODAY).verdicts)
                if verdict != Verdict.INELIGIBLE
                and need_type in catalogue.matcher.index.offers[row].need_types
            }
            rows = matching_rows(columns, place, need_type, "association", TODAY)
            assert set().union(*rows.values()) == admitted
            counted = Offered(*(len(rows[kind]) for kind in ("local", "partial", "national")))
            assert found.at(code, need_type, "association") == counted
