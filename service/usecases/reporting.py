"""The evaluation report: every figure on needs held out from training, and the learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.compare import by_need, difference, f1, reliability, slices
from evaluation.corpus import Collection, JudgedNeed, read_collection
from evaluation.curve import curve_svg
from evaluation.measure import Measurement, measure
from evaluation.rivals import rival_encoders
from matching.domain import ActorProfile, Place
from matching.eligibility import DATE_RULES
from matching.matcher import Matcher
from matching.precedents import Precedent
from matching.text import offer_text
from service.catalogue import Step
from service.usecases.learning import World, learn

if TYPE_CHECKING:
    from matching.training.ranker import Trained

RIVALS = ("plain", "hybrid", "text", "bm25", "dense", "random")
CURVE = (50, 100, 200, 400)
"""How many judged needs the learning curve stops at, before all of them."""
OLD_CODES = {
    "partenariats": "partenariats-alliances",
    "locaux-materiel": "immobilier-locaux",
    "numerique-donnees": "numerique-donnees-personnelles",
}
"""Need types as an earlier frame called them."""
SEED = 0


def report(
    world: World, held_out: Path, step: Step = lambda *_: None
) -> tuple[dict[str, Any], str]:
    """Figures as JSON values, and the learning curve as SVG.

    What is measured is learned here, from the judged needs of `world` alone.
    """
    collection = read_collection(held_out, world.gazetteer.place)
    trained = learn(world, world.judged, version="measured")
    matcher = world.matcher(world.judged, trained.learned)
    measured = {name: _measure(matcher, collection, name) for name in ("full", *RIVALS)}
    texts = [offer_text(o) for o in world.index.offers]
    for name, encoder in rival_encoders(texts).items():
        rival = Matcher.build([replace(o, expressions=()) for o in world.index.offers], (), encoder)
        measured[name] = _measure(rival, collection, "dense")
    points = _curve(world, collection, measured["full"], step)
    found = {
        "held_out": len(collection.needs),
        "judged": len(world.judged),
        "encoder": world.encoder.name,
        "systems": {n: _figures(m, measured["full"], collection) for n, m in measured.items()},
        "abstention": _abstention(measured["full"]),
        "excluded": dict(measured["full"].excluded),
        "need_types": _types(matcher, collection),
        "slices": _slices(measured["full"], collection),
        "cross_validation": cross_validation(world, trained),
        "curve": [{"judged": n, "ndcg@10": a, "p@1": b} for n, a, b in points],
    }
    svg = curve_svg(
        "Plus de besoins jugés, de meilleures réponses",
        "besoins jugés pour apprendre",
        {"nDCG@10": [(n, a) for n, a, _ in points], "P@1": [(n, b) for n, _, b in points]},
    )
    return found, svg


def cross_validation(world: World, trained: Trained) -> dict[str, Any]:
    """What was foreseen of each training need by trees that had not seen it."""
    table, judged = trained.examples, world.judged
    ends = np.cumsum(table.sizes)
    run, qrels = {}, {p.id: p.grades for p in judged}
    for number, precedent in enumerate(judged):
        pairs = slice(ends[number] - table.sizes[number], ends[number])
        ids = [world.index.offers[r].id for r in table.rows[pairs].tolist()]
        foreseen = trained.foreseen[pairs]
        order = np.argsort(-foreseen, kind="stable")
        run[precedent.id] = [(ids[i], float(foreseen[i])) for i in order]
    scores = by_need(qrels, run)
    own = slice(0, ends[len(judged) - 1])
    calibrated = reliability(trained.foreseen[own], table.grades[own] >= 2)
    helped = np.array([any(p.grades.values()) for p in judged])
    refused = trained.answerable[: len(judged)] < trained.learned.doubt.threshold
    return {
        "needs": int(helped.sum()),
        **{name: _mean(values) for name, values in scores.items()},
        "calibration_error": round(calibrated.error, 4),
        "reliability": [[round(p, 3), round(s, 3), n] for p, s, n in calibrated.bins],
        "refused_of_unanswerable": round(float(refused[~helped].mean()), 4),
        "refused_of_answerable": round(float(refused[helped].mean()), 4),
        "slices": _cut(scores["ndcg@10"], {p.id: p for p in judged}),
    }


def _measure(matcher: Matcher, collection: Collection, system: str) -> Measurement:
    return measure(
        matcher, collection.needs, collection.qrels, system_name=system, ignoring=DATE_RULES
    )


def _figures(one: Measurement, full: Measurement, collection: Collection) -> dict[str, Any]:
    """Mean scores, and how far the whole matcher is above, with its 95 % interval."""
    ours = by_need(collection.qrels, full.run)["ndcg@10"]
    theirs = by_need(collection.qrels, one.run)["ndcg@10"]
    gap = difference(ours, theirs, seed=SEED)
    return {
        **{name: round(score, 4) for name, score in one.scores.items()},
        "violations": one.violations,
        "full_above": [round(gap.mean, 4), round(gap.low, 4), round(gap.high, 4)],
    }


def _abstention(full: Measurement) -> dict[str, int]:
    found = full.abstention
    if found is None:
        return {}
    return {
        "unanswerable": found.unanswerable,
        "refused": found.refused,
        "answerable": found.answerable,
        "wrongly_refused": found.wrongly_refused,
    }


def _types(matcher: Matcher, collection: Collection) -> dict[str, float]:
    truth, found = [], []
    for judged in collection.needs:
        label = collection.labels.get(judged.id)
        if label is not None and any(collection.qrels.get(judged.id, {}).values()):
            truth.append(frozenset(OLD_CODES.get(c, c) for c in label.need_types))
            heard = matcher.hear(judged.need, judged.today)
            found.append(frozenset(heard.understanding.need_types))
    micro, macro = f1(truth, found)
    return {"micro_f1": round(micro, 4), "macro_f1": round(macro, 4)}


def _slices(full: Measurement, collection: Collection) -> dict[str, Any]:
    needs = {n.id: _as_precedent(n, collection) for n in collection.needs}
    return _cut(by_need(collection.qrels, full.run)["ndcg@10"], needs)


def _as_precedent(judged: JudgedNeed, collection: Collection) -> Precedent:
    label = collection.labels.get(judged.id)
    types = label.need_types if label else ()
    return Precedent(judged.id, judged.need, {}, tuple(OLD_CODES.get(c, c) for c in types))


def _cut(scores: Mapping[str, float], needs: Mapping[str, Precedent]) -> dict[str, Any]:
    cuts = slices(
        scores,
        {
            "profile": lambda i: needs[i].need.actor.kind,
            "size_class": lambda i: _size(needs[i].need.actor),
            "region": lambda i: _region(needs[i].need.place),
            "need_type": lambda i: next(iter(needs[i].need_types), None),
            "facets": lambda i: "several" if len(needs[i].need_types) > 1 else "one",
        },
    )
    return {
        name: {value: [count, round(mean, 4)] for value, (count, mean) in values.items()}
        for name, values in cuts.items()
    }


def _size(actor: ActorProfile) -> str:
    return actor.size_class or "unknown"


def _region(place: Place | None) -> str:
    codes = place.within if place else ()
    return next((c for c in sorted(codes) if c.startswith("REG-")), "unknown")


def _curve(
    world: World, collection: Collection, full: Measurement, step: Step
) -> Sequence[tuple[int, float, float]]:
    """Scores of what fewer judged needs teach, drawn in one seeded order."""
    order = np.random.default_rng(SEED).permutation(len(world.judged))
    points = []
    for count in (n for n in CURVE if n < len(world.judged)):
        step("courbe", count, len(world.judged))
        some = [world.judged[i] for i in order[:count]]
        learned = learn(world, some, version="curve").learned
        scores = _measure(world.matcher(some, learned), collection, "full").scores
        points.append((count, round(scores["ndcg@10"], 4), round(scores["p@1"], 4)))
    last = (round(full.scores["ndcg@10"], 4), round(full.scores["p@1"], 4))
    return [*points, (len(world.judged), *last)]


def _mean(values: Mapping[str, float]) -> float:
    return round(float(np.mean(list(values.values()))), 4)
