"""A minute of guided fuzzing of one importer: `python -m tests.attack_importers NAME [SECONDS]`.

Whatever the bytes, an importer yields offers, losses and rejections, or refuses the file in a
sentence. What breaks it stops the run, and is left as a file `crash-...`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["data.importers", "data.fields", "data.values"]):
    from data.fields import Rejection
    from data.importers import IMPORTERS, importer
from data.losses import Loss
from matching.domain import Offer
from matching.errors import AiguilleError
from tests.hostile import path_of, write_hostile
from tests.strategies import READING

SEEDS = 3
"""Offers of the sound file that the fuzzer starts from."""


class Broken(Exception):
    """An importer gave what is none of the three."""


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Ends the process, with an error when the importer broke."""
    if name not in IMPORTERS:
        raise SystemExit(f"{name}: none of {', '.join(IMPORTERS)}")
    read, corpus = importer(name), folder / "corpus"
    corpus.mkdir()
    path = path_of(name, folder)
    write_hostile(name, path_of(name, corpus), SEEDS)

    def one(content: bytes) -> None:
        path.write_bytes(content)
        try:
            found = list(read(path, READING))
        except AiguilleError:
            return
        if not all(isinstance(f, Offer | Rejection | Loss) for f in found):
            raise Broken(name)

    limits = [f"-max_total_time={seconds}", "-max_len=100000", "-rss_limit_mb=2048", "-seed=1"]
    atheris.Setup([sys.argv[0], *limits, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        fuzz(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60, Path(temporary))
