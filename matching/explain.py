"""From what moved a score to reasons: codes and evidence, never sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import numpy as np

from matching.domain import FRANCE, Offer, Reason
from matching.encoder import Floats
from matching.features import FEATURES
from matching.hearing import Hearing
from matching.nearness import locality

Evidence = tuple[str, ...]
SHOWN = 4
SLIGHT = 0.05
"""Log-odds at or below which a reason is not worth telling."""


class Explainer:
    """Explains the offers of one need. Each reason gathers the features that mean the same."""

    def __init__(self, hearing: Hearing) -> None:
        self.hearing = hearing
        self._text = hearing.index.text_lexical
        said = {w.token: w.surface.lower() for w in hearing.query.words}
        self.rarest = sorted(said.items(), key=lambda one: (-self._text.idf(one[0]), one[0]))

    def reasons(self, row: int, contributions: Floats) -> tuple[Reason, ...]:
        """The reasons of the offer of this row, strongest first; none without evidence.

        `contributions` are the log-odds of each feature for it, shape (features,).
        """
        offer = self.hearing.index.offers[row]
        weights = (contributions @ _GATHERED).tolist()
        found = [
            Reason(code, round(weight, 3), evidence)
            for (code, (_, cite)), weight in zip(REASONS.items(), weights, strict=True)
            if weight > SLIGHT and (evidence := cite(self, row, offer))
        ]
        return tuple(sorted(found, key=lambda r: -r.weight))

    def shared_words(self, row: int, _: Offer) -> Evidence:
        """The person's words that the offer's text has too, rarest first."""
        shared = (said for token, said in self.rarest if self._text.holds(token, row))
        return tuple(islice(shared, SHOWN))

    def closest_expression(self, row: int, offer: Offer) -> Evidence:
        """The field expression of the offer closest to the need."""
        index = self.hearing.index
        if (group := index.group_of.get(row)) is None:
            return ()
        best = index.expressions.best_of(group, self.hearing.signals.expression_similarities)
        first = int(index.expressions.slots[group][0])
        return () if best is None else (offer.expressions[best - first],)

    def closest_precedent(self, row: int, _: Offer) -> Evidence:
        """The closest judged need that this offer helps."""
        return self.hearing.precedents.closest_helped(self.hearing.near, row)

    def agreed_types(self, _: int, offer: Offer) -> Evidence:
        understood = self.hearing.understanding.need_types
        return tuple(code for code in understood if code in offer.need_types)

    def territory(self, _: int, offer: Offer) -> Evidence:
        place = self.hearing.need.place
        if place is None:
            return ()
        holding = offer.territories & place.within - {FRANCE}
        return tuple(sorted(holding, key=lambda c: (-locality(c), c))[:1])

    def profile(self, _: int, offer: Offer) -> Evidence:
        kind = self.hearing.need.actor.kind
        return (kind,) if kind is not None and kind in offer.audiences else ()

    def volunteers(self, _: int, offer: Offer) -> Evidence:
        welcome = self.hearing.need.actor.is_volunteer_only and offer.volunteer_only_ok
        return ("benevole",) if welcome else ()

    def urgency(self, _: int, offer: Offer) -> Evidence:
        axis = self.hearing.understanding.axis
        quick = offer.axis == "urgence" or "tresorerie-immediate" in offer.temporalities
        return (axis,) if axis == "urgence" and quick else ()


REASONS: Mapping[str, tuple[Sequence[str], Callable[[Explainer, int, Offer], Evidence]]] = {
    "precedent": (
        (
            "foretold",
            "foretold_stands_out",
            "similar_dense",
            "similar_lexical",
            "similar_dense_stands_out",
            "similar_lexical_stands_out",
            "like_what_helped",
            "kind_that_helped",
        ),
        Explainer.closest_precedent,
    ),
    "expression": (
        ("dense_expressions", "bm25_expressions", "dense_closest", "bm25_closest"),
        Explainer.closest_expression,
    ),
    "need_type": (
        ("type_agreement", "type_coverage", "helped_types", "helped_types_stands_out"),
        Explainer.agreed_types,
    ),
    "words": (("dense_text", "bm25_text"), Explainer.shared_words),
    "territory": (("locality", "breadth", "place_known", "covered"), Explainer.territory),
    "profile": (
        (
            "eligible",
            "audience_focus",
            "names_kind",
            "helped_profile",
            "helped_profile_stands_out",
        ),
        Explainer.profile,
    ),
    "volunteers": (("for_volunteers",), Explainer.volunteers),
    "urgency": (("urgency",), Explainer.urgency),
}
"""Reason code -> the features whose contributions it sums, and how its evidence is found."""

_GATHERED = np.array(
    [[name in features for features, _ in REASONS.values()] for name in FEATURES], np.float64
)
