"""A synthetic catalogue: the shipped offers, varied by a seeded generator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.fields import Reading
from data.inventory import shipped_offers
from matching.domain import Offer
from tests.builders import FRAME, gazetteer


def synthetic_offers(count: int, seed: int = 0) -> list[Offer]:
    """`count` offers: texts recomposed from sentences of three real ones, facts drawn anew.

    A tenth are national, the others cover a région, a département or a commune drawn at random;
    their expressions are those of their need types, as for any catalogue imported without.
    """
    rng = np.random.default_rng(seed)
    places = gazetteer()
    real = [o for o in shipped_offers(Reading(FRAME, places)) if isinstance(o, Offer)]
    levels = {
        prefix: np.array(sorted(c for c in places._rows if c.startswith(prefix)))
        for prefix in ("REG-", "DEP-", "COM-")
    }
    made = []
    for number in range(count):
        first, second, third = (real[i] for i in rng.integers(0, len(real), 3))
        sentences = [s for o in (first, second, third) for s in o.description.split(". ") if s]
        order = rng.permutation(len(sentences))[:6]
        level = rng.choice(("FR", "REG-", "DEP-", "COM-"), p=(0.1, 0.3, 0.4, 0.2))
        code = "FR" if level == "FR" else str(rng.choice(levels[str(level)]))
        made.append(
            replace(
                first,
                id=f"s{number:06}",
                title=f"{first.title} {number}",
                summary=second.summary,
                description=". ".join(sentences[i] for i in order),
                need_types=tuple(dict.fromkeys((*first.need_types, *third.need_types)))[:6],
                audiences=first.audiences | second.audiences,
                territories=frozenset({code}),
                national_offer=None,
                successor=None,
                expressions=(),
                status="open" if rng.random() < 0.8 else "unknown",
                valid_to=None,
            )
        )
    return made
