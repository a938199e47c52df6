"""The story: qualify, filter, retrieve, rank, explain, assemble. READ THIS FIRST."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from matching.assemble import assemble
from matching.domain import Answer, Bundle, Match, NearMiss, Need, NeedType, Offer, Relay, Verdict
from matching.eligibility import YES
from matching.encoder import Encoder, Floats
from matching.explain import Explainer
from matching.features import FEATURES, measure, nearness
from matching.hearing import Hearing, Rows
from matching.index import SIGNALS, ExactIndex
from matching.qualify import Qualifier
from matching.ranker import INITIAL_RANKER, Ranker

CANDIDATES = 100
"""How many offers retrieval hands to the ranker."""
SURE = 0.30
"""Below this best score no answer is sure."""
TEXT = SIGNALS.index("bm25_text")
HEARD_AS_TYPE, HEARD_AS_OFFER = 2.6, 6.0
"""Least BM25 with the expressions of a need type (mean of the best three), or with the text of an
offer; below both, a need is out of scope. On the examples of the frame the least of the first is
2.6; on everyday questions of ours the most are 2.8 and 3.9."""
ASKABLE = ("commune", "profile", "employees", "naf_section", "founded_on")
"""Facts about the actor that may settle a doubt, and that a person can be asked."""
QUESTIONS = 2
NEAR_MISSES, NEAR_MISSES_A_RULE = 3, 2
UNSURE_MATCHES = 3


class Matcher:
    """Answers needs over one catalogue. Holds no state but its index; reads no clock."""

    def __init__(
        self,
        index: ExactIndex,
        encoder: Encoder,
        ranker: Ranker = INITIAL_RANKER,
        versions: Mapping[str, str] | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.ranker = ranker
        self.qualifier = Qualifier(index.need_types, index.type_expressions)
        self.versions = {**(versions or {}), "encoder": encoder.name, "ranker": ranker.version}

    @classmethod
    def build(
        cls, offers: Sequence[Offer], need_types: Sequence[NeedType], encoder: Encoder
    ) -> Matcher:
        return cls(ExactIndex.build(offers, need_types, encoder), encoder)

    def match(self, need: Need, *, today: date | None, limit: int = 10) -> Answer:
        """The ranked, explained answer to a need, as of `today`."""
        hearing = self.hear(need, today)
        ranked = self._ranked(hearing, hearing.best(np.flatnonzero(hearing.admissible), CANDIDATES))
        matches = self._matches(hearing, ranked, limit)
        heard = self._heard(hearing)
        sure = heard and bool(matches) and matches[0].score >= SURE
        shown = matches if sure else matches[: UNSURE_MATCHES * heard]
        understanding = replace(hearing.understanding, missing=_missing(matches))
        return Answer(
            need=need,
            understanding=understanding,
            matches=shown,
            near_misses=self._near_misses(hearing) if sure else (),
            bundle=assemble(matches, understanding) if sure else Bundle(),
            sure=sure,
            fallback=None if sure else self._fallback(hearing),
            admissible=int(hearing.admissible.sum()),
            versions=self.versions,
        )

    def ranking(
        self, need: Need, *, today: date | None, ignoring: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Every admissible offer with its score, best first: what evaluation measures.

        The ranker sees them all, and a national offer stays beside its local form.
        """
        hearing = self.hear(need, today, ignoring)
        ranked = self._ranked(hearing, np.flatnonzero(hearing.admissible))
        return [(self.index.offers[one.row].id, one.score) for one in ranked]

    def hear(self, need: Need, today: date | None, ignoring: Collection[str] = ()) -> Hearing:
        return Hearing.of(need, today, self.index, self.encoder, self.qualifier, ignoring)

    def _ranked(self, hearing: Hearing, rows: Rows) -> list[Ranked]:
        """These rows with their score and what each feature moved, best first."""
        features = measure(hearing.candidates(rows))
        # Equal offers may differ by a last bit, for where they lie in memory: ids decide.
        scores = np.round(self.ranker.scores(features), 5)
        moved = self.ranker.contributions(features)
        order = np.lexsort((rows, -scores))
        found = zip(
            rows[order].tolist(), scores[order].tolist(), features[order], moved[order], strict=True
        )
        return [Ranked(*one) for one in found]

    def _matches(self, hearing: Hearing, ranked: Sequence[Ranked], limit: int) -> tuple[Match, ...]:
        """The best of each family (a national offer and its local forms), with its relay."""
        covered = hearing.judgement.of("territory") == YES
        families: dict[str, list[Ranked]] = {}
        for one in ranked:
            families.setdefault(self.index.family_of(one.row), []).append(one)
        heads = [next((m for m in f if covered[m.row]), f[0]) for f in families.values()]
        heads = sorted(heads, key=lambda one: (-one.score, one.row))[:limit]
        explainer = Explainer(hearing)
        return tuple(
            self._match(hearing, explainer, rank, head, families[self.index.family_of(head.row)])
            for rank, head in enumerate(heads, start=1)
        )

    def _match(
        self,
        hearing: Hearing,
        explainer: Explainer,
        rank: int,
        one: Ranked,
        family: Sequence[Ranked],
    ) -> Match:
        offer = self.index.offers[one.row]
        types = set(offer.need_types)
        facets = hearing.understanding.facets
        return Match(
            offer=offer,
            rank=rank,
            score=one.score,
            verdict=Verdict(int(hearing.judgement.verdicts[one.row])),
            reasons=explainer.reasons(one.row, one.contributions),
            checks=hearing.judgement.rulings(one.row, Verdict.TO_CHECK),
            relay=self._relay(hearing, offer, family),
            facets=tuple(i for i, f in enumerate(facets) if types & f.need_types.keys()),
            features=dict(zip(FEATURES, map(float, one.features), strict=True)),
        )

    def _relay(self, hearing: Hearing, offer: Offer, family: Sequence[Ranked]) -> Relay | None:
        """Who answers nearest: the most local admissible form of the offer, else its network."""
        covered = hearing.judgement.of("territory") == YES
        forms = [self.index.offers[m.row] for m in family if covered[m.row]]
        nearest = max(
            (o for o in forms if o.national_offer is not None),
            key=lambda o: (nearness(o.territories, hearing.need.place), o.id),
            default=None,
        )
        if nearest is None:
            return offer.relay
        return Relay(nearest.provider.name, nearest.id, nearest.url)

    def _near_misses(self, hearing: Hearing) -> tuple[NearMiss, ...]:
        """The best offers that one rule alone excludes, at most two for the same rule."""
        rows = hearing.best(hearing.judgement.near_misses, CANDIDATES // 4)
        found: list[NearMiss] = []
        told: Counter[str] = Counter()
        for one in self._ranked(hearing, rows):
            if one.score < SURE or len(found) == NEAR_MISSES:
                break
            (ruling,) = hearing.judgement.rulings(one.row, Verdict.INELIGIBLE)
            told[ruling.rule] += 1
            if told[ruling.rule] <= NEAR_MISSES_A_RULE:
                offer = self.index.offers[one.row]
                successor = self.index.rows.get(offer.successor or "")
                after = None if successor is None else self.index.offers[successor]
                found.append(NearMiss(offer, one.score, ruling, after))
        return tuple(found)

    def _fallback(self, hearing: Hearing) -> Match | None:
        """The nearest admissible generalist: surely covering first, then the most local."""
        rows = np.flatnonzero(hearing.admissible & self.index.generalists)
        verdicts, place = hearing.judgement.verdicts, hearing.need.place
        covered = hearing.judgement.of("territory")

        def nearest(one: Ranked) -> tuple[int, float, int, float]:
            near = nearness(self.index.offers[one.row].territories, place)
            return int(covered[one.row]), near, int(verdicts[one.row]), one.score

        ranked = sorted(self._ranked(hearing, rows), key=nearest, reverse=True)[:1]
        return next(iter(self._matches(hearing, ranked, 1)), None)

    def _heard(self, hearing: Hearing) -> bool:
        """Does the need speak like those of some need type, or like some admissible offer?"""
        passages = self.index.type_expressions
        by_type = passages.mean_of_best(passages.lexical.scores(hearing.query.tokens))
        by_offer = hearing.signals.table[TEXT, hearing.admissible]
        return bool(
            by_type.max(initial=0) >= HEARD_AS_TYPE or by_offer.max(initial=0) >= HEARD_AS_OFFER
        )


class Ranked(NamedTuple):
    """A row of the index, its score, its features and what each moved (log-odds)."""

    row: int
    score: float
    features: Floats
    contributions: Floats


def _missing(matches: Sequence[Match]) -> tuple[str, ...]:
    """The facts about the actor that would settle most doubts among the matches."""
    doubts = Counter(fact for m in matches for fact in {c.fact for c in m.checks})
    asked = sorted((f for f in ASKABLE if doubts[f]), key=lambda f: (-doubts[f], ASKABLE.index(f)))
    return tuple(asked[:QUESTIONS])
