"""One engine in a process of its own: `python -m tests.bench.peers.one MODULE WORLD FOLDER`."""

from __future__ import annotations

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

from tests.bench.peers.question import Built, World, opened

DEPTHS = (50, 800)
"""How many offers are asked for: the first ones, and as many as a ranker would read again."""
ROUNDS = 2
"""Each need is asked so many times at each depth; its fastest counts, for others use the machine."""


def peak_mb(pid: int | str = "self") -> float:
    """The most memory a process has held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def asked(world: World, built: Built, depth: int) -> dict:
    found, fastest = [], [float("inf")] * len(world.needs)
    for one in world.needs[:3]:
        built.search(one, depth)
    for _ in range(ROUNDS):
        found.clear()
        for number, one in enumerate(world.needs):
            begun = perf_counter()
            answer = built.search(one, depth)
            fastest[number] = min(fastest[number], 1000 * (perf_counter() - begun))
            found.append([str(i) for i in answer])
    return {"ids": found, "ms": fastest}


def main(module: str, world_file: str, folder: str) -> None:
    """Answers and figures go to `seen.json` in the folder, which the engine has for itself."""
    engine, world = import_module(f"tests.bench.peers.{module}"), opened(Path(world_file))
    gc.collect()
    handed, begun = peak_mb(), perf_counter()
    built = engine.build(world, Path(folder) / "engine")
    seconds = perf_counter() - begun
    gc.collect()
    gc.freeze()  # as the server does
    seen = {
        "build_s": seconds,
        "handed_mb": handed,
        "asked": {depth: asked(world, built, depth) for depth in DEPTHS},
        "peak_mb": peak_mb() + sum(map(peak_mb, built.servers)),
    }
    (Path(folder) / "seen.json").write_text(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
