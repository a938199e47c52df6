"""Numbers from ranked lists: ir-measures does the sums (trec_eval's definitions)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from time import perf_counter

from evaluation.corpus import JudgedNeed, Qrels
from evaluation.systems import Ranking, Task, system
from evaluation.violations import broken_rules
from matching.matcher import Matcher

MEASURES = ("nDCG@10", "R@10", "R@50", "RR@10", "P@1")
KEYS = {
    "nDCG@10": "ndcg@10",
    "R@10": "recall@10",
    "R@50": "recall@50",
    "RR@10": "mrr@10",
    "P@1": "p@1",
}
Run = Mapping[str, Ranking]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Of needs that no offer answers, how many were refused; of the others, how many wrongly."""

    unanswerable: int
    refused: int
    answerable: int
    wrongly_refused: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """`scores` are means over the `answerable` needs; times are in milliseconds a need.

    `excluded`: the answers that advisers graded and that each rule keeps away, its false negatives.
    """

    system: str
    needs: int
    answerable: int
    scores: Mapping[str, float]
    violations: int
    pairs: int
    excluded: Mapping[str, int]
    abstention: Abstention | None
    ms_median: float
    ms_mean: float
    run: Run


def measure(
    matcher: Matcher,
    needs: Sequence[JudgedNeed],
    qrels: Qrels,
    *,
    system_name: str = "full",
    depth: int = 100,
    ignoring: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> Measurement:
    """Rank every need with one system and score it; `depth` 0 keeps the whole admissible set."""
    rank = system(system_name)
    run: dict[str, Ranking] = {}
    refused: set[str] = set()
    spent = []
    for done, judged in enumerate(needs, start=1):
        started = perf_counter()
        ranking = rank(matcher, Task(judged, ignoring))
        spent.append((perf_counter() - started) * 1000)
        run[judged.id] = ranking[:depth] if depth else ranking
        if system_name == "full" and not matcher.match(judged.need, today=judged.today).sure:
            refused.add(judged.id)
        progress(done, len(needs))
    answerable = {n.id for n in needs if any(qrels.get(n.id, {}).values())}
    unanswerable = {n.id for n in needs} - answerable
    pairs = [(n, offer_id) for n in needs for offer_id, _ in run[n.id]]
    return Measurement(
        system=system_name,
        needs=len(needs),
        answerable=len(answerable),
        scores=_scores({i: qrels[i] for i in answerable}, run),
        violations=sum(_breaks(matcher, n, offer_id, ignoring) for n, offer_id in pairs),
        pairs=len(pairs),
        excluded=_excluded(matcher, needs, qrels, ignoring),
        abstention=Abstention(
            len(unanswerable),
            len(refused & unanswerable),
            len(answerable),
            len(refused & answerable),
        )
        if system_name == "full"
        else None,
        ms_median=median(spent) if spent else 0.0,
        ms_mean=mean(spent) if spent else 0.0,
        run=run,
    )


def _breaks(matcher: Matcher, judged: JudgedNeed, offer_id: str, ignoring: Collection[str]) -> bool:
    return not _broken(matcher, judged, offer_id) <= set(ignoring)


def _excluded(
    matcher: Matcher, needs: Sequence[JudgedNeed], qrels: Qrels, ignoring: Collection[str]
) -> Mapping[str, int]:
    """How many graded answers each rule excludes; an answer that two rules exclude counts twice."""
    told = Counter(
        rule
        for judged in needs
        for offer_id, grade in qrels.get(judged.id, {}).items()
        if grade and offer_id in matcher.index.rows
        for rule in _broken(matcher, judged, offer_id) - set(ignoring)
    )
    return dict(sorted(told.items()))


def _broken(matcher: Matcher, judged: JudgedNeed, offer_id: str) -> set[str]:
    offer = matcher.index.offers[matcher.index.rows[offer_id]]
    return set(broken_rules(judged.need, offer, judged.today))


def _scores(qrels: Qrels, run: Run) -> Mapping[str, float]:
    import ir_measures

    if not qrels:
        return {}
    measures = [ir_measures.parse_measure(m) for m in MEASURES]
    ranked = {need_id: dict(strictly_decreasing(r)) for need_id, r in run.items()}
    sums = ir_measures.calc_aggregate(measures, qrels, ranked)
    return {KEYS[str(m)]: float(sums[m]) for m in measures}


def strictly_decreasing(ranking: Ranking) -> Ranking:
    """The same order with scores that leave no tie: trec_eval re-sorts ties by id."""
    lowered: Ranking = []
    least = float("inf")
    for offer_id, score in ranking:
        least = min(score, least - 1e-6)
        lowered.append((offer_id, least))
    return lowered


def write_run(run: Run, path: Path, tag: str) -> None:
    """Write ranked lists in TREC format: need, Q0, offer, rank, score, tag."""
    with path.open("w", encoding="utf-8") as out:
        for need_id, ranking in run.items():
            for rank, (offer_id, score) in enumerate(strictly_decreasing(ranking), start=1):
                out.write(f"{need_id} Q0 {offer_id} {rank} {score:.6f} {tag}\n")
