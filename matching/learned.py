"""What was learned from judged needs, as one folder: arrays, a card, a checksum."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.doubt import SIGNS, LearnedDoubt
from matching.errors import AiguilleError
from matching.features import FEATURES
from matching.qualify import LearnedTypes
from matching.ranker import TreeRanker
from matching.trees import Trees

SHIPPED = Path(__file__).parent / "model" / "ranker"
ARRAYS, MANIFEST = "learned.npz", "manifest.json"


@dataclass(frozen=True, slots=True)
class Learned:
    """`encoder` is the name of the encoder whose vectors it learned from: of use with no other."""

    encoder: str
    types: LearnedTypes
    ranker: TreeRanker
    doubt: LearnedDoubt


def save_learned(folder: Path, learned: Learned) -> None:
    """Write the arrays, and the manifest that says what they are and their SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {f"trees.{k}": v for k, v in learned.ranker.trees.arrays().items()}
    arrays |= {
        "calibration": np.array([learned.ranker.slope, learned.ranker.shift]),
        "types.types": learned.types.types,
        "types.urgency": learned.types.urgency,
        "types.urgent_types": learned.types.urgent_types,
        "doubt.weights": learned.doubt.weights,
        "doubt.threshold": np.array(learned.doubt.threshold),
    }
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)
    content = buffer.getvalue()
    manifest = {
        "version": learned.ranker.version,
        "encoder": learned.encoder,
        "features": list(FEATURES),
        "signs": list(SIGNS),
        "sha256": sha256(content).hexdigest(),
    }
    (folder / ARRAYS).write_bytes(content)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def load_learned(folder: Path = SHIPPED) -> Learned:
    """Read a folder that `save_learned` wrote; refuses one that does not fit this code."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    content = (folder / ARRAYS).read_bytes()
    if manifest["sha256"] != sha256(content).hexdigest():
        raise AiguilleError(
            f"Le modèle « {folder} » est abîmé (somme de contrôle) : réinstallez Aiguille, ou "
            "lancez « aiguille train ranker ».",
            field="model",
        )
    if (manifest["features"], manifest["signs"]) != (list(FEATURES), list(SIGNS)):
        raise AiguilleError(
            f"Le modèle « {folder} » a été appris avec d’autres mesures que celles de ce code : "
            "lancez « aiguille train ranker ».",
            field="model",
        )
    with np.load(BytesIO(content), allow_pickle=False) as stored:
        a: dict[str, NDArray[Any]] = {name: stored[name] for name in stored.files}
    trees = Trees.of({k.removeprefix("trees."): v for k, v in a.items() if k.startswith("trees.")})
    slope, shift = map(float, a["calibration"])
    return Learned(
        manifest["encoder"],
        LearnedTypes(a["types.types"], a["types.urgency"], a["types.urgent_types"]),
        TreeRanker(trees, slope, shift, manifest["version"]),
        LearnedDoubt(a["doubt.weights"], float(a["doubt.threshold"])),
    )
