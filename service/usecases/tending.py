"""The catalogue desk: what needs a look, corrections by hand, suggestions of the public."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from data.audit import append
from data.engine import read, write
from data.fields import read_offer
from data.records import to_record
from data.store import correct, load_offer, load_overrides
from data.store_feeds import Feed, load_feeds, offers_by_source
from data.store_merged import load_merged
from data.store_suggestions import (
    Suggestion,
    dead_links,
    decide,
    new_suggestions,
    suggest,
)
from matching.domain import Offer
from matching.errors import AiguilleError
from matching.text import fold
from service.catalogue import Catalogue
from service.triage.freshness import FLAGS, LIVE, flags_of, lookalikes
from service.typography import marked
from service.usecases.browsing import existing_offer
from service.usecases.rematching import READ, queue_rematch

DEAD_AFTER = 2
"""A link is told dead when it failed so many times in a row: once may be the weather."""
DEAD_LINK = "dead-link"
LABELS: Mapping[str, str] = {
    DEAD_LINK: marked("Lien mort"),
    **{code: flag.label for code, flag in FLAGS.items()},
}
SUGGESTION = (10, 2_000)
"""Least and most characters of a suggestion."""

EDITABLE = (
    "title",
    "summary",
    "description",
    "next_step",
    "url",
    "status",
    "valid_to",
    "need_types",
    "audiences",
    "territories",
    "verified",
    "checked_on",
    "expressions",
)
"""The fields of an offer that the desk corrects by hand, in the order of the form."""


class BadSuggestion(AiguilleError):
    """A suggestion that says too little or too much."""


class BadEdit(AiguilleError):
    """Values that an offer cannot hold, each told under its field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ; ".join(f"{f} : {m}" for f, m in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Tended:
    """An offer with the codes of what needs a look, and the fields that a hand corrected."""

    offer: Offer
    flags: tuple[str, ...]
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogueDesk:
    """What is to be tended. `counts`: flag -> offers that raise it, over the whole catalogue.

    `feeds` are told with their live offers, what was `merged` with the id of what stands for it.
    """

    offers: tuple[Tended, ...]
    counts: Mapping[str, int]
    suggestions: tuple[Suggestion, ...]
    lookalikes: tuple[tuple[Offer, Offer, int], ...]
    merged: tuple[tuple[Offer, str], ...]
    found: int
    feeds: tuple[tuple[Feed, int], ...]


def tend(
    catalogue: Catalogue, *, today: date, flag: str | None, words: str, limit: int
) -> CatalogueDesk:
    """The offers that raise flags (one of them if given), the most flagged first."""
    with read(catalogue.engine) as connection:
        dead = dead_links(connection, DEAD_AFTER)
        by_hand = load_overrides(connection)
        suggestions = new_suggestions(connection)
        sizes = offers_by_source(connection)
        merged = load_merged(connection)
        feeds = tuple((feed, sizes.get(feed.name, 0)) for feed in load_feeds(connection))
    offers = catalogue.matcher.index.offers
    tended = [
        Tended(o, _flags(o, dead, today), tuple(sorted(by_hand.get(o.id, ())))) for o in offers
    ]
    counts = Counter(code for t in tended for code in t.flags)
    asked = fold(words).split()
    kept = [
        t
        for t in tended
        if (flag in t.flags if flag else t.flags or asked)
        and all(w in fold(f"{t.offer.title} {t.offer.provider.name}") for w in asked)
    ]
    kept.sort(key=lambda t: (-len(t.flags), t.offer.id))
    rows = catalogue.matcher.index.rows
    return CatalogueDesk(
        offers=tuple(kept[:limit]),
        counts={c: counts[c] for c in LABELS},
        suggestions=tuple(suggestions),
        # The offers here are those of a moment ago: those just merged are told already.
        lookalikes=tuple(
            pair for pair in lookalikes(offers) if merged.keys().isdisjoint(o.id for o in pair[:2])
        ),
        merged=tuple((offers[rows[i]], into) for i, into in merged.items() if i in rows),
        found=len(kept),
        feeds=feeds,
    )


def _flags(offer: Offer, dead: Mapping[str, str], today: date) -> tuple[str, ...]:
    gone = (DEAD_LINK,) if offer.status in LIVE and offer.url in dead else ()
    return gone + flags_of(offer, today)


@dataclass(frozen=True, slots=True)
class Edited:
    """An offer as a form shows it: text by field, and what was suggested of it."""

    offer: Offer
    values: Mapping[str, str]
    by_hand: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


def open_edit(catalogue: Catalogue, offer_id: str) -> Edited:
    with read(catalogue.engine) as connection:
        offer = existing_offer(load_offer(connection, offer_id), offer_id)
        by_hand = load_overrides(connection).get(offer_id, {})
        suggestions = new_suggestions(connection, offer_id)
    record = to_record(offer)
    shown = {field: _typed(record[field]) for field in EDITABLE}
    return Edited(offer, shown, tuple(sorted(by_hand)), tuple(suggestions))


def edit(
    catalogue: Catalogue, offer_id: str, typed: Mapping[str, str], *, by: str, now: datetime
) -> tuple[str, ...]:
    """Correct what was typed otherwise than it was; the fields that changed.

    The next imports leave them as they are. Nothing is written when one value is wrong. Needs are
    matched again with an offer that may now answer them.
    """
    with write(catalogue.engine) as connection:
        offer = existing_offer(load_offer(connection, offer_id), offer_id)
        record = to_record(offer)
        wrote = {f: typed[f] for f in EDITABLE if f in typed and typed[f] != _typed(record[f])}
        raw = {f: _value(record[f], text) for f, text in wrote.items()}
        after = read_offer({**record, **raw}, 1, catalogue.reading)
        if not isinstance(after, Offer):
            raise BadEdit({r.field: r.message for r in after})
        corrected = to_record(after)
        changed = tuple(f for f in wrote if corrected[f] != record[f])
        for field in changed:
            correct(connection, offer_id, field, corrected[field], now)
        if changed:
            told: dict[str, Any] = {"offer": offer_id, "fields": list(changed)}
            append(connection, at=now, actor=by, action="offer-edited", **told)
        if not READ.isdisjoint(changed):
            queue_rematch(connection, [offer_id], now)
    return changed


def _typed(value: object) -> str:
    """A value of a record as a form shows it: a list is one value a line."""
    if isinstance(value, list):
        return "\n".join(map(str, value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)


def _value(before: object, text: str) -> object:
    """What a form sends, as the reader of the field takes it."""
    return text.splitlines() if isinstance(before, list) else text.strip()


def make_suggestion(catalogue: Catalogue, offer_id: str, text: str, now: datetime) -> None:
    """Anybody may tell what is wrong in an offer, once; somebody of the desk decides."""
    said, (least, most) = text.strip(), SUGGESTION
    if not least <= len(said) <= most:
        raise BadSuggestion(
            "Dites ce qui est à corriger, en {least} à {most} caractères.",
            field="text",
            least=least,
            most=most,
        )
    with write(catalogue.engine) as connection:
        existing_offer(load_offer(connection, offer_id), offer_id)
        if all(known.text != said for known in new_suggestions(connection, offer_id)):
            suggest(connection, offer_id, said, now)


def settle(catalogue: Catalogue, suggestion_id: int, state: str, *, by: str, now: datetime) -> None:
    """Note that a suggestion was applied or refused; the first decision stands."""
    with write(catalogue.engine) as connection:
        if decide(connection, suggestion_id, state, by=by, at=now):
            told: dict[str, Any] = {"suggestion": suggestion_id}
            append(connection, at=now, actor=by, action=f"suggestion-{state}", **told)


@dataclass(frozen=True, slots=True)
class Counters:
    """What the inventory holds, as counts: code or name -> live offers."""

    total: int
    history: int
    providers: int
    by_axis: Mapping[str, int]
    by_need_type: Mapping[str, int]
    by_profile: Mapping[str, int]
    by_kind: Mapping[str, int]
    networks: Sequence[tuple[str, int]]


def count_offers(catalogue: Catalogue) -> Counters:
    """The counter page: live offers by axis, need, audience and kind; the widest networks."""
    offers = catalogue.matcher.index.offers
    live = [o for o in offers if o.status in LIVE]
    axes = Counter(a for o in live for a in (_AXES if o.axis == "both" else (o.axis,)) if a)
    return Counters(
        total=len(live),
        history=len(offers) - len(live),
        providers=len({o.provider.id for o in live}),
        by_axis=axes,
        by_need_type=_counted(catalogue, "need_types", (t for o in live for t in o.need_types)),
        by_profile=_counted(catalogue, "profiles", (a for o in live for a in o.audiences)),
        by_kind=_counted(catalogue, "kinds", (o.kind for o in live)),
        networks=Counter(o.provider.name for o in live).most_common(12),
    )


_AXES = ("urgence", "redeveloppement")


def _counted(catalogue: Catalogue, list_name: str, codes: Any) -> Mapping[str, int]:
    """Every code of a list with its count, most frequent first."""
    counts = Counter(codes)
    known = catalogue.frame.codes(list_name)
    return dict(sorted(((c, counts[c]) for c in known), key=lambda pair: -pair[1]))
