"""Filters of the ranked list: chips that are links, so that an address holds what was chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from matching.domain import Match
from service.typography import marked
from service.wording import VERDICTS, Wording


@dataclass(frozen=True, slots=True)
class Chip:
    """A value to keep the list to; `address` chooses it, or lets it go when it is chosen."""

    label: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """`values` are those of a match; `named` says one of them."""

    label: str
    values: Callable[[Match], tuple[str, ...]]
    named: Callable[[Wording, str], str]


def _one(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _label(list_name: str) -> Callable[[Wording, str], str]:
    return lambda wording, code: wording.labels.label(list_name, code)


_VERDICTS = {verdict.code: words for verdict, words in VERDICTS.items()}

FILTERS: Mapping[str, Filter] = {
    "verdict": Filter(
        marked("Conditions"),
        lambda m: (m.verdict.code,),
        lambda w, code: w.say(_VERDICTS.get(code, code)),
    ),
    "cout": Filter(marked("Coût"), lambda m: _one(m.offer.cost), _label("costs")),
    "forme": Filter(marked("Forme d’aide"), lambda m: _one(m.offer.kind), _label("kinds")),
    "canal": Filter(marked("Comment"), lambda m: _one(m.offer.channel), _label("channels")),
    "theme": Filter(marked("Thème"), lambda m: m.offer.need_types, _label("need_types")),
}
"""Name in the address -> filter."""


def chosen_in(query: Mapping[str, str]) -> dict[str, str]:
    return {name: query[name] for name in FILTERS if query.get(name)}


def kept(matches: Sequence[Match], chosen: Mapping[str, str]) -> tuple[Match, ...]:
    """The matches that pass every chosen filter."""
    return tuple(m for m in matches if all(v in FILTERS[f].values(m) for f, v in chosen.items()))


def groups_of(
    matches: Sequence[Match],
    chosen: Mapping[str, str],
    wording: Wording,
    *,
    themes: Sequence[str],
    anchor: str,
) -> tuple[Group, ...]:
    """The filters that would change something, each value with how many it would leave.

    `themes` are the need types worth a chip; `anchor` is where in the page a chip leads.
    """
    found = []
    for name, one in FILTERS.items():
        others = {f: v for f, v in chosen.items() if f != name}
        among = kept(matches, others)
        counts = Counter(value for match in among for value in one.values(match))
        values = [v for v, _ in counts.most_common() if name != "theme" or v in themes]
        at = chosen.get(name)
        if at is not None and at not in values:
            values.append(at)
        if at is None and all(counts[v] == len(among) for v in values):
            continue
        chips = tuple(
            Chip(
                one.named(wording, value),
                counts[value],
                _address(others if value == at else {**others, name: value}, anchor),
                value == at,
            )
            for value in values
        )
        found.append(Group(wording.say(one.label), chips))
    return tuple(found)


def _address(chosen: Mapping[str, str], anchor: str) -> str:
    return f"?{urlencode(chosen)}#{anchor}"
