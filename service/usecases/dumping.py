"""The dated dump of the catalogue: JSONL, CSV, checksums, and what changed since the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine

from data.engine import read
from data.exporters import EXPORTERS
from data.outbox import Row, queue
from data.records import OFFER_FIELDS, to_record
from data.store import load_offers
from matching.domain import Offer
from matching.errors import AiguilleError
from service.days import day_of

FORMATS: Mapping[str, str] = {"offres.jsonl": "jsonl", "offres.csv": "csv"}
"""File of a dump -> the exporter that writes it."""
WHOLE = "offres.jsonl"
"""The file that says all of every offer: what the next dump is compared with."""
CHANGES = "changements.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the dump before: ids, and the fields that changed of each.

    `missing`: a file that could not be written, and why; an offer may not fit in a spreadsheet.
    """

    since: str | None
    added: Sequence[str]
    removed: Sequence[str]
    changed: Mapping[str, Sequence[str]]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dumps:
    """Where the nightly dumps are, and how many are kept."""

    folder: Path
    kept: int


def queue_dump(connection: Connection, now: datetime) -> None:
    """Ask for the dump of the day, once, whoever asks."""
    queue(connection, "dump", at=now, key=f"dump:{day_of(now)}")


def dump_due(
    engine: Engine,
    dumps: Dumps,
    rows: Sequence[Row],  # noqa: ARG001 - one dump answers them all
    now: datetime,
) -> Mapping[str, int]:
    """Write the dump of the day, and let the oldest go."""
    with read(engine) as connection:
        offers = load_offers(connection)
    dump(offers, dumps.folder, day_of(now))
    for old in dated(dumps.folder)[: -dumps.kept]:
        _remove(old)
    return {"dumped": 1}


def dated(folder: Path) -> list[Path]:
    """The dumps of a folder, oldest first."""
    return sorted(d for d in folder.iterdir() if _dated(d)) if folder.is_dir() else []


def dump(offers: Sequence[Offer], folder: Path, on: date) -> tuple[Path, Changes]:
    """Write `folder/DATE/`; a dump of the same day is written again, the same for the same offers.

    Written beside, then renamed: a reader never sees half a dump.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = on.isoformat()
    before = max((d.name for d in dated(folder) if d.name < name), default=None)
    making = folder / f".{name}.part"
    _remove(making)
    making.mkdir()
    missing = {}
    for file, format_name in FORMATS.items():
        try:
            EXPORTERS[format_name](offers, making / file)
        except AiguilleError as error:
            (making / file).unlink(missing_ok=True)
            missing[file] = error.message
    changes = _changes(folder, before, offers, missing)
    text = json.dumps(asdict(changes), ensure_ascii=False, indent=1)
    (making / CHANGES).write_text(text + "\n", encoding="utf-8")
    sums = [f"{sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(making.iterdir())]
    (making / SUMS).write_text("".join(sums), encoding="utf-8")
    made = folder / name
    _remove(made)
    return making.rename(made), changes


def _dated(path: Path) -> bool:
    try:
        day = date.fromisoformat(path.name)
    except ValueError:
        return False
    return path.name == day.isoformat() and path.is_dir()


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _changes(
    folder: Path, before: str | None, offers: Sequence[Offer], missing: Mapping[str, str]
) -> Changes:
    now = {o.id: to_record(o) for o in offers}
    then = {}
    if before is not None:
        lines = (folder / before / WHOLE).read_text(encoding="utf-8").splitlines()
        then = {r["id"]: r for r in map(json.loads, lines)}
    changed = {
        i: [f for f in OFFER_FIELDS if then[i].get(f) != now[i][f]]
        for i in sorted(then.keys() & now.keys())
    }
    return Changes(
        since=before,
        added=sorted(now.keys() - then.keys()),
        removed=sorted(then.keys() - now.keys()),
        changed={i: names for i, names in changed.items() if names},
        missing=missing,
    )
