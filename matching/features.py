"""FEATURES: the ordered table name -> function(candidates) -> one value per candidate.

The same features rank and explain. Similarities are z-scores over the admissible offers of the
need; the rest lies in [0, 1]. A new feature is one function and one row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from matching.domain import FRANCE
from matching.eligibility import YES
from matching.encoder import Floats
from matching.hearing import Candidates
from matching.index import SIGNALS
from matching.nearness import locality
from matching.precedents import HISTORY, RECORDS


def _signal(name: str) -> Callable[[Candidates], Floats]:
    position = SIGNALS.index(name)
    return lambda c: c.table[position]


def _record(name: str) -> Callable[[Candidates], Floats]:
    position = RECORDS.index(name)
    return lambda c: c.hearing.records[position, c.rows]


def _stands_out(name: str) -> Callable[[Candidates], Floats]:
    """A record against those of all admissible offers: mean 0, deviation 1."""
    position = RECORDS.index(name)

    def stands_out(c: Candidates) -> Floats:
        if not c.known.any():
            return np.zeros(len(c.rows), np.float32)
        record = c.hearing.records[position]
        among = record[c.hearing.admissible]
        spread = float(among.std()) if len(among) else 0.0
        if spread <= 1e-6:
            return np.zeros(len(c.rows), np.float32)
        return np.asarray(c.known * (record[c.rows] - among.mean()) / spread, np.float32)

    return stands_out


def _known(c: Candidates) -> Floats:
    """1 when some judged need graded the offer: only then do records say anything of it."""
    return np.asarray(c.known, np.float32)


def _type_agreement(c: Candidates) -> Floats:
    """The probability of the likeliest need type that the offer answers."""
    return np.asarray(c.by_types.max(axis=0), np.float32)


def _type_coverage(c: Candidates) -> Floats:
    """The share of what was understood that the offer answers, weighted by probability."""
    total = max(float(c.hearing.types.sum()), 1e-6)
    return np.asarray(c.by_types.sum(axis=0) / total, np.float32)


def _type_focus(c: Candidates) -> Floats:
    """1 for an offer of one need type alone, less for those that answer many."""
    counts = c.hearing.index.columns.need_types.counts[c.rows]
    return np.asarray(1 / np.maximum(counts, 1), np.float32)


def _locality(c: Candidates) -> Floats:
    """How local the offer is to a known place: 0 national, 1 the commune itself."""
    local = np.zeros(len(c.hearing.index.offers), np.float32)
    if c.hearing.need.place is not None:
        column = c.hearing.index.columns.territories
        for code in sorted(c.hearing.need.place.within - {FRANCE}):
            if (rows := column.rows.get(code)) is not None:
                local[rows] = np.maximum(local[rows], locality(code))
    return local[c.rows]


def _breadth(c: Candidates) -> Floats:
    """How local the offer is by itself: 0 national, 1 for one commune."""
    return c.hearing.index.breadth[c.rows]


def _place_known(c: Candidates) -> Floats:
    return np.full(len(c.rows), c.hearing.need.place is not None, np.float32)


def _covered(c: Candidates) -> Floats:
    """1 when the offer surely covers the place; 0 when it only might."""
    return np.asarray(c.hearing.covered[c.rows], np.float32)


def _eligible(c: Candidates) -> Floats:
    """1 when no fact is in doubt. A condition that a person must check says nothing of this need:
    it stands in the offer's text, in sight of those who graded what the ranker learned from.
    """
    return np.asarray(c.hearing.judgement.leaving_out("conditions", c.rows) == YES, np.float32)


def _audience_focus(c: Candidates) -> Floats:
    """1 for an offer made for this kind of actor alone; 0 when the kind is not known."""
    counts = c.hearing.index.columns.audiences.counts[c.rows]
    known = c.hearing.need.actor.kind is not None
    return np.asarray(known / np.maximum(counts, 1), np.float32)


def _names_kind(c: Candidates) -> Floats:
    """1 when the offer says that it is for this kind of actor."""
    kind = c.hearing.need.actor.kind
    bearing = c.hearing.index.columns.audiences.bearing(() if kind is None else (kind,))
    return np.asarray(bearing[c.rows], np.float32)


def _for_volunteers(c: Candidates) -> Floats:
    """1 when only volunteers ask and the offer says that it welcomes them."""
    asked = bool(c.hearing.need.actor.is_volunteer_only)
    return np.asarray(c.hearing.index.welcomes_volunteers[c.rows] & asked, np.float32)


def _urgency(c: Candidates) -> Floats:
    """1 when the need is urgent and so is the offer, or when neither is."""
    acting = c.hearing.index.axes.get(c.hearing.understanding.axis or "")
    return np.asarray(np.zeros(len(c.rows)) if acting is None else acting[c.rows], np.float32)


def _generalist(c: Candidates) -> Floats:
    return np.asarray(c.hearing.index.generalists[c.rows], np.float32)


FEATURES: Mapping[str, Callable[[Candidates], Floats]] = {
    **{name: _signal(name) for name in SIGNALS},
    **{name: _record(name) for name in RECORDS},
    **{f"{name}_stands_out": _stands_out(name) for name in HISTORY},
    "known": _known,
    "type_agreement": _type_agreement,
    "type_coverage": _type_coverage,
    "type_focus": _type_focus,
    "locality": _locality,
    "breadth": _breadth,
    "place_known": _place_known,
    "covered": _covered,
    "eligible": _eligible,
    "audience_focus": _audience_focus,
    "names_kind": _names_kind,
    "for_volunteers": _for_volunteers,
    "urgency": _urgency,
    "generalist": _generalist,
}


def measure(candidates: Candidates) -> Floats:
    """Every feature of every candidate, shape (candidates, features)."""
    columns = [feature(candidates) for feature in FEATURES.values()]
    return np.asarray(np.stack(columns, axis=1), np.float32)
