"""What the dated pages of measures say alike: the machine, the commit, and tables."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path


def machine() -> str:
    names = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(": ")[2] for line in names if line.startswith("model name")]
    memory_gb = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return (
        f"{len(models)} cores ({models[0]}), {memory_gb:.0f} GB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def commit() -> str:
    """That of the working tree, and whether something in it is not committed."""
    return _git("rev-parse", "--short", "HEAD") + (", changed" if _git("status", "--short") else "")


def _git(*words: str) -> str:
    run = subprocess.run(("git", *words), check=True, capture_output=True, text=True)
    return run.stdout.strip()


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, a line each."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
