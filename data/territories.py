"""Official territories by typed code: load, resolve, contain. France 2026, see geography/."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import starmap

from data.geography import shipped_areas, shipped_rows
from data.place_names import ABBREVIATED, PlaceNames, name_key
from data.places import WIDE, AmbiguousTerritory, Area, Territory, UnknownTerritory, closure
from matching.domain import FRANCE, Place

__all__ = ["TYPED", "AmbiguousTerritory", "Area", "Gazetteer", "Territory", "UnknownTerritory"]

TYPED = re.compile(
    r"FR|REG-\d{2}|DEP-(\d{2,3}|2[AB])|EPCI-\d{9}|COM-(\d{2}|2[AB])\d{3}|AREA-[\w-]+"
)
_INSEE = re.compile(r"(\d{2}|2[AB])\d{3}")
_QUALIFIED = re.compile(r"(.+?)\s*(?:\(([^()]+)\)|,\s*([^,()]+))")
_ADDRESSED = re.compile(r"(\d{5})\s+(\D.*)")
_ARTICLE = re.compile(r"(la|le|les|l) ")
_CLEAR_WINNER = 10
_LONGEST = 200
"""Characters: no place has a longer name, however it is qualified."""
_FAR_LARGER = 100


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
            around = [self.within(code) for code in area.codes]
            parents = " ".join(
                sorted(frozenset[str]({FRANCE}.union(*around)).intersection(*around))
            )
            self._rows[area.code] = (area.code, "area", area.name, key, "0", "", parents)
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
        return len(self.codes(kind))

    def codes(self, kind: str) -> list[str]:
        return [code for code, row in self._rows.items() if row[1] == kind]

    def get(self, code: str) -> Territory:
        """The territory of a typed code; a former commune code gives the commune of today."""
        row = self._rows.get(self._former.get(code, code))
        if row is None:
            raise UnknownTerritory(
                "Code de territoire inconnu : « {code} ». Attendu : FR, REG-11, DEP-2A, "
                "EPCI-200054781, COM-75056 ou AREA-…",
                field="territories",
                code=code,
            )
        code, kind, name, _, population, postal, parents = row
        parents_of = (*parents.split(), *self._areas_of.get(code, ()))
        return Territory(code, kind, name, int(population), tuple(postal.split()), parents_of)

    def resolve(self, text: str) -> Territory:
        """The one territory meant by a code or a name, as a person writes it.

        An INSEE code comes before a postal code of the same digits (13001 is Aix-en-Provence),
        but not a former one; among homonyms, one ten times as peopled as the others wins, and of a
        misspelt name the closest, if so peopled; a commune comes before a département or région of
        its name, unless that is a hundred times larger, and a département before its own région.
        """
        current = f"COM-{text.strip().upper()}"
        found = [self.get(current)] if current in self._rows else self.candidates(text)
        if not found:
            raise UnknownTerritory(
                "Lieu inconnu : « {text} ». Donnez le nom de la commune (« Mende », « Saint-Denis "
                "(974) »), son code postal ou son code INSEE.",
                field="commune",
                text=text,
            )
        if len(found) > 1:
            clear = found[0].population >= _CLEAR_WINNER * max(_largest(found[1:]), 1)
            if not clear or text.strip().isdigit():
                raise AmbiguousTerritory(text, found)
        return found[0]

    def candidates(self, text: str) -> list[Territory]:
        """All that a text may mean: typed, INSEE or postal code, or name.

        Most peopled first; for a misspelt name, closest first.
        """
        text = text.strip()
        if len(text) > _LONGEST:
            return []
        if TYPED.fullmatch(text):
            return [self.get(text)]
        if addressed := _ADDRESSED.fullmatch(text):
            return self._addressed(addressed[1], name_key(addressed[2]))
        if _INSEE.fullmatch(text.upper()):
            postal = [self.get(c) for c in self._by_postal.get(text, ())]
            current = f"COM-{text.upper()}" in self._rows
            return _most_peopled(
                [*postal, *(self._by_insee(text) if current or not postal else [])]
            )
        if qualified := _QUALIFIED.fullmatch(text):
            name, within = qualified[1], name_key(qualified[2] or qualified[3])
            named = self._named(name_key(name))
            if found := [t for t in named if within in self._qualifiers(t)]:
                # Corrèze (19) is the commune: the département would be Corrèze (département).
                return [t for t in found if t.kind not in WIDE] or _sensible(found)
            # Commas and brackets are in names too: CC de Vitry, Champagne et Der.
            names, codes = self._names
            return _most_peopled(self.get(codes[n]) for n in names.exact(name_key(text)))
        return _sensible(self._named(name_key(text)))

    def _addressed(self, postal: str, key: str) -> list[Territory]:
        """What a postal code and a name mean together; the postal code alone if they disagree."""
        found = [self.get(c) for c in self._by_postal.get(postal, ())]
        named = [t for t in found if name_key(t.name).startswith(key)]
        return _most_peopled(named or found or self._named(key))

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
        # A small commune of that very name is not among the likely starts ("Sai", in the Orne).
        exact = sorted(names.exact(key), key=lambda n: -names.populations[n])
        likely = dict.fromkeys(codes[n] for n in (*exact, *names.starting(key, limit)))
        return [self.get(code) for code in likely][:limit]

    def place(self, codes: Iterable[str]) -> Place:
        """Where one or several typed codes are; an unknown code widens, and says so."""
        wanted = tuple(dict.fromkeys(codes))
        if not wanted:
            raise UnknownTerritory(
                "Aucun territoire donné. Donnez au moins un code, comme FR ou COM-48095.",
                field="territories",
            )
        if wanted not in self._places:
            self._places[wanted] = self._place(wanted)
        return self._places[wanted]

    def contains(self, outer: str, inner: str) -> bool:
        """Does the first surely contain the second (or are they the same)?"""
        return outer in self.within(inner)

    def within(self, code: str) -> frozenset[str]:
        """The code of today and all that surely contain it, up to FR."""
        return closure([self.get(code).code], lambda c: self.get(c).parents)

    def overlapping(self, code: str) -> frozenset[str]:
        """All that meets the territory without containing it."""
        inside = closure([self.get(code).code], lambda c: self._children.get(c, ()))
        return closure(inside, lambda c: self.get(c).parents) - self.within(code)

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
            population=self._inhabitants(known),
        )

    def _inhabitants(self, known: Sequence[Territory]) -> int | None:
        """Of the commune that is, or that holds, the one known territory; None of a wider one."""
        around = map(self.get, self.within(known[0].code) if len(known) == 1 else ())
        return next((t.population for t in around if t.kind == "commune"), None)

    def nearest(self, code: str) -> Territory:
        """The département that the digits of an unknown code name, else France."""
        if not TYPED.fullmatch(code):
            return self.get(code)
        insee = code.partition("-")[2] if code.startswith("COM-") else ""
        tries = (f"DEP-{insee[:3]}", f"DEP-{insee[:2]}")
        return self.get(next((c for c in tries if c in self._rows), FRANCE))

    def _by_insee(self, text: str) -> list[Territory]:
        code = f"COM-{text.upper()}"
        return [self.get(code)] if code in self else []

    def _named(self, key: str) -> list[Territory]:
        """All of that name, or whose name begins so, most peopled first; else the closest first."""
        names, codes = self._names
        key = ABBREVIATED.get(key, key)
        with_article = [n for a in ("la", "le", "les", "l") for n in names.exact(f"{a} {key}")]
        longer = names.beginning(key)
        if exact := names.exact(key) or with_article:
            # Évry is Évry-Courcouronnes before it is a village of the Yonne.
            most = max(names.populations[n] for n in exact)
            far = [n for n in longer if names.populations[n] > _FAR_LARGER * max(most, 1)]
            return _most_peopled(self.get(codes[n]) for n in (*exact, *far))
        if longer:
            return _most_peopled(self.get(codes[n]) for n in longer)
        close = names.close(key) if len(key) > 3 else []
        return [self.get(code) for code in dict.fromkeys(codes[n] for n in close)]

    def _qualifiers(self, territory: Territory) -> set[str]:
        """The keys by which a person tells homonyms apart: postal codes, kind, what contains them.

        A number is never that of a région: Saint-Denis (11) is in the Aude, not in Île-de-France.
        """
        around = [self.get(code) for code in self.within(territory.code)]
        numbers = {t.code.partition("-")[2].lower() for t in around if t.kind != "region"}
        # Escaufourt (02) joined a commune of the Nord, and kept its code.
        numbers.add((territory.departement or "").lower())
        names = {name_key(t.name) for t in around} | {name_key(WIDE.get(territory.kind, ""))}
        bare = {_ARTICLE.sub("", name, count=1) for name in names if _ARTICLE.match(name)}
        return {*territory.postal_codes, *numbers, *names, *bare}

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
            (row[3], code, int(row[4]) // (_FAR_LARGER if row[1] in WIDE else 1))
            for code, row in self._rows.items()
        ]
        named += [(key, code, 0) for key, code in self._other_names]
        keys, codes, populations = zip(*named, strict=True)
        return PlaceNames(keys, populations), codes


def _sensible(found: list[Territory]) -> list[Territory]:
    """Local places alone, unless a wide one is far larger; then one territory of each extent."""
    local = [t for t in found if t.kind not in WIDE]
    if local and _largest(found) < _FAR_LARGER * max(_largest(local), 1):
        return local
    # Overseas, a département and its région have one name and one population.
    by_code = sorted((t for t in found if t.kind in WIDE), key=lambda t: t.code, reverse=True)
    first = {t.population: t for t in by_code}
    return [t for t in found if first.get(t.population) == t] or found


def _largest(territories: Sequence[Territory]) -> int:
    return max(t.population for t in territories)


def _most_peopled(territories: Iterable[Territory]) -> list[Territory]:
    """Each once, most peopled first."""
    return sorted({t.code: t for t in territories}.values(), key=lambda t: (-t.population, t.code))


@cache
def _shipped() -> Gazetteer:
    return Gazetteer(shipped_rows(), starmap(Area, shipped_areas()))
