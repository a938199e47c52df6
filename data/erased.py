"""Which needs were erased, in a file beside the database: what a backup brings back goes again.

A line holds the day and the SHA-256 of the need's id, which is drawn at random: it tells nothing.
"""

from __future__ import annotations

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path


def note(journal: Path, need_id: str, at: datetime) -> None:
    """Add a line, on the disk when this returns."""
    line = f"{at:%Y-%m-%d} {_digest(need_id)}\n"
    opened = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(opened, line.encode())
        os.fsync(opened)
    finally:
        os.close(opened)


class Noted:
    """`need_id in Noted.read(journal)`: was that need erased? No file: none was."""

    def __init__(self, digests: frozenset[str]) -> None:
        self._digests = digests

    @classmethod
    def read(cls, journal: Path) -> Noted:
        lines = journal.read_text().splitlines() if journal.exists() else []
        return cls(frozenset(line.split()[-1] for line in lines if line))

    def __contains__(self, need_id: str) -> bool:
        return _digest(need_id) in self._digests


def _digest(need_id: str) -> str:
    return sha256(need_id.encode()).hexdigest()
