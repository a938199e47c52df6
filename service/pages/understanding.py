"""Voici ce que nous avons compris: what is shown of it, to be corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matching.domain import Answer, Said
from service.catalogue import Catalogue
from service.wording import QUESTIONS, Wording


@dataclass(frozen=True, slots=True)
class Theme:
    """A need type that was understood, and the person's own words that speak for it."""

    code: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Understood:
    """`others` are the need types that may be added: family -> code -> label."""

    themes: tuple[Theme, ...]
    others: Mapping[str, Mapping[str, str]]
    urgent: bool
    place: str | None
    notice: str | None
    profile: str | None
    size: str | None
    questions: Mapping[str, str]
    said: tuple[Said, ...]
    corrected: bool


def understood_of(answer: Answer, catalogue: Catalogue, wording: Wording) -> Understood:
    found, need, labels = answer.understanding, answer.need, wording.labels
    size = need.actor.size_class
    return Understood(
        themes=tuple(
            Theme(code, labels.label("need_types", code), ", ".join(found.evidence.get(code, ())))
            for code in found.need_types
        ),
        others=_others(answer, catalogue, wording),
        urgent=found.axis == "urgence",
        place=need.place.name if need.place else None,
        notice=need.place.notice if need.place else None,
        profile=labels.label("profiles", need.actor.kind) if need.actor.kind else None,
        size=labels.label("size_classes", size) if size else None,
        questions={f: wording.say(QUESTIONS[f]) for f in found.missing if f in ASKED},
        said=found.said,
        corrected=need.correction is not None,
    )


ASKED: Mapping[str, str] = {
    "commune": "commune",
    "profile": "profile",
    "employees": "employees",
}
"""A fact that the form asks -> its field there."""


def _others(
    answer: Answer, catalogue: Catalogue, wording: Wording
) -> Mapping[str, Mapping[str, str]]:
    frame, labels = catalogue.frame, wording.labels
    families: dict[str, dict[str, str]] = {}
    for code, found in frame.codes("need_types").items():
        if code not in answer.understanding.need_types:
            family = labels.label("families", found.facts["family"])
            families.setdefault(family, {})[code] = labels.label("need_types", code)
    return families
