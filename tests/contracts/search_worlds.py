"""A generated catalogue with every fact that a rule reads, and random needs to ask of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np

from evaluation.corpus import read_collection
from evaluation.datasets import TRAIN_NEEDS
from matching.domain import PROFILES, ActorProfile, Need, Offer
from tests.bench.catalogue import synthetic_offers
from tests.builders import FRAME, TODAY, gazetteer

SECTIONS = tuple("AFGIPQRS")
STATUSES = ("open", "unknown", "closed", "crisis-2020")


def varied_offers(count: int, seed: int = 0) -> list[Offer]:
    """Synthetic offers; each fact is stated by some, and a third have expressions of their own."""
    rng = np.random.default_rng(seed)
    types = {t.code: t.expressions for t in FRAME.need_types()}

    def varied(one: Offer) -> Offer:
        def sometimes(share, value, other):
            return value if rng.random() < share else other

        low, high = (int(n) for n in np.sort(rng.integers(0, 300, 2)))
        young, old = (int(n) for n in np.sort(rng.integers(0, 240, 2)))
        said = [e for code in one.need_types for e in types.get(code, ())]
        own = tuple(rng.choice(said, min(4, len(said)), replace=False)) if said else ()
        day = timedelta(days=int(rng.integers(-200, 400)))
        return replace(
            one,
            territories=sometimes(0.05, frozenset(), one.territories),
            audiences=sometimes(0.05, frozenset(), one.audiences),
            need_types=sometimes(0.05, (), one.need_types),
            naf_sections=sometimes(0.1, frozenset(rng.choice(SECTIONS, 2)), frozenset()),
            employees_min=sometimes(0.2, low, None),
            employees_max=sometimes(0.2, high, None),
            age_months_min=sometimes(0.1, young, None),
            age_months_max=sometimes(0.1, old, None),
            population_max=sometimes(0.1, int(rng.integers(500, 50_000)), None),
            volunteer_only_ok=(None, True, False)[rng.integers(0, 3)],
            conditions=sometimes(0.1, ("être agréé",), ()),
            status=str(rng.choice(STATUSES, p=(0.7, 0.2, 0.07, 0.03))),
            valid_from=sometimes(0.1, TODAY + day, None),
            valid_to=sometimes(0.2, TODAY + day + timedelta(days=60), None),
            expressions=sometimes(1 / 3, own, ()),
        )

    return [varied(one) for one in synthetic_offers(count, seed)]


def drawn_needs(count: int, seed: int = 0) -> list[Need]:
    """Words of judged needs, alone or two joined, asked by anyone anywhere, facts often missing."""
    rng = np.random.default_rng(seed)
    places = gazetteer()
    texts = [one.need.text for one in read_collection(TRAIN_NEEDS, places.place).needs]
    codes = np.array(sorted(places._rows))
    types = [t.code for t in FRAME.need_types()]

    def drawn() -> Need:
        first, second = rng.choice(len(texts), 2, replace=False)
        text = texts[first] if rng.random() < 0.5 else f"{texts[first]} {texts[second]}"
        volunteers = (None, True, False)[rng.integers(0, 3)]
        actor = ActorProfile(
            kind=_or_none(rng, 0.8, str(rng.choice(PROFILES))),
            employees=_or_none(rng, 0.6, int(rng.integers(0, 300))),
            volunteer_only=volunteers,
            naf_section=_or_none(rng, 0.3, str(rng.choice(SECTIONS))),
            founded_on=_or_none(rng, 0.5, TODAY - timedelta(days=int(rng.integers(0, 8_000)))),
        )
        place = _or_none(rng, 0.85, places.place([str(rng.choice(codes))]))
        asked = _or_none(rng, 0.1, frozenset(map(str, rng.choice(types, 2))))
        return Need(text, actor, place, asked or frozenset())

    return [drawn() for _ in range(count)]


def _or_none(rng, share, value):
    return value if rng.random() < share else None
