"""Hard rules read again, one pair at a time and in plain words: a check on what was ranked."""

from __future__ import annotations

from datetime import date

from matching.domain import Need, Offer


def broken_rules(need: Need, offer: Offer, today: date | None) -> list[str]:
    """The rules that surely exclude this offer for this need; unknown facts break nothing."""
    actor, place = need.actor, need.place
    broken = []
    if place and offer.territories and not offer.territories & (place.within | place.overlapping):
        broken.append("territory")
    if actor.kind and offer.audiences and actor.kind not in offer.audiences:
        broken.append("profile")
    staff = actor.headcount
    if staff is not None and offer.employees_min is not None and staff < offer.employees_min:
        broken.append("employees_min")
    if staff is not None and offer.employees_max is not None and staff > offer.employees_max:
        broken.append("employees_max")
    if actor.is_volunteer_only and offer.volunteer_only_ok is False:
        broken.append("employers_only")
    if actor.naf_section and offer.naf_sections and actor.naf_section not in offer.naf_sections:
        broken.append("sector")
    inhabitants, most = place.population if place else None, offer.population_max
    if inhabitants is not None and most is not None and inhabitants > most:
        broken.append("population_max")
    if offer.status in {"closed", "crisis-2020"}:
        broken.append("status")
    if today and offer.valid_from and offer.valid_from > today:
        broken.append("not_yet")
    if today and offer.valid_to and offer.valid_to < today:
        broken.append("over")
    return broken
