"""The judged needs that Aiguille ships, each in its folder with a DATASHEET.md."""

from pathlib import Path

TRAIN_NEEDS = Path(__file__).parent / "train_needs"
