"""What a catalogue desk must look at: flags that an offer raises, and offers that look the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from matching.domain import Offer
from service.typography import marked

STALE_AFTER = timedelta(days=180)
SAME_TITLE = 90
"""Two titles this close (0-100, token sort ratio) are probably one offer."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to mend in an offer: its name on screen, and when an offer raises it."""

    label: str
    raised: Callable[[Offer, date], bool]


def _stale(offer: Offer, today: date) -> bool:
    return offer.checked_on is None or today - offer.checked_on > STALE_AFTER


def _over(offer: Offer, today: date) -> bool:
    return offer.status == "open" and offer.valid_to is not None and offer.valid_to < today


FLAGS: Mapping[str, Flag] = {
    "over": Flag(marked("Date de fin passée, mais encore ouverte"), _over),
    "unverified": Flag(marked("Jamais vérifiée auprès du porteur"), lambda o, _: not o.verified),
    "stale": Flag(marked("Vérifiée il y a plus de six mois"), _stale),
    "unknown-status": Flag(marked("Statut inconnu"), lambda o, _: o.status == "unknown"),
    "no-link": Flag(marked("Sans lien"), lambda o, _: not o.url),
    "no-next-step": Flag(marked("Sans première démarche"), lambda o, _: not o.next_step),
    "no-territory": Flag(marked("Sans territoire"), lambda o, _: not o.territories),
    "no-audience": Flag(marked("Sans public"), lambda o, _: not o.audiences),
    "no-expression": Flag(marked("Sans expression du terrain"), lambda o, _: not o.expressions),
    "no-need-type": Flag(marked("Sans type de besoin"), lambda o, _: not o.need_types),
}
"""Code -> flag, most pressing first. Dead links are told by the job that follows them."""

LIVE = ("open", "unknown")


def flags_of(offer: Offer, today: date) -> tuple[str, ...]:
    """The flags that an offer raises; what is history raises none."""
    if offer.status not in LIVE:
        return ()
    return tuple(code for code, flag in FLAGS.items() if flag.raised(offer, today))


def lookalikes(offers: Sequence[Offer]) -> Iterator[tuple[Offer, Offer, int]]:
    """Pairs of live offers whose titles are close, for the same places; closest first."""
    from rapidfuzz import fuzz, process, utils

    live = [o for o in offers if o.status in LIVE]
    titles = [utils.default_process(o.title) for o in live]
    alike = process.cdist(titles, titles, scorer=fuzz.token_sort_ratio, score_cutoff=SAME_TITLE)
    pairs = [(int(alike[a, b]), a, b) for a, b in np.argwhere(np.triu(alike, 1))]
    for score, a, b in sorted(pairs, key=lambda p: (-p[0], p[1], p[2])):
        if live[a].territories & live[b].territories:
            yield live[a], live[b], score
