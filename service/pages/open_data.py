"""The open data: the nightly dumps of the inventory, what changed in each, and their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from babel.units import format_unit
from fastapi import APIRouter, Request
from starlette.responses import Response

from service.catalogue import Catalogue
from service.deps import CatalogueDep, SettingsDep
from service.pages.languages import language_of
from service.pages.rendering import render
from service.static_files import saved_file
from service.typography import marked
from service.usecases.dumping import CHANGES, SUMS
from service.usecases.publishing import Published, published, published_file

router = APIRouter(prefix="/donnees", include_in_schema=False)

MOST = 100
"""Changes of one kind that the page shows; the file holds them all."""

ABOUT: Mapping[str, str] = {
    "offres.jsonl": marked("Tout de chaque offre, une par ligne (JSON)"),
    "offres.csv": marked("Pour un tableur : points-virgules, UTF-8"),
    CHANGES: marked("Ce qui a changé depuis l’export d’avant"),
    SUMS: marked("Les sommes de contrôle des autres fichiers"),
}
"""File of a dump -> what it is."""

ANYWHERE = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "no-cache",
}
"""Open data may be read by the pages of any site."""


@dataclass(frozen=True, slots=True)
class Told:
    """An offer that changed: its title while it is in the inventory, the fields that differ."""

    id: str
    title: str | None
    fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one way since the dump before. `more` are not shown."""

    label: str
    count: int
    shown: tuple[Told, ...] = ()

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class DataPage:
    last: Published | None
    changes: tuple[Change, ...]
    earlier: tuple[Published, ...]
    about: Mapping[str, str]
    language: str

    @property
    def since(self) -> date | None:
        """The day of the dump that the last is compared with."""
        told = self.last.changes.since if self.last else None
        return date.fromisoformat(told) if told else None

    def counts(self, dump: Published) -> tuple[Change, ...]:
        """What changed in a dump, in numbers alone."""
        return tuple(Change(label, len(found)) for label, found in _ways(dump))

    def size(self, octets: int) -> str:
        """12,4 ko; 3,1 Mo."""
        much = octets >= 1_000_000
        amount, unit = (octets / 1e6, "megabyte") if much else (octets / 1e3, "kilobyte")
        return format_unit(
            max(round(amount, 1), 0.1), f"digital-{unit}", "short", locale=self.language
        )


@router.get("")
def index(request: Request, catalogue: CatalogueDep, settings: SettingsDep) -> Response:
    """Les exports datés de l’inventaire, et ce qui a changé dans le dernier."""
    dumps = published(settings.dumps_folder)
    last = dumps[0] if dumps else None
    changes = _changes(last, catalogue) if last else ()
    page = DataPage(last, changes, dumps[1:], ABOUT, language_of(request))
    return render(request, "open_data.html", page)


@router.api_route("/{day}/{name}", methods=["GET", "HEAD"])
def download(request: Request, day: str, name: str, settings: SettingsDep) -> Response:
    """Un fichier d’un export, tel qu’il a été écrit."""
    file = published_file(settings.dumps_folder, day, name)
    return saved_file(request, file.path, file.media_type, ANYWHERE)


def _ways(dump: Published) -> tuple[tuple[str, Mapping[str, Sequence[str]]], ...]:
    """The ways of changing, each with its offers and the fields that differ of them."""
    found = dump.changes
    return (
        (marked("Ajoutées"), dict.fromkeys(found.added, ())),
        (marked("Modifiées"), found.changed),
        (marked("Retirées"), dict.fromkeys(found.removed, ())),
    )


def _changes(last: Published, catalogue: Catalogue) -> tuple[Change, ...]:
    index = catalogue.matcher.index

    def told(offer_id: str, fields: Sequence[str]) -> Told:
        row = index.rows.get(offer_id)
        return Told(offer_id, None if row is None else index.offers[row].title, fields)

    return tuple(
        Change(label, len(found), tuple(told(*one) for one in islice(found.items(), MOST)))
        for label, found in _ways(last)
    )
