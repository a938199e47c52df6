"""Official territories by typed code: load, resolve, contain. France 2026, see geography/."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import starmap

from data.geography import shipped_areas, shipped_rows
from data.place_names import PlaceNames, name_key
from matching.domain import FRANCE, Place
from matching.errors import AiguilleError

TYPED = re.compile(
    r"FR|REG-\d{2}|DEP-(\d{2,3}|2[AB])|EPCI-\d{9}|COM-(\d{2}|2[AB])\d{3}|AREA-[\w-]+"
)
_INSEE = re.compile(r"(\d{2}|2[AB])\d{3}")
_QUALIFIED = re.compile(r"(.+?)\s*(?:\((.+)\)|,\s*(.+))")
_CLEAR_WINNER = 10
_FAR_LARGER = 100
_WIDE = {"region": "région", "departement": "département", "epci": "intercommunalité"}


class UnknownTerritory(AiguilleError):
    """No territory of that code or name."""


class AmbiguousTerritory(AiguilleError):
    """Several territories answer to that name or postal code; `candidates` lists them."""

    def __init__(self, text: str, candidates: Sequence[Territory], field: str = "commune") -> None:
        names = " ; ".join(f"{c.label}, code {c.code.partition('-')[2]}" for c in candidates[:6])
        super().__init__(
            f"« {text} » peut désigner plusieurs lieux : {names}. Précisez le code de la commune.",
            field=field,
        )
        self.candidates = tuple(candidates)


@dataclass(frozen=True, slots=True)
class Area:
    """An ad-hoc territory: a named list of codes (a park, a basin, a syndicate)."""

    code: str
    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Territory:
    """`parents` are the smallest codes that contain it whole; population in persons."""

    code: str
    kind: str
    name: str
    population: int
    postal_codes: tuple[str, ...]
    parents: tuple[str, ...]

    @property
    def departement(self) -> str | None:
        """The département of a commune or of a part of one, from its code."""
        if not self.code.startswith("COM-"):
            return None
        insee = self.code[4:]
        return insee[:3] if insee.startswith(("97", "98")) else insee[:2]

    @property
    def label(self) -> str:
        """Mende (48), Lozère (département)."""
        hint = self.departement or _WIDE.get(self.kind)
        return f"{self.name} ({hint})" if hint else self.name


class Gazetteer:
    """Every territory, with what contains it and what it contains."""

    def __init__(self, rows: Iterable[Sequence[str]], areas: Iterable[Area] = ()) -> None:
        self._rows: dict[str, Sequence[str]] = {}
        self._former: dict[str, str] = {}
        self._other_names: list[tuple[str, str]] = []
        for row in rows:
            if row[1] == "former":
                self._former[row[0]] = row[6]
            elif row[1] == "name":
                self._other_names.append((row[3], row[0]))
            else:
                self._rows[row[0]] = row
        self._areas_of: dict[str, list[str]] = {}
        for area in areas:
            key = name_key(area.name)
            self._rows[area.code] = (area.code, "area", area.name, key, "0", "", FRANCE)
            for code in area.codes:
                self._areas_of.setdefault(self.get(code).code, []).append(area.code)
        self._places: dict[tuple[str, ...], Place] = {}

    @classmethod
    def load(cls, areas: Iterable[Area] = ()) -> Gazetteer:
        """The shipped territories and areas, and those given (as the store keeps them)."""
        more = tuple(areas)
        return cls(shipped_rows(), (*starmap(Area, shipped_areas()), *more)) if more else _shipped()

    def __contains__(self, code: str) -> bool:
        return code in self._rows or code in self._former

    def count(self, kind: str) -> int:
        return sum(row[1] == kind for row in self._rows.values())

    def get(self, code: str) -> Territory:
        """The territory of a typed code; a former commune code gives the commune of today."""
        row = self._rows.get(self._former.get(code, code))
        if row is None:
            raise UnknownTerritory(
                f"Code de territoire inconnu : « {code} ». Attendu : FR, REG-11, DEP-2A, "
                "EPCI-200054781, COM-75056 ou AREA-…",
                field="territories",
            )
        code, kind, name, _, population, postal, parents = row
        parents_of = (*parents.split(), *self._areas_of.get(code, ()))
        return Territory(code, kind, name, int(population), tuple(postal.split()), parents_of)

    def resolve(self, text: str) -> Territory:
        """The one territory meant by a code or a name, as a person writes it.

        An INSEE code comes before a postal code of the same digits (13001 is Aix-en-Provence),
        but not a former one; among homonyms, one ten times as peopled as the next wins; a commune
        comes before a département or région of its name, unless that is a hundred times larger.
        """
        current = f"COM-{text.strip().upper()}"
        found = [self.get(current)] if current in self._rows else self.candidates(text)
        if not found:
            raise UnknownTerritory(
                f"Lieu inconnu : « {text} ». Donnez le nom de la commune (« Mende », « Saint-Denis "
                "(974) »), son code postal ou son code INSEE.",
                field="commune",
            )
        if len(found) > 1:
            clear = found[0].population >= _CLEAR_WINNER * max(found[1].population, 1)
            if not clear or text.strip().isdigit():
                raise AmbiguousTerritory(text, found)
        return found[0]

    def candidates(self, text: str) -> list[Territory]:
        """All that a text may mean, most peopled first: typed, INSEE or postal code, or name."""
        text = text.strip()
        if TYPED.fullmatch(text):
            return [self.get(text)]
        if _INSEE.fullmatch(text.upper()):
            postal = [self.get(c) for c in self._by_postal.get(text, ())]
            current = f"COM-{text.upper()}" in self._rows
            return _most_peopled(
                [*postal, *(self._by_insee(text) if current or not postal else [])]
            )
        if qualified := _QUALIFIED.fullmatch(text):
            name, within = qualified[1], name_key(qualified[2] or qualified[3])
            return [t for t in self._named(name_key(name)) if within in self._qualifiers(t)]
        return self._named(name_key(text))

    def complete(self, prefix: str, limit: int = 8) -> list[Territory]:
        """What a person may be typing: the start of a name, of one of its words, of a code."""
        key = name_key(prefix)
        if len(key) < 2:
            return []
        if key.isdigit():
            postal = (c for p, codes in self._by_postal.items() if p.startswith(key) for c in codes)
            found = [*self._by_insee(prefix.strip()), *map(self.get, dict.fromkeys(postal))]
            return _most_peopled(found)[:limit]
        names, codes = self._names
        found = [self.get(codes[n]) for n in names.starting(key, limit)]
        return list({t.code: t for t in found}.values())

    def place(self, codes: Iterable[str]) -> Place:
        """Where one or several typed codes are; an unknown code widens, and says so."""
        wanted = tuple(dict.fromkeys(codes))
        if wanted not in self._places:
            self._places[wanted] = self._place(wanted)
        return self._places[wanted]

    def contains(self, outer: str, inner: str) -> bool:
        """Does the first surely contain the second (or are they the same)?"""
        return outer in self.within(inner)

    def within(self, code: str) -> frozenset[str]:
        """The code of today and all that surely contain it, up to FR."""
        return _closure([self.get(code).code], lambda c: self.get(c).parents)

    def overlapping(self, code: str) -> frozenset[str]:
        """All that meets the territory without containing it."""
        inside = _closure([self.get(code).code], lambda c: self._children.get(c, ()))
        return _closure(inside, lambda c: self.get(c).parents) - self.within(code)

    def _place(self, codes: Sequence[str]) -> Place:
        known, notices = [], []
        for code in codes:
            found = self.get(code) if code in self else self.nearest(code)
            known.append(found)
            if found.code != code and code not in self._former:
                notices.append(f"Code inconnu « {code} » : élargi à {found.name}.")
        within = frozenset[str]().union(*(self.within(t.code) for t in known))
        around = frozenset[str]().union(*(self.overlapping(t.code) for t in known))
        return Place(
            code=known[0].code,
            name=", ".join(t.label for t in known),
            within=within,
            overlapping=around - within,
            notice=" ".join(notices) or None,
        )

    def nearest(self, code: str) -> Territory:
        """The département that the digits of an unknown code name, else France."""
        if not TYPED.fullmatch(code):
            return self.get(code)
        insee = code.partition("-")[2] if code.startswith("COM-") else ""
        tries = (f"DEP-{insee[:3]}", f"DEP-{insee[:2]}")
        return self.get(next((c for c in tries if c in self._rows), FRANCE))

    def _closure(
        self, start: Iterable[str], step: Callable[[str], Iterable[str]]
    ) -> frozenset[str]:
        found, ahead = set(start), list(start)
        while ahead:
            fresh = set(step(ahead.pop())) - found
            found |= fresh
            ahead.extend(fresh)
        return frozenset(found)

    def _by_insee(self, text: str) -> list[Territory]:
        code = f"COM-{text.upper()}"
        return [self.get(code)] if code in self else []

    def _named(self, key: str) -> list[Territory]:
        names, codes = self._names
        numbers = names.exact(key) or names.beginning(key)
        if not numbers and len(key) > 3:
            numbers = names.close(key)
        found = _most_peopled(self.get(codes[n]) for n in numbers)
        local = [t for t in found if t.kind not in _WIDE]
        if local and found[0].population < _FAR_LARGER * max(local[0].population, 1):
            return local
        wide = {t.population: t for t in reversed(found) if t.kind in _WIDE}
        return _most_peopled(wide.values()) or found

    def _qualifiers(self, territory: Territory) -> set[str]:
        """The keys by which a person tells homonyms apart: postal codes, what contains them."""
        around = [self.get(code) for code in self.within(territory.code)]
        numbers = {t.code.partition("-")[2].lower() for t in around}
        return {*territory.postal_codes, *numbers, *(name_key(t.name) for t in around)}

    @cached_property
    def _children(self) -> Mapping[str, Sequence[str]]:
        children: dict[str, list[str]] = {}
        for code, row in self._rows.items():
            for parent in (*row[6].split(), *self._areas_of.get(code, ())):
                children.setdefault(parent, []).append(code)
        return children

    @cached_property
    def _by_postal(self) -> Mapping[str, Sequence[str]]:
        """Communes of each postal code; of a municipal district, the district itself."""
        found: dict[str, list[str]] = {}
        split = {row[6] for row in self._rows.values() if row[1] == "arrondissement"}
        for code, row in self._rows.items():
            if row[5] and code not in split:
                for postal in row[5].split():
                    found.setdefault(postal, []).append(code)
        return found

    @cached_property
    def _names(self) -> tuple[PlaceNames, Sequence[str]]:
        """The searchable names, and the code each stands for; communes weigh more."""
        named = [
            (row[3], code, int(row[4]) // (_FAR_LARGER if row[1] in _WIDE else 1))
            for code, row in self._rows.items()
        ]
        named += [(key, code, 0) for key, code in self._other_names]
        keys, codes, populations = zip(*named, strict=True)
        return PlaceNames(keys, populations), codes


def _closure(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """All that the steps reach from the start, itself included."""
    found, ahead = set(start), list(start)
    while ahead:
        fresh = set(step(ahead.pop())) - found
        found |= fresh
        ahead.extend(fresh)
    return frozenset(found)


def _most_peopled(territories: Iterable[Territory]) -> list[Territory]:
    """Each once, most peopled first."""
    return sorted({t.code: t for t in territories}.values(), key=lambda t: (-t.population, t.code))


@cache
def _shipped() -> Gazetteer:
    return Gazetteer(shipped_rows(), starmap(Area, shipped_areas()))
