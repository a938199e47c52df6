"""Measuring on judged needs: the folder's own catalogue, or the one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.frames import load_frame
from data.territories import Gazetteer
from evaluation.corpus import Collection, read_collection
from evaluation.measure import Measurement, measure
from matching.eligibility import DATE_RULES, RULES
from matching.index import ExactIndex
from matching.learned import load_learned
from matching.matcher import Matcher
from matching.precedents import Precedents
from service.catalogue import Step, judged_needs, make_encoder, remembering, shipped_matcher
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class EvaluationOrder:
    folder: Path
    system: str = "full"
    depth: int = 100
    ignore_dates: bool = False
    ignore_eligibility: bool = False

    @property
    def ignoring(self) -> frozenset[str]:
        """The rules to leave out."""
        if self.ignore_eligibility:
            return frozenset(rule.code for rule in RULES)
        return DATE_RULES if self.ignore_dates else frozenset()


def evaluate_folder(
    settings: Settings, order: EvaluationOrder, step: Step = lambda *_: None
) -> tuple[Collection, Measurement]:
    """Index the folder's corpus alone, or the shipped inventory where it has none, and measure."""
    collection = read_collection(order.folder, Gazetteer.load().place)
    measured = measure(
        _matcher(settings, collection),
        collection.needs,
        collection.qrels,
        system_name=order.system,
        depth=order.depth,
        ignoring=order.ignoring,
        progress=lambda done, total: step("besoins", done, total),
    )
    return collection, measured


def _matcher(settings: Settings, collection: Collection) -> Matcher:
    if collection.offers is None:
        return shipped_matcher(settings)
    need_types = load_frame().need_types()
    encoder = make_encoder(settings.encoder, collection.offers, need_types)
    # The vectors of the frame and of the judged needs ship: only the folder's texts are encoded.
    known = remembering(settings, encoder)
    index = ExactIndex.build(collection.offers, need_types, known)
    memory = Precedents.build(judged_needs(Gazetteer.load()), known, index)
    return Matcher(index, encoder, precedents=memory, learned=load_learned())


def record(order: EvaluationOrder, collection: Collection, measured: Measurement) -> dict[str, Any]:
    """The measurement as JSON values; scores rounded to a ten-thousandth."""
    abstention = measured.abstention
    return {
        "dataset": order.folder.name,
        "system": measured.system,
        "ignoring": sorted(order.ignoring),
        "needs": measured.needs,
        "answerable": measured.answerable,
        **{name: round(score, 4) for name, score in measured.scores.items()},
        "violations": measured.violations,
        "pairs": measured.pairs,
        "excluded": dict(measured.excluded),
        "abstention": abstention
        and {
            "unanswerable": abstention.unanswerable,
            "refused": abstention.refused,
            "answerable": abstention.answerable,
            "wrongly_refused": abstention.wrongly_refused,
        },
        "ms_per_need": {
            "median": round(measured.ms_median, 2),
            "mean": round(measured.ms_mean, 2),
        },
        "notices": list(collection.notices),
    }
