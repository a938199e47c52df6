"""Free text -> facets: need types with probabilities and the words behind them, urgency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from matching.domain import Facet, NeedType, Understanding
from matching.encoder import Encoder, Floats
from matching.index import Query
from matching.passages import Passages
from matching.text import clauses, tokens

PROBABLE = 0.35
"""A need type below this probability is not shown back."""

# Initial weighting, set by reading the examples of the frame; a learned one takes this seat.
_SLOPE, _MIDDLE = 2.5, 1.4
_URGENT = frozenset(
    tokens(
        "urgent urgence urgemment immédiatement immédiat demain semaine aujourd’hui vite rapidement"
        " salaires loyers impayés découvert expulsion huissier liquidation redressement faillite"
        " fermeture fermer licencier coupure"
    )
)


class Qualifier:
    """Reads need types by their passages: field expressions, label and keywords."""

    def __init__(self, need_types: Sequence[NeedType], passages: Passages) -> None:
        self.need_types = {t.code: t for t in need_types}
        self.passages = passages
        self.vocabularies = {t.code: frozenset(tokens(" ".join(t.passages))) for t in need_types}

    def probabilities(self, query: Query) -> Floats:
        """Probability of each need type, shape (need types,)."""
        if not self.need_types or not query.words:
            return np.zeros(len(self.need_types), np.float32)
        signals = np.stack(
            (
                self.passages.mean_of_best(self.passages.dense(query.vector)),
                self.passages.mean_of_best(self.passages.lexical.scores(query.tokens)),
            )
        )
        spread = np.maximum(signals.std(axis=1, keepdims=True), 1e-6)
        deviation = ((signals - signals.mean(axis=1, keepdims=True)) / spread).mean(axis=0)
        return np.asarray(1 / (1 + np.exp(_SLOPE * (_MIDDLE - deviation))), np.float32)

    def understand(self, text: str, query: Query, encoder: Encoder) -> Understanding:
        """Need types of the whole text and of each clause that adds one; urgency; evidence."""
        ranked = self._ranked(self.probabilities(query))
        probable = {c: p for c, p in ranked if p >= PROBABLE}
        types = dict(list(probable.items())[:4]) or {c: p for c, p in ranked[:1] if p > 0}
        parts = clauses(text)
        facets = self._facets(parts, encoder) if len(parts) > 1 else ()
        for facet in facets:
            for code, p in facet.need_types.items():
                types[code] = max(p, types.get(code, 0))
        types = dict(sorted(types.items(), key=lambda kv: (-kv[1], kv[0])))
        leading = self.need_types[next(iter(types))] if types else NeedType("")
        urgent = not _URGENT.isdisjoint(query.tokens)
        return Understanding(
            need_types=types,
            evidence={code: self._evidence(code, query) for code in types},
            temporality="tresorerie-immediate" if urgent else leading.temporality,
            axis="urgence" if urgent else leading.axis,
            facets=facets or (Facet(text, types),),
            missing=(),
        )

    def _facets(self, parts: Sequence[str], encoder: Encoder) -> tuple[Facet, ...]:
        """Clauses with a probable need type; those that lead to the same one are joined."""
        found: dict[str, Facet] = {}
        for part in parts:
            ranked = self._ranked(self.probabilities(Query.of(part, encoder)))
            types = {c: p for c, p in ranked[:2] if p >= PROBABLE}
            if not types:
                continue
            leading = next(iter(types))
            if (before := found.get(leading)) is not None:
                found[leading] = Facet(f"{before.text} {part}", {**types, **before.need_types})
            else:
                found[leading] = Facet(part, types)
        return tuple(found.values())

    def _ranked(self, probabilities: Floats) -> list[tuple[str, float]]:
        pairs = zip(self.need_types, map(float, probabilities), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _evidence(self, code: str, query: Query) -> tuple[str, ...]:
        """The person's own words that speak for a need type, rarest first."""
        own = self.vocabularies[code]
        said: Mapping[str, str] = {w.token: w.surface for w in query.words if w.token in own}
        rarest = sorted(said, key=lambda token: -self.passages.lexical.idf(token))
        return tuple(said[token] for token in rarest[:4])
