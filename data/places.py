"""A territory, an ad-hoc area, and the errors for a place that is not found or not the only one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from matching.errors import AiguilleError

WIDE = {"region": "région", "departement": "département", "epci": "intercommunalité"}
"""Kinds wider than a commune, as a label says them."""


class UnknownTerritory(AiguilleError):
    """No territory of that code or name."""


class AmbiguousTerritory(AiguilleError):
    """Several territories answer to that name or postal code; `candidates` lists them."""

    def __init__(self, text: str, candidates: Sequence[Territory], field: str = "commune") -> None:
        names = " ; ".join(f"{c.label}, code {c.code.partition('-')[2]}" for c in candidates[:6])
        super().__init__(
            "« {text} » peut désigner plusieurs lieux : {names}. Précisez le code de la commune.",
            field=field,
            text=text,
            names=names,
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
        hint = self.departement or WIDE.get(self.kind)
        return f"{self.name} ({hint})" if hint else self.name


def closure(start: Iterable[str], step: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """All that the steps reach from the start, itself included."""
    found, ahead = set(start), list(start)
    while ahead:
        fresh = set(step(ahead.pop())) - found
        found |= fresh
        ahead.extend(fresh)
    return frozenset(found)
