"""Every engine that is installed, one after the other, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from matching.columns import Columns
from matching.eligibility import judge
from service.blas import VARIABLES
from tests.bench.peers.one import DEPTHS
from tests.bench.peers.question import World, kept, made_world
from tests.builders import TODAY

ENGINES = ("aiguille", "by_hand", "by_rank", "qdrant", "lance", "postgres", "txt")
EXACT, FIRST = "aiguille", DEPTHS[0]
ROOT = Path(__file__).parents[3]
ONE_THREAD = dict.fromkeys(VARIABLES, "1")


@dataclass(frozen=True, slots=True)
class Measure:
    """What one depth of answers cost and gave; `recall`: of the first of the exact index."""

    p50_ms: float
    p99_ms: float
    recall: float
    violations: int


@dataclass(frozen=True, slots=True)
class Row:
    """One engine over one catalogue; `absent` says why it was not run."""

    name: str
    how: str
    by_depth: Mapping[int, Measure]
    build_s: float = 0.0
    peak_mb: float = 0.0
    handed_mb: float = 0.0
    absent: str = ""


def missing(module: str) -> str:
    """Why an engine cannot be run here, in words; nothing if it can."""
    needed = import_module(f"tests.bench.peers.{module}").NEEDS
    return "" if find_spec(needed) else f"not run: {needed} is not installed (extra `peers`)"


def run(module: str, world_file: Path, folder: Path) -> dict:
    """What the engine answered and cost; an engine that breaks says its last words."""
    folder.mkdir()
    command = [sys.executable, "-m", "tests.bench.peers.one", module, world_file, folder]
    ended = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        words = (ended.stderr.strip() or "no word").splitlines()[-1]
        raise RuntimeError(f"{module} ended with {ended.returncode}: {words}")
    return json.loads((folder / "seen.json").read_text())


def measured(seen: dict, depth: int, first: Sequence, admissible: Sequence) -> Measure:
    """Against what the exact index puts `first` and holds `admissible`, need by need."""
    asked = seen["asked"][str(depth)]
    found = list(map(set, asked["ids"]))
    kept = [len(f & set(e)) / len(e) for f, e in zip(found, first, strict=True) if e]
    violations = sum(len(f - a) for f, a in zip(found, admissible, strict=True))
    p50, p99 = np.percentile(asked["ms"], (50, 99))
    return Measure(float(p50), float(p99), float(np.mean(kept)), violations)


def compared(offers: int, needs: int, tell=print) -> list[Row]:
    """A row an engine, ours first."""
    world = made_world(offers, needs)
    admissible = _admissible(world)
    with TemporaryDirectory(prefix="peers-") as there:
        world_file = Path(there) / "world"
        kept(world, world_file)
        del world
        rows, first = [], []
        for module in ENGINES:
            engine = import_module(f"tests.bench.peers.{module}")
            why = missing(module)
            if not why:
                try:
                    seen = run(module, world_file, Path(there) / module)
                except RuntimeError as broken:
                    why = f"not run: {broken}"
            tell(f"{offers:,} offers, {engine.NAME}: {why or 'done'}")
            if why:
                rows.append(Row(engine.NAME, engine.HOW, {}, absent=why))
                continue
            first = first or seen["asked"][str(FIRST)]["ids"]
            by_depth = {d: measured(seen, d, first, admissible) for d in DEPTHS}
            costs = {key: seen[key] for key in ("build_s", "peak_mb", "handed_mb")}
            rows.append(Row(engine.NAME, engine.HOW, by_depth, **costs))
    return rows


def _admissible(world: World) -> list[frozenset[str]]:
    columns = Columns.of(world.offers)
    found = [judge(columns, one.need, TODAY).admissible for one in world.needs]
    return [frozenset(columns.ids[row] for row in np.flatnonzero(mask)) for mask in found]
