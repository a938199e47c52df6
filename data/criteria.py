"""Who an offer is for, as lines of text that a person reads and that are read back exactly.

A format whose criteria are a text holds by them what it has no column for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from data.fields import Reading
from data.territories import TYPED
from data.values import count, truth
from matching.domain import Offer

_CODE = re.compile(rf"\((?:{TYPED.pattern})\)")


@dataclass(frozen=True, slots=True)
class Criterion:
    """`words` begin the line, before a colon. `read` gives a raw value, or raises ValueError."""

    words: str
    write: Callable[[Any, Reading], str]
    read: Callable[[str, Reading], Any]


def _profiles(text: str, reading: Reading) -> list[str]:
    codes = {found.label: code for code, found in reading.frame.codes("profiles").items()}
    return _known(text.split(" ; "), codes)


def _sections(text: str, reading: Reading) -> list[str]:
    return _known(text.split(", "), {code: code for code in reading.frame.codes("naf_sections")})


def _known(words: list[str], codes: Mapping[str, str]) -> list[str]:
    if unknown := [w for w in words if w not in codes]:
        raise ValueError(", ".join(unknown))
    return [codes[w] for w in words]


def _places(text: str, _: Reading) -> list[str]:
    if not (codes := [found.group()[1:-1] for found in _CODE.finditer(text)]):
        raise ValueError(text)
    return codes


def _name(code: str, reading: Reading) -> str:
    return reading.gazetteer.get(code).name if code in reading.gazetteer else "territoire"


def _number(words: str) -> Criterion:
    return Criterion(words, lambda n, _: str(n), lambda text, _: count(text))


CRITERIA: Mapping[str, Criterion] = {
    "audiences": Criterion(
        "Publics",
        lambda codes, r: " ; ".join(r.frame.label("profiles", c) for c in sorted(codes)),
        _profiles,
    ),
    "territories": Criterion(
        "Territoires",
        lambda codes, r: ", ".join(f"{_name(c, r)} ({c})" for c in sorted(codes)),
        _places,
    ),
    "employees_min": _number("Nombre de salariés au moins"),
    "employees_max": _number("Nombre de salariés au plus"),
    "volunteer_only_ok": Criterion(
        "Ouvert aux structures sans salarié",
        lambda yes, _: "oui" if yes else "non",
        lambda text, _: truth(text),
    ),
    "naf_sections": Criterion(
        "Secteurs d’activité (sections NAF)", lambda codes, _: ", ".join(sorted(codes)), _sections
    ),
    "age_months_min": _number("Mois d’existence au moins"),
    "age_months_max": _number("Mois d’existence au plus"),
    "population_max": _number("Habitants de la commune au plus"),
}
"""Field of an offer -> the line that says it."""
_BY_WORDS = {criterion.words: field for field, criterion in CRITERIA.items()}


def lines_of(offer: Offer, reading: Reading, *, said: Collection[str] = ()) -> Iterator[str]:
    """A line for each fact of the offer that is known, but those that are `said` elsewhere."""
    for field, criterion in CRITERIA.items():
        value = getattr(offer, field)
        if value is not None and value != frozenset() and field not in said:
            yield f"{criterion.words} : {criterion.write(value, reading)}"


def fact_of(line: str, reading: Reading) -> tuple[str, Any] | None:
    """(Field, raw value) of a line of ours; None of any other text."""
    words, colon, text = line.partition(" : ")
    if not colon or words not in _BY_WORDS:
        return None
    field = _BY_WORDS[words]
    try:
        return field, CRITERIA[field].read(text, reading)
    except ValueError:
        return None
