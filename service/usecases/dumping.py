"""The dated dump of the catalogue: JSONL, CSV, checksums, and what changed since the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from data.exporters import EXPORTERS
from data.records import OFFER_FIELDS, to_record
from matching.domain import Offer

CHANGES = "changements.json"
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the dump before: ids, and the fields that changed of each."""

    since: str | None
    added: Sequence[str]
    removed: Sequence[str]
    changed: Mapping[str, Sequence[str]]


def dump(offers: Sequence[Offer], folder: Path, on: date) -> tuple[Path, Changes]:
    """Write `folder/DATE/`; a dump of the same day is written again, the same for the same offers.

    Written beside, then renamed: a reader never sees half a dump.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = on.isoformat()
    before = max((d.name for d in folder.iterdir() if _dated(d) and d.name < name), default=None)
    making = folder / f".{name}.part"
    _remove(making)
    making.mkdir()
    for format_name in ("jsonl", "csv"):
        EXPORTERS[format_name](offers, making / f"offres.{format_name}")
    changes = _changes(folder, before, offers)
    told = {f: getattr(changes, f) for f in ("since", "added", "removed", "changed")}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (making / CHANGES).write_text(text + "\n", encoding="utf-8")
    sums = [f"{sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in sorted(making.iterdir())]
    (making / SUMS).write_text("".join(sums), encoding="utf-8")
    made = folder / name
    _remove(made)
    return making.rename(made), changes


def _dated(path: Path) -> bool:
    try:
        date.fromisoformat(path.name)
    except ValueError:
        return False
    return path.is_dir()


def _remove(folder: Path) -> None:
    if folder.exists():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _changes(folder: Path, before: str | None, offers: Sequence[Offer]) -> Changes:
    now = {o.id: to_record(o) for o in offers}
    then = {}
    if before is not None:
        lines = (folder / before / "offres.jsonl").read_text(encoding="utf-8").splitlines()
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
    )
