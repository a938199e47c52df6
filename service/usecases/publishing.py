"""The dated dumps as everybody may take them: which there are, and each of their files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from matching.errors import AiguilleError
from service.usecases.dumping import CHANGES, SUMS, Changes, dated

FILES: Mapping[str, str] = {
    "offres.jsonl": "application/x-ndjson",
    "offres.csv": "text/csv; charset=utf-8",
    CHANGES: "application/json",
    SUMS: "text/plain; charset=utf-8",
}
"""File that a dump may have -> its media type. Nothing else is given, whatever is asked."""


class UnknownDump(AiguilleError):
    """No dump of that day, or it has no such file."""


@dataclass(frozen=True, slots=True)
class DumpFile:
    """`digest` is the SHA-256 that the dump tells; none of the file that tells them."""

    name: str
    path: Path
    size: int
    digest: str

    @property
    def media_type(self) -> str:
        return FILES[self.name]


@dataclass(frozen=True, slots=True)
class Published:
    day: date
    files: tuple[DumpFile, ...]
    changes: Changes


def published(folder: Path) -> tuple[Published, ...]:
    """All the dumps that are whole, the latest first."""
    return tuple(_published(made) for made in reversed(dated(folder)) if (made / SUMS).is_file())


def published_file(folder: Path, day: str, name: str) -> DumpFile:
    """One file of one dump: both are looked up among those that exist, never made a path of."""
    for made in dated(folder):
        if made.name == day:
            for file in _files(made):
                if file.name == name:
                    return file
    raise UnknownDump(
        "Aucun fichier « {name} » dans un export du « {day} » : voyez la page « /donnees ».",
        field="name",
        name=name[:40],
        day=day[:20],
    )


def _published(made: Path) -> Published:
    told = json.loads((made / CHANGES).read_text(encoding="utf-8"))
    # A dump of an earlier version does not tell what is missing.
    return Published(
        date.fromisoformat(made.name), _files(made), Changes(**{"missing": {}, **told})
    )


def _files(made: Path) -> tuple[DumpFile, ...]:
    lines = (made / SUMS).read_text(encoding="utf-8").splitlines()
    digests = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    there = ((name, made / name) for name in FILES)
    return tuple(
        DumpFile(name, path, path.stat().st_size, digests.get(name, ""))
        for name, path in there
        if path.is_file()
    )
