"""An answer as it goes out: codes for programs, sentences for people."""

from __future__ import annotations

from math import log
from typing import Literal, Self

from pydantic import Field

from matching.domain import Answer, Match, NearMiss, Need, Ruling, Verdict
from service.schemas.need_in import Explain
from service.schemas.offers import OfferOut, RelayOut
from service.schemas.places import PlaceOut
from service.schemas.strict import Strict
from service.wording import OUT_OF_SCOPE, QUESTIONS, UNSURE, VERDICTS, Wording


class ReasonOut(Strict):
    code: str
    weight: float
    evidence: list[str]
    sentence: str


class CheckOut(Strict):
    rule: str
    fact: str | None
    sentence: str

    @classmethod
    def of(cls, ruling: Ruling, sentence: str) -> Self:
        return cls(rule=ruling.rule, fact=ruling.fact, sentence=sentence)


class FeatureOut(Strict):
    """A feature of the score; `contribution`: what it moved it by, in log-odds."""

    name: str
    value: float
    contribution: float


class RuleOut(Strict):
    """What a rule of eligibility says; `fact`: what would settle a doubt."""

    rule: str
    verdict: Literal["eligible", "to_check"]
    fact: str | None


class DetailOut(Strict):
    """For who builds on the API: all that made the score and the verdict.

    score = 1 / (1 + exp(-(`base` + the sum of the contributions))).
    """

    base: float
    features: list[FeatureOut]
    rules: list[RuleOut]

    @classmethod
    def of(cls, match: Match) -> Self:
        moved = match.contributions
        odds = log(match.score / (1 - match.score)) if 0 < match.score < 1 else 0.0
        return cls(
            base=round(odds - sum(moved.values()), 3),
            features=[
                FeatureOut(name=name, value=round(value, 4), contribution=round(moved[name], 4))
                for name, value in match.features.items()
            ],
            rules=[
                RuleOut(
                    rule=r.rule,
                    verdict="eligible" if r.verdict is Verdict.ELIGIBLE else "to_check",
                    fact=r.fact,
                )
                for r in match.rulings
            ],
        )


class MatchOut(Strict):
    rank: int
    score: float
    verdict: Literal["eligible", "to_check"]
    verdict_sentence: str
    offer: OfferOut
    reasons: list[ReasonOut]
    checks: list[CheckOut]
    relay: RelayOut | None
    next_step: str
    facets: list[int]
    detail: DetailOut | None = Field(None, description="Avec explain=full seulement")

    @classmethod
    def of(cls, match: Match, need: Need, wording: Wording, *, full: bool = False) -> Self:
        return cls(
            rank=match.rank,
            score=round(match.score, 4),
            verdict="eligible" if match.verdict.code == "eligible" else "to_check",
            verdict_sentence=wording.say(VERDICTS[match.verdict]),
            offer=OfferOut.of(match.offer),
            reasons=[
                ReasonOut(
                    code=r.code,
                    weight=r.weight,
                    evidence=list(r.evidence),
                    sentence=wording.reason(r),
                )
                for r in match.reasons
            ],
            checks=[CheckOut.of(c, wording.check(c, match.offer, need)) for c in match.checks],
            relay=RelayOut.of(match.relay),
            next_step=wording.next_step(match.offer),
            facets=list(match.facets),
            detail=DetailOut.of(match) if full else None,
        )


class NearMissOut(Strict):
    """A relevant offer that one rule alone excludes, and by what it could be replaced."""

    offer: OfferOut
    score: float
    rule: str
    sentence: str
    successor: str | None

    @classmethod
    def of(cls, near: NearMiss, need: Need, wording: Wording) -> Self:
        return cls(
            offer=OfferOut.of(near.offer),
            score=round(near.score, 4),
            rule=near.ruling.rule,
            sentence=wording.near_miss(near, need),
            successor=near.successor.id if near.successor else None,
        )


class NeedTypeOut(Strict):
    code: str
    label: str
    probability: float
    evidence: list[str]


class QuestionOut(Strict):
    fact: str
    sentence: str


class FacetOut(Strict):
    text: str
    need_types: list[str]


class SaidOut(Strict):
    fact: str
    value: str
    words: str


class UnderstandingOut(Strict):
    need_types: list[NeedTypeOut]
    temporality: str | None
    axis: str | None
    facets: list[FacetOut]
    place: PlaceOut | None
    profile: str | None
    size_class: str | None
    questions: list[QuestionOut]
    said: list[SaidOut]


class StepOut(Strict):
    offer_id: str
    title: str
    urgent: bool
    facets: list[int]


class AnswerOut(Strict):
    """`sure` false: nothing found deserves trust; `fallback` names who to talk to.

    Then without any match, the need seems out of scope.
    """

    understood: UnderstandingOut
    sure: bool
    message: str | None
    matches: list[MatchOut]
    near_misses: list[NearMissOut]
    bundle: list[StepOut]
    fallback: MatchOut | None
    admissible: int
    versions: dict[str, str]

    @classmethod
    def of(cls, answer: Answer, wording: Wording, explain: Explain = "reasons") -> Self:
        need, full = answer.need, explain == "full"
        fallback = answer.fallback
        return cls(
            understood=_understood(answer, wording),
            sure=answer.sure,
            message=message_of(answer, wording),
            matches=[MatchOut.of(m, need, wording, full=full) for m in answer.matches],
            near_misses=[NearMissOut.of(n, need, wording) for n in answer.near_misses],
            bundle=[
                StepOut(
                    offer_id=s.match.offer.id,
                    title=s.match.offer.title,
                    urgent=s.urgent,
                    facets=list(s.facets),
                )
                for s in answer.bundle.steps
            ],
            fallback=MatchOut.of(fallback, need, wording, full=full) if fallback else None,
            admissible=answer.admissible,
            versions=dict(answer.versions),
        )


def message_of(answer: Answer, wording: Wording) -> str | None:
    """What is said of an answer that nothing makes sure; None of one that is."""
    if answer.sure:
        return None
    return wording.say(UNSURE if answer.matches else OUT_OF_SCOPE)


def _understood(answer: Answer, wording: Wording) -> UnderstandingOut:
    found, place, actor = answer.understanding, answer.need.place, answer.need.actor
    return UnderstandingOut(
        need_types=[
            NeedTypeOut(
                code=code,
                label=wording.labels.label("need_types", code),
                probability=round(p, 4),
                evidence=list(found.evidence.get(code, ())),
            )
            for code, p in found.need_types.items()
        ],
        temporality=found.temporality,
        axis=found.axis,
        facets=[FacetOut(text=f.text, need_types=list(f.need_types)) for f in found.facets],
        place=PlaceOut.of(place),
        profile=actor.kind,
        size_class=actor.size_class,
        questions=[QuestionOut(fact=f, sentence=wording.say(QUESTIONS[f])) for f in found.missing],
        said=[SaidOut(fact=s.fact, value=s.value, words=s.words) for s in found.said],
    )
