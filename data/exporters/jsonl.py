"""Offers as JSON Lines, every field in the order of the dataclass."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from data.losses import LostField
from data.records import to_record
from matching.domain import Offer


def write(offers: Iterable[Offer], path: Path) -> tuple[LostField, ...]:
    """All of every offer: nothing is lost."""
    with path.open("w", encoding="utf-8") as out:
        for offer in offers:
            out.write(json.dumps(to_record(offer), ensure_ascii=False) + "\n")
    return ()
