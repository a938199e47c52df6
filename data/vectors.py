"""Vectors kept by the hash of their text: a text is encoded once, and work cut short goes on.

One file an encoder, of fixed-size records (8 bytes of SHA-256, then float16 values), only ever
appended to: a record torn by a crash is the last one, and is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matching.encoder import Encoder, Floats

CHUNK = 256
"""Texts encoded between two writes."""
SHIPPED = Path(__file__).parent / "inventory" / "vectors"

Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CachedEncoder:
    """An encoder that remembers, in `folders[0]`; it also reads the others.

    Vectors are rounded to float16 whether they come from the file or not, so that both agree.
    """

    encoder: Encoder
    folders: Sequence[Path]
    step: Step = lambda *_: None

    @property
    def name(self) -> str:
        return self.encoder.name

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit vectors in the order of the texts; what was not known is encoded and kept."""
        keys = [key_of(text) for text in texts]
        known: dict[bytes, Floats] = {}
        for folder in reversed(self.folders):
            known |= read_vectors(folder / f"{self.name}.bin", set(keys))
        missing = list({k: t for k, t in zip(keys, texts, strict=True) if k not in known}.items())
        for start in range(0, len(missing), CHUNK):
            chunk = missing[start : start + CHUNK]
            vectors = self.encoder.encode([t for _, t in chunk]).astype(np.float16)
            append_vectors(self.folders[0] / f"{self.name}.bin", [k for k, _ in chunk], vectors)
            known |= {k: v.astype(np.float32) for (k, _), v in zip(chunk, vectors, strict=True)}
            self.step(start + len(chunk), len(missing))
        if not keys:
            return self.encoder.encode([])
        return np.stack([known[k] for k in keys])


def key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()[:8]


def read_vectors(path: Path, wanted: set[bytes]) -> dict[bytes, Floats]:
    """The wanted vectors of a file, as float32; none when there is no file."""
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        width = int.from_bytes(file.read(2), "little")
        content = file.read()
    record = 8 + 2 * width
    whole = len(content) // record * record
    table = np.frombuffer(content[:whole], np.uint8).reshape(-1, record)
    keys = [row.tobytes() for row in table[:, :8]]
    chosen = [i for i, key in enumerate(keys) if key in wanted]
    values = np.ascontiguousarray(table[chosen, 8:]).view(np.float16).astype(np.float32)
    return {keys[i]: v for i, v in zip(chosen, values, strict=True)}


def append_vectors(path: Path, keys: Iterable[bytes], vectors: NDArray[np.float16]) -> None:
    """Add records; the first two bytes of the file say how many values one has."""
    width = vectors.shape[1]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if file.tell() == 0:
            file.write(width.to_bytes(2, "little"))
        torn = (file.tell() - 2) % (8 + 2 * width)
        if torn:
            file.truncate(file.tell() - torn)
        for key, vector in zip(keys, vectors, strict=True):
            file.write(key + vector.tobytes())
