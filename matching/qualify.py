"""Free text -> facets: need types with probabilities and the words behind them, urgency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matching.domain import Correction, Facet, NeedType, Understanding
from matching.encoder import Floats
from matching.index import Query, Signals
from matching.logistic import logistic
from matching.passages import Passages
from matching.precedents import Near, Precedents
from matching.text import clauses, tokens

PROBABLE, SHOWN = 0.3, 4
"""A need type below this probability is not shown back, nor more types than that."""

STATED, UNSAID = 0.95, 0.02
"""Probability of a need type that the person named, or left out, when they corrected us."""

# The plain reading, set on the examples of the frame; the learned one takes its seat.
_SLOPE, _MIDDLE = 2.5, 1.4
_URGENT = frozenset(
    tokens(
        "urgent urgence urgemment immédiatement immédiat demain semaine aujourd’hui vite rapidement"
        " salaires loyers impayés découvert expulsion huissier liquidation redressement faillite"
        " fermeture fermer licencier coupure"
    )
)


EVIDENCE = (
    "dense",
    "bm25",
    "dense_closest",
    "bm25_closest",
    "similar_dense",
    "similar_lexical",
    "share_of_all",
    "foretold",
)
"""What speaks for a need type: closeness to its expressions (mean of the best three, and the
closest, as deviations from the other types); its share of the closest judged needs, by meaning
and by words, and of all judged needs (log); how far all of them foretell it."""


@dataclass(frozen=True, slots=True)
class LearnedTypes:
    """Two logistic regressions, whose last weight is the bias.

    `types` weighs EVIDENCE, the same for every type; `urgency` weighs words of urgency, the share
    of urgent needs among the closest (by meaning, by words), how far it is foretold, and what the
    need types say of it.
    `urgent_types` is the share of urgent needs of each type.
    """

    types: Floats
    urgency: Floats
    urgent_types: Floats

    def __call__(self, evidence: Floats, urgency: Floats) -> Floats:
        """Probabilities of the types, then of urgency, from what speaks for them."""
        types = logistic(evidence @ self.types[:-1] + self.types[-1])
        said = np.append(urgency, types @ self.urgent_types / max(float(types.sum()), 1e-6))
        return np.append(types, logistic(said @ self.urgency[:-1] + self.urgency[-1]))


class Qualifier:
    """Reads need types by their passages (field expressions, label, keywords) and precedents."""

    def __init__(
        self,
        need_types: Sequence[NeedType],
        passages: Passages,
        precedents: Precedents,
        learned: LearnedTypes | None = None,
    ) -> None:
        self.need_types = {t.code: t for t in need_types}
        self.passages = passages
        self.precedents = precedents
        self.learned = learned
        self.vocabularies = {t.code: frozenset(tokens(" ".join(t.passages))) for t in need_types}

    def evidence(self, query: Query, signals: Signals, near: Near) -> tuple[Floats, Floats]:
        """What speaks for each type, shape (types, EVIDENCE), and for urgency, shape (4,)."""
        shares = self.precedents.type_shares(near)
        of_all = np.log(shares[2, :-1] + 0.02)
        foretold = self.precedents.foretold_types(near)
        types = np.stack(
            (*_deviations(signals.types), *shares[:2, :-1], of_all, foretold[:-1]), axis=1
        )
        urgent_words = not _URGENT.isdisjoint(query.tokens)
        return types, np.array([urgent_words, *shares[:2, -1], foretold[-1]], np.float32)

    def probabilities(self, query: Query, signals: Signals, near: Near) -> Floats:
        """Probability of each need type, then of urgency, shape (need types + 1,)."""
        if not self.need_types or not query.words:
            return np.zeros(len(self.need_types) + 1, np.float32)
        if self.learned is not None and near.kept.any():
            return self.learned(*self.evidence(query, signals, near))
        deviation = _deviations(signals.types)[:2].mean(axis=0)
        types = logistic(_SLOPE * (deviation - _MIDDLE))
        leading = list(self.need_types.values())[int(types.argmax())]
        urgent = not _URGENT.isdisjoint(query.tokens) or leading.axis == "urgence"
        return np.append(types, urgent).astype(np.float32)

    def corrected(self, probabilities: Floats, correction: Correction | None) -> Floats:
        """The same probabilities, where a person's own word takes the place of our reading."""
        if correction is None:
            return probabilities
        said = [code in correction.need_types for code in self.need_types]
        return np.where([*said, correction.urgent], STATED, UNSAID).astype(np.float32)

    def understand(self, text: str, query: Query, probabilities: Floats) -> Understanding:
        """Need types, which clause says which of them, urgency, and the words behind each.

        `probabilities` are those of the whole text (see `probabilities`).
        """
        ranked = self._ranked(probabilities)
        shown = max(SHOWN, sum(p > STATED - 0.001 for _, p in ranked))
        types = {c: p for c, p in ranked[:shown] if p >= PROBABLE}
        types = types or {c: p for c, p in ranked[:1] if p > 0}
        leading = self.need_types[next(iter(types))] if types else NeedType("")
        urgent = float(probabilities[-1]) >= 0.5
        return Understanding(
            need_types=types,
            evidence={code: self._evidence(code, query) for code in types},
            temporality="tresorerie-immediate" if urgent else leading.temporality,
            axis="urgence" if urgent else "redeveloppement",
            facets=self._facets(clauses(text), types) or (Facet(text, types),),
            missing=(),
        )

    def _facets(self, parts: Sequence[str], types: Mapping[str, float]) -> tuple[Facet, ...]:
        """Each understood type goes to the clause whose words say it best; empty for one clause.

        By words alone: a vector for each clause would cost as much as the whole need.
        """
        if len(parts) < 2 or len(types) < 2:
            return ()
        scores = np.stack([self.passages.lexical.scores(tokens(part)) for part in parts])
        table = self.passages.mean_of_best(scores)
        position = {code: i for i, code in enumerate(self.need_types)}
        said: dict[int, dict[str, float]] = {}
        for code, p in types.items():
            clause = int(table[:, position[code]].argmax())
            said.setdefault(clause, {})[code] = p
        return tuple(Facet(parts[i], found) for i, found in sorted(said.items()))

    def _ranked(self, probabilities: Floats) -> list[tuple[str, float]]:
        pairs = zip(self.need_types, map(float, probabilities), strict=False)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _evidence(self, code: str, query: Query) -> tuple[str, ...]:
        """The person's own words that speak for a need type, rarest first."""
        own = self.vocabularies[code]
        said: Mapping[str, str] = {w.token: w.surface for w in query.words if w.token in own}
        rarest = sorted(said, key=lambda token: -self.passages.lexical.idf(token))
        return tuple(said[token] for token in rarest[:4])


def _deviations(closeness: Floats) -> Floats:
    """Closeness to each need type, as deviations from the mean over the types: same shape."""
    spread = np.maximum(closeness.std(axis=1, keepdims=True), 1e-6)
    return np.asarray((closeness - closeness.mean(axis=1, keepdims=True)) / spread, np.float32)
