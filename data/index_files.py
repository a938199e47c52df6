"""The derived index on disk: one file of arrays and a manifest that is checked on load.

Vectors and postings are rebuilt from the store whenever the manifest does not match the
catalogue, the frame and the encoder, or the bytes: they are never trusted blindly.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from fcntl import LOCK_EX, flock
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from matching.domain import NeedType, Offer
from matching.encoder import LsaEncoder
from matching.index import ExactIndex
from matching.lexical import Lexical
from matching.likeness import Likeness
from matching.passages import Passages
from matching.precedents import Precedents

logger = logging.getLogger(__name__)

Arrays = dict[str, NDArray[Any]]
FORMAT = 3


@dataclass(frozen=True, slots=True)
class Version:
    """What an index is derived from; another version is another index."""

    catalogue: str
    frame: str
    encoder: str
    judged: str
    format: int = FORMAT


def save_index(
    folder: Path, version: Version, precedents: Precedents, encoder: LsaEncoder | None
) -> None:
    """Write the arrays, then the manifest: a crash between the two only costs a rebuild.

    One at a time in a folder: what a killed writer left there is written over by the next.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = _index_arrays(precedents.index) | _precedent_arrays(precedents)
    if encoder is not None:
        arrays |= {"lsa.projection": encoder.projection, "lsa.words": _packed(encoder.vocabulary)}
    buffer = BytesIO()
    # A dict of arrays as keywords: numpy's stubs only know its options there.
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    content = buffer.getvalue()
    manifest = {**asdict(version), "sha256": sha256(content).hexdigest()}
    with _alone(folder):
        _replace(folder / "index.npz", content)
        _replace(folder / "manifest.json", json.dumps(manifest, indent=1).encode())


def load_index(
    folder: Path, version: Version, offers: Sequence[Offer], need_types: Sequence[NeedType]
) -> tuple[Precedents, LsaEncoder | None] | None:
    """The index, with the judged needs over it, of this very version.

    None (with a line in the log) when it must be rebuilt.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        content = (folder / "index.npz").read_bytes()
        expected = {**asdict(version), "sha256": sha256(content).hexdigest()}
        if manifest != expected:
            wrong = sorted(k for k in expected if manifest.get(k) != expected[k])
            logger.info("index rebuild differs=%s", ",".join(wrong))
            return None
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError, BadZipFile) as error:
        logger.warning("index rebuild unreadable=%s", type(error).__name__)
        return None
    return _precedents(arrays, _index(arrays, offers, need_types)), _lsa(arrays)


def _index_arrays(index: ExactIndex) -> Arrays:
    return {
        "text.vectors": index.text_vectors,
        **_lexical_arrays("text", index.text_lexical),
        **_passage_arrays("own", index.expressions),
        **_passage_arrays("type", index.type_expressions),
    }


def _passage_arrays(name: str, passages: Passages) -> Arrays:
    return {
        f"{name}.vectors": passages.vectors,
        f"{name}.slots": passages.slots,
        **_lexical_arrays(name, passages.lexical),
    }


def _lexical_arrays(name: str, lexical: Lexical) -> Arrays:
    return {
        f"{name}.words": _packed(lexical.vocabulary),
        f"{name}.starts": lexical.starts,
        f"{name}.rows": lexical.rows,
        f"{name}.weights": lexical.weights,
        f"{name}.size": np.array(lexical.size),
    }


def _precedent_arrays(precedents: Precedents) -> Arrays:
    return {
        "judged.ids": _lines(precedents.ids),
        "judged.texts": _lines([" ".join(t.split()) for t in precedents.texts]),
        "judged.company": _lines(precedents.likeness.company.ravel().tolist()),
        "judged.likeness": precedents.likeness.words.weights,
        "judged.vectors": precedents.likeness.vectors,
        "judged.regression": precedents.weights,
        "judged.offers": precedents.rows,
        "judged.gains": precedents.gains,
        "judged.types": precedents.types,
        **_lexical_arrays("judged", precedents.lexical),
    }


def _precedents(a: Arrays, index: ExactIndex) -> Precedents:
    count = len(a["judged.types"])
    lexical = _lexical(a, "judged")
    words = replace(lexical, weights=a["judged.likeness"])
    company = np.array(_read_lines(a["judged.company"], 3 * count), np.str_).reshape(-1, 3)
    return Precedents(
        index,
        ids=_read_lines(a["judged.ids"], count),
        texts=_read_lines(a["judged.texts"], count),
        lexical=lexical,
        likeness=Likeness(a["judged.vectors"], words, company),
        rows=a["judged.offers"],
        gains=a["judged.gains"],
        types=a["judged.types"],
        weights=a["judged.regression"],
    )


def _lexical(a: Arrays, name: str) -> Lexical:
    starts, rows, weights = (a[f"{name}.{part}"] for part in ("starts", "rows", "weights"))
    return Lexical(_unpacked(a[f"{name}.words"]), starts, rows, weights, int(a[f"{name}.size"]))


def _index(a: Arrays, offers: Sequence[Offer], need_types: Sequence[NeedType]) -> ExactIndex:
    def passages(name: str) -> Passages:
        return Passages(a[f"{name}.vectors"], _lexical(a, name), a[f"{name}.slots"])

    return ExactIndex(
        offers,
        need_types,
        a["text.vectors"],
        _lexical(a, "text"),
        passages("own"),
        passages("type"),
    )


def _lsa(arrays: Arrays) -> LsaEncoder | None:
    if "lsa.projection" not in arrays:
        return None
    return LsaEncoder(_unpacked(arrays["lsa.words"]), arrays["lsa.projection"])


def _packed(vocabulary: Mapping[str, int]) -> NDArray[np.uint8]:
    """Words in the order of their numbers, one a line."""
    return _lines(sorted(vocabulary, key=lambda word: vocabulary[word]))


def _lines(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _read_lines(packed: NDArray[np.uint8], count: int) -> tuple[str, ...]:
    """`count` texts, which may be empty."""
    return tuple(packed.tobytes().decode().split("\n")) if count else ()


def _unpacked(packed: NDArray[np.uint8]) -> dict[str, int]:
    text = packed.tobytes().decode()
    return {word: i for i, word in enumerate(text.split("\n"))} if text else {}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Other threads, processes and containers wait; a process that dies lets them go on."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        flock(opened, LOCK_EX)
        yield
    finally:
        os.close(opened)


def _replace(path: Path, content: bytes) -> None:
    """Write beside, sync, then take the place at once: a reader sees the old or the new."""
    beside = path.with_suffix(f"{path.suffix}.new")
    with beside.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)
