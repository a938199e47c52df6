"""The values everything speaks of: frozen, without behaviour beyond what their own facts imply.

Words are those of the README: a *need* meets *offers*; each gets a *verdict*; the admissible ones
are ranked into *matches*, each with its *reasons*. Codes of territories are typed (`FR`, `REG-11`,
`DEP-2A`, `EPCI-200054781`, `COM-75056`, `AREA-...`); others are those of the frame (data/frame).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum

FRANCE = "FR"


class Verdict(IntEnum):
    """Can this actor have this offer? Ordered, so that the worst rule decides with `min`."""

    INELIGIBLE = 0
    TO_CHECK = 1
    ELIGIBLE = 2

    @property
    def code(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a need is: a name to show, and the codes that surely contain it or only touch it.

    `within` holds the place's own code and all that contain it, up to `FR`; `overlapping` the
    codes that meet it without containing it (the communes of a département that was all we were
    told): an offer there is `to_check`, never dropped. `notice` says what was widened and why;
    `population` is that of the one commune that is or holds the place, None of a wider place.
    """

    code: str
    name: str
    within: frozenset[str]
    overlapping: frozenset[str] = frozenset()
    notice: str | None = None
    population: int | None = None


PROFILES = tuple(
    "association fondation cooperative entreprise-ess tpe pme collectivite porteur-de-projet"
    " independant".split()
)


@dataclass(frozen=True, slots=True)
class ActorProfile:
    """Who asks. Every fact may be missing; the size class is always derived, never asked."""

    kind: str | None = None
    employees: int | None = None
    volunteer_only: bool | None = None
    naf_section: str | None = None
    founded_on: date | None = None

    @property
    def headcount(self) -> int | None:
        """Employees in persons; volunteers only means 0."""
        return 0 if self.employees is None and self.volunteer_only else self.employees

    @property
    def is_volunteer_only(self) -> bool | None:
        """True without any employee, False with one, None when nothing says it."""
        return self.volunteer_only if self.employees is None else self.employees == 0

    @property
    def size_class(self) -> str | None:
        n = self.headcount
        if n is None:
            return None
        return next(c for c, top in SIZE_CLASSES.items() if top is None or n <= top)


SIZE_CLASSES = {"benevole": 0, "petite": 9, "moyenne": 249, "grande": None}
"""Size class -> greatest number of employees in it."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person made of what was understood: these need types and no other, this urgency."""

    need_types: frozenset[str]
    urgent: bool


@dataclass(frozen=True, slots=True)
class Need:
    """What a field actor asks, in words and facts. `need_types` is a filter the caller sets;
    `correction` takes the place of what the words would be understood as.
    """

    text: str
    actor: ActorProfile = ActorProfile()
    place: Place | None = None
    need_types: frozenset[str] = frozenset()
    correction: Correction | None = None


@dataclass(frozen=True, slots=True)
class NeedType:
    """A need type of the frame, with how people say it and what words hint at it."""

    code: str
    label: str = ""
    expressions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    temporality: str | None = None
    axis: str | None = None

    @property
    def passages(self) -> tuple[str, ...]:
        """The texts it is read as: each expression, then its label and keywords together."""
        return (*self.expressions, ", ".join((self.label, *self.keywords)))


@dataclass(frozen=True, slots=True)
class Provider:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Relay:
    """Who delivers a national offer locally: a described network, or another offer's provider."""

    name: str
    offer_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One support available to someone, somewhere. `None` or empty means: not known.

    `territories` are coverage codes (empty: unknown); `employees_min`/`max` are inclusive;
    `volunteer_only_ok` False keeps the offer for employers; ages are in whole months since the
    organisation was founded; `population_max` bounds the inhabitants of the commune, inclusive;
    dates are inclusive. `conditions` are what no fact of ours decides and a person must check:
    short French phrases in the infinitive. `expressions` are needs as people say them, for whom
    this offer is right. `national_offer` is the id of the national offer of which this
    one is the local form. A `generalist` orients its audiences whatever their need: it is who to
    name when no other answer is sure.
    """

    id: str
    title: str
    summary: str = ""
    description: str = ""
    provider: Provider = Provider("", "")
    kind: str | None = None
    axis: str | None = None
    temporalities: tuple[str, ...] = ()
    need_types: tuple[str, ...] = ()
    audiences: frozenset[str] = frozenset()
    employees_min: int | None = None
    employees_max: int | None = None
    volunteer_only_ok: bool | None = None
    naf_sections: frozenset[str] = frozenset()
    age_months_min: int | None = None
    age_months_max: int | None = None
    population_max: int | None = None
    conditions: tuple[str, ...] = ()
    territories: frozenset[str] = frozenset()
    relay: Relay | None = None
    national_offer: str | None = None
    channel: str | None = None
    cost: str | None = None
    nature: str | None = None
    levers: tuple[str, ...] = ()
    echelon: str | None = None
    odd: tuple[int, ...] = ()
    status: str = "unknown"
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str | None = None
    next_step: str = ""
    url: str | None = None
    sources: tuple[str, ...] = ()
    verified: bool = False
    checked_on: date | None = None
    provenance: str = ""
    licence: str = ""
    expressions: tuple[str, ...] = ()
    generalist: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says of one offer; `fact` is what would settle a `to_check`."""

    rule: str
    verdict: Verdict
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One (code, weight, evidence) of an explanation. Evidence is data, never a sentence."""

    code: str
    weight: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An offer ranked for a need. `score`: 0 to 1, by `contributions` (log-odds)."""

    offer: Offer
    rank: int
    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]
    checks: tuple[Ruling, ...] = ()
    relay: Relay | None = None
    facets: tuple[int, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    contributions: Mapping[str, float] = field(default_factory=dict)
    rulings: tuple[Ruling, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A relevant offer that one rule alone excludes."""

    offer: Offer
    score: float
    ruling: Ruling
    successor: Offer | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """One part of a need: its words, and the need types read in them with their probability."""

    text: str
    need_types: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """One fact read in the words: the field it fills, its value, and the words that say it."""

    fact: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the matcher understood, shown back: `missing` names facts worth asking, best first,
    and `said` the facts that were not stated but read in the words.
    """

    need_types: Mapping[str, float]
    evidence: Mapping[str, tuple[str, ...]]
    temporality: str | None
    axis: str | None
    facets: tuple[Facet, ...]
    missing: tuple[str, ...]
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a bundle: the match, and the facets (by position) it covers."""

    match: Match
    facets: tuple[int, ...]
    urgent: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """A *parcours*: few matches that complement each other, in the order to take them."""

    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a need gets back. `sure` is False when nothing found deserves trust."""

    need: Need
    understanding: Understanding
    matches: tuple[Match, ...]
    near_misses: tuple[NearMiss, ...]
    bundle: Bundle
    sure: bool
    fallback: Match | None
    admissible: int
    versions: Mapping[str, str]
