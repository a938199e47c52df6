"""The story: qualify, filter, retrieve, rank, explain, assemble. READ THIS FIRST."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from matching.assemble import assemble
from matching.domain import (
    Answer,
    Bundle,
    Match,
    NearMiss,
    Need,
    NeedType,
    Offer,
    Reason,
    Relay,
    Verdict,
)
from matching.doubt import PLAIN_DOUBT, Doubt, signs
from matching.encoder import Encoder, Floats
from matching.explain import Explainer
from matching.features import FEATURES, measure
from matching.hearing import Hearing, Rows
from matching.index import ExactIndex
from matching.learned import Learned
from matching.nearness import nearness
from matching.precedents import Precedent, Precedents
from matching.qualify import Qualifier
from matching.ranker import PLAIN_RANKER, Ranker
from matching.said import PlaceReader, with_said

CANDIDATES = 100
"""How many offers retrieval hands to the ranker."""
KNOWN = 0.5
"""The share of a catalogue that judged needs must speak of, for what they taught of doubt."""
ASKABLE = ("commune", "profile", "employees", "naf_section", "founded_on")
"""Facts about the actor that may settle a doubt, and that a person can be asked."""
QUESTIONS = 2
NEAR_MISSES, NEAR_MISSES_A_RULE = 3, 2
CREDIBLE = 0.30
"""Least score of a near miss worth telling."""
UNSURE_MATCHES = 3
WORTH_TELLING = 0.05
"""The least share of the best score at which an answer is worth telling."""


class Matcher:
    """Answers needs over one catalogue. Holds no state but its index; reads no clock."""

    def __init__(
        self,
        index: ExactIndex,
        encoder: Encoder,
        *,
        precedents: Precedents | None = None,
        learned: Learned | None = None,
        versions: Mapping[str, str] | None = None,
        read_place: PlaceReader = lambda _: None,
    ) -> None:
        self.index = index
        self.precedents = precedents or Precedents.build((), encoder, index)
        self.encoder = encoder
        self.read_place = read_place
        # What was learned of the vectors of one encoder says nothing of those of another.
        learned = learned if learned and learned.encoder == encoder.name else None
        known = len(self.precedents.rows) / max(len(index.offers), 1)
        self.ranker: Ranker = learned.ranker if learned else PLAIN_RANKER
        self.doubt: Doubt = learned.doubt if learned and known >= KNOWN else PLAIN_DOUBT
        reading = learned.types if learned else None
        self.qualifier = Qualifier(
            index.need_types, index.type_expressions, self.precedents, reading
        )
        self.versions = {**(versions or {}), "encoder": encoder.name, "ranker": self.ranker.version}

    @classmethod
    def build(
        cls,
        offers: Sequence[Offer],
        need_types: Sequence[NeedType],
        encoder: Encoder,
        judged: Sequence[Precedent] = (),
        learned: Learned | None = None,
    ) -> Matcher:
        index = ExactIndex.build(offers, need_types, encoder)
        precedents = Precedents.build(judged, encoder, index)
        return cls(index, encoder, precedents=precedents, learned=learned)

    def match(self, need: Need, *, today: date | None, limit: int = 10) -> Answer:
        """The ranked, explained answer to a need, as of `today`."""
        return self.match_and_generalist(need, today=today, limit=limit, naming=False)[0]

    def match_and_generalist(
        self,
        need: Need,
        *,
        today: date | None,
        limit: int = 10,
        naming: bool = True,
        among: Collection[str] | None = None,
    ) -> tuple[Answer, Match | None]:
        """The answer, and the nearest generalist however sure it is: the need is heard once.

        `among`: the ids that another `SearchIndex` proposes; every admissible offer if not said.
        """
        need, said = with_said(need, self.read_place)
        hearing = self.hear(need, today)
        rows = np.flatnonzero(hearing.admissible)
        if among is not None:
            rows = np.intersect1d(rows, [self.index.rows[i] for i in among]).astype(np.intp)
        excluded = hearing.best(hearing.judgement.near_misses, CANDIDATES // 4)
        # Measured together: what a measure costs hardly depends on how many it measures.
        both = self._ranked(hearing, np.append(hearing.best(rows, CANDIDATES), excluded))
        ranked = [one for one in both if hearing.admissible[one.row]]
        missed = [one for one in both if not hearing.admissible[one.row]]
        matches = self._matches(hearing, ranked, limit)
        seen = signs(hearing, np.array([one.score for one in ranked], np.float32))
        sure = bool(matches) and self.doubt.sure(seen)
        shown = matches if sure else matches[: UNSURE_MATCHES * self.doubt.heard(seen)]
        understanding = replace(hearing.understanding, missing=_missing(shown), said=said)
        generalist = self._fallback(hearing) if naming or not sure else None
        answer = Answer(
            need=need,
            understanding=understanding,
            matches=shown,
            near_misses=self._near_misses(hearing, missed) if sure else (),
            bundle=assemble(matches, understanding) if sure else Bundle(),
            sure=sure,
            fallback=None if sure else generalist,
            admissible=int(hearing.admissible.sum()),
            versions=self.versions,
        )
        return answer, generalist

    def ranking(
        self,
        need: Need,
        *,
        today: date | None,
        ignoring: Collection[str] = (),
        leaving_out: Collection[str] = (),
    ) -> list[tuple[str, float]]:
        """Every admissible offer with its score, best first: what evaluation measures.

        The ranker sees them all, and a national offer stays beside its local form. Rules to
        ignore and judged needs to forget are left out.
        """
        hearing = self.hear(with_said(need, self.read_place)[0], today, ignoring, leaving_out)
        ranked = self._ranked(hearing, np.flatnonzero(hearing.admissible))
        return [(self.index.offers[one.row].id, one.score) for one in ranked]

    def generalist(self, need: Need, *, today: date | None) -> Match | None:
        """The nearest generalist for a need, however sure its answer is."""
        return self._fallback(self.hear(with_said(need, self.read_place)[0], today))

    def hear(
        self,
        need: Need,
        today: date | None,
        ignoring: Collection[str] = (),
        leaving_out: Collection[str] = (),
    ) -> Hearing:
        parts = (self.index, self.encoder, self.qualifier, self.precedents)
        return Hearing.of(need, today, *parts, ignoring, leaving_out)

    def _ranked(self, hearing: Hearing, rows: Rows) -> list[Ranked]:
        """These rows with their score and features, best first."""
        features = measure(hearing.candidates(rows))
        # Equal offers may differ by a last bit, for where they lie in memory: verdicts, then ids,
        # decide.
        scores = np.round(self.ranker.scores(features), 5)
        order = np.lexsort((rows, -hearing.judgement.verdicts[rows], -scores))
        found = zip(rows[order].tolist(), scores[order].tolist(), features[order], strict=True)
        return [Ranked(*one) for one in found]

    def _matches(self, hearing: Hearing, ranked: Sequence[Ranked], limit: int) -> tuple[Match, ...]:
        """The best of each family (a national offer and its local forms), with its relay."""
        families: dict[str, list[Ranked]] = {}
        for one in ranked:
            families.setdefault(self.index.families[one.row], []).append(one)
        first = {
            next((m for m in f if hearing.covered[m.row]), f[0]).row for f in families.values()
        }
        heads = [one for one in ranked if one.row in first][:limit]
        if not heads:
            return ()
        heads = [one for one in heads if one.score >= WORTH_TELLING * heads[0].score]
        explainer = Explainer(hearing)
        moved = self.ranker.contributions(np.stack([head.features for head in heads]))
        return tuple(
            self._match(
                hearing,
                rank,
                head,
                contributions,
                explainer.reasons(head.row, contributions),
                families[self.index.families[head.row]],
            )
            for rank, (head, contributions) in enumerate(zip(heads, moved, strict=True), start=1)
        )

    def _match(
        self,
        hearing: Hearing,
        rank: int,
        one: Ranked,
        contributions: Floats,
        reasons: tuple[Reason, ...],
        family: Sequence[Ranked],
    ) -> Match:
        offer = self.index.offers[one.row]
        types = set(offer.need_types)
        facets = hearing.understanding.facets
        rulings = hearing.judgement.rulings(one.row)
        return Match(
            offer=offer,
            rank=rank,
            score=one.score,
            verdict=Verdict(int(hearing.judgement.verdicts[one.row])),
            reasons=reasons,
            checks=tuple(r for r in rulings if r.verdict is Verdict.TO_CHECK),
            relay=self._relay(hearing, offer, family),
            facets=tuple(i for i, f in enumerate(facets) if types & f.need_types.keys()),
            features=dict(zip(FEATURES, one.features.tolist(), strict=True)),
            contributions=dict(zip(FEATURES, contributions.tolist(), strict=True)),
            rulings=rulings,
        )

    def _relay(self, hearing: Hearing, offer: Offer, family: Sequence[Ranked]) -> Relay | None:
        """Who answers nearest: the most local admissible form of the offer, else its network."""
        forms = [self.index.offers[m.row] for m in family if hearing.covered[m.row]]
        nearest = max(
            (o for o in forms if o.national_offer is not None),
            key=lambda o: (nearness(o.territories, hearing.need.place), o.id),
            default=None,
        )
        if nearest is None:
            return offer.relay
        return Relay(nearest.provider.name, nearest.id, nearest.url)

    def _near_misses(self, hearing: Hearing, missed: Sequence[Ranked]) -> tuple[NearMiss, ...]:
        """The best of the offers that one rule alone excludes, at most two for the same rule."""
        found: list[NearMiss] = []
        told: Counter[str] = Counter()
        for one in missed:
            if one.score < CREDIBLE or len(found) == NEAR_MISSES:
                break
            (ruling,) = hearing.judgement.rulings(one.row, Verdict.INELIGIBLE)
            offer = self.index.offers[one.row]
            successor = self.index.rows.get(offer.successor or "")
            after = None if successor is None else self.index.offers[successor]
            if ruling.rule == "status" and after is None:
                continue  # What is closed is history, unless something follows it.
            told[ruling.rule] += 1
            if told[ruling.rule] <= NEAR_MISSES_A_RULE:
                found.append(NearMiss(offer, one.score, ruling, after))
        return tuple(found)

    def _fallback(self, hearing: Hearing) -> Match | None:
        """The nearest admissible generalist: surely covering first, then the most local.

        Who did not say what they are is first sent to one that is open to the most kinds of actors.
        """
        rows = np.flatnonzero(hearing.admissible & self.index.generalists)
        verdicts, place = hearing.judgement.verdicts, hearing.need.place
        covered = hearing.judgement.of("territory")
        kinds = self.index.columns.audiences.counts * (hearing.need.actor.kind is None)

        def nearest(one: Ranked) -> tuple[int, int, float, int, float]:
            row, near = one.row, nearness(self.index.offers[one.row].territories, place)
            return int(covered[row]), int(kinds[row]), near, int(verdicts[row]), one.score

        ranked = sorted(self._ranked(hearing, rows), key=nearest, reverse=True)[:1]
        return next(iter(self._matches(hearing, ranked, 1)), None)


class Ranked(NamedTuple):
    """A row of the index, its score and its features."""

    row: int
    score: float
    features: Floats


def _missing(matches: Sequence[Match]) -> tuple[str, ...]:
    """The facts about the actor that would settle most doubts among the matches."""
    doubts = Counter(fact for m in matches for fact in {c.fact for c in m.checks})
    asked = sorted((f for f in ASKABLE if doubts[f]), key=lambda f: (-doubts[f], ASKABLE.index(f)))
    return tuple(asked[:QUESTIONS])
