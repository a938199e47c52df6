"""What a catalogue desk must look at."""

from __future__ import annotations

from datetime import timedelta

from service.triage.freshness import STALE_AFTER, flags_of, lookalikes
from tests.builders import TODAY, offer

WHOLE = {
    "url": "https://exemple.fr",
    "next_step": "Appelez.",
    "expressions": ("on cherche",),
    "need_types": ("tresorerie",),
    "checked_on": TODAY,
}


def test_a_whole_offer_checked_today_raises_no_flag():
    assert flags_of(offer(**WHOLE), TODAY) == ()


def test_each_lack_raises_its_flag_and_history_raises_none():
    assert flags_of(offer(**{**WHOLE, "url": None, "verified": False}), TODAY) == (
        "unverified",
        "no-link",
    )
    last = TODAY - STALE_AFTER
    assert flags_of(offer(**{**WHOLE, "checked_on": last}), TODAY) == ()
    assert flags_of(offer(**{**WHOLE, "checked_on": last - timedelta(days=1)}), TODAY) == ("stale",)
    assert flags_of(offer(**{**WHOLE, "valid_to": TODAY - timedelta(days=1)}), TODAY) == ("over",)
    assert flags_of(offer(status="closed", verified=False), TODAY) == ()


def test_offers_of_the_same_place_with_nearly_the_same_title_look_alike():
    one = offer("a", title="Prêt d’honneur Initiative France")
    two = offer("b", title="Prêt d'honneur - Initiative France")
    far = offer("c", title="Prêt d’honneur Initiative France", territories=frozenset({"DEP-48"}))
    assert [(x.id, y.id) for x, y, _ in lookalikes([one, two, far])] == [("a", "b")]
