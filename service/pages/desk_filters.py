"""The filters of the inbox, as its address keeps them, and what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from data.divisions import divisions
from data.place_names import name_key
from data.store_desk import Wanted
from data.store_users import User
from service.catalogue import Catalogue
from service.triage.states import OUTCOMES, STATES
from service.typography import marked

MINE = "moi"
OPEN = "open"
AGES: Mapping[str, tuple[str, int, int | None]] = {
    "2": (marked("Moins de 2 jours"), 0, 2),
    "5": (marked("De 2 à 5 jours"), 2, 5),
    "9": (marked("De 5 à 9 jours"), 5, 9),
    "21": (marked("De 9 à 21 jours"), 9, 21),
    "plus": (marked("Plus de 21 jours"), 21, None),
}
"""Age in the address -> its name, and the days since the sending, from and until."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The address of the inbox, as it is: every value that is given must hold."""

    etat: str = OPEN
    issue: str = ""
    territoire: str = ""
    type: str = ""
    profil: str = ""
    age: str = ""
    attribue: str = ""
    q: str = ""

    def query(self, **changed: str) -> str:
        """The address of the same list, otherwise filtered."""
        values = {n: getattr(self, n) for n in self.__slots__} | changed
        kept = {n: v for n, v in values.items() if v and (n, v) != ("etat", OPEN)}
        return "/bureau" + (f"?{urlencode(kept)}" if kept else "")

    @property
    def narrowed(self) -> bool:
        """Is anything but a state asked for?"""
        return any((self.territoire, self.type, self.profil, self.age, self.attribue, self.q))

    def wanted(self, user: User, now: datetime) -> Wanted:
        """The filters as the store reads them; a value that no list has is left out."""
        _, fewest, most = AGES.get(self.age, ("", 0, None))
        return Wanted(
            state=self.etat if self.etat in STATES or self.etat == OPEN else None,
            outcome=self.issue if self.issue in OUTCOMES and self.etat == "closed" else None,
            territories=(self.territoire,) if self.territoire else (),
            need_type=self.type or None,
            profile=self.profil or None,
            assignee=(user.id if self.attribue == MINE else self.attribue) or None,
            sent_from=None if most is None else now - timedelta(days=most),
            sent_until=now - timedelta(days=fewest) if fewest else None,
            words=self.q[:200],
        )


def territories_of(catalogue: Catalogue, user: User) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The territories that somebody may filter by, each with its name: régions and départements,
    and what they follow that is narrower.
    """
    gazetteer, mine = catalogue.gazetteer, user.reach
    land = divisions(gazetteer)
    inside = (*(d for found in land.departements.values() for d in found), *land.collectivities)

    def named(codes: Iterable[str]) -> list[tuple[str, str]]:
        return [(code, gazetteer.get(code).name) for code in codes]

    def by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
        return sorted(named(codes), key=lambda found: name_key(found[1]))

    groups = {
        marked("Régions"): named(c for c in land.regions if land.is_within(c, mine)),
        marked("Départements"): by_name(c for c in inside if land.is_within(c, mine)),
        marked("Intercommunalités, communes et zones"): by_name(
            c for c in user.territories if c in gazetteer and c not in land.all
        ),
    }
    return {group: found for group, found in groups.items() if found}


def filters_of(query: str) -> Filters:
    """The filters that a form brings back, as a query."""
    told = dict(parse_qsl(query.partition("?")[2]))
    return Filters(**{n: told[n] for n in Filters.__slots__ if n in told})
