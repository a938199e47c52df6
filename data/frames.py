"""The reference framework: lists of codes with labels, loaded and validated as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from matching.domain import PROFILES, SIZE_CLASSES, NeedType
from matching.errors import AiguilleError

LISTS = (
    "axes",
    "volets",
    "families",
    "need_types",
    "temporalities",
    "echelons",
    "natures",
    "levers",
    "channels",
    "costs",
    "kinds",
    "statuses",
    "odd",
    "profiles",
    "size_classes",
    "naf_sections",
)
REFERENCES = {
    ("volets", "axis"): "axes",
    ("need_types", "family"): "families",
    ("need_types", "axis"): "axes",
    ("need_types", "volet"): "volets",
    ("need_types", "temporality"): "temporalities",
}
"""(list, key) -> the list whose codes that key must name."""
IN_CODE = {"profiles": PROFILES, "size_classes": tuple(SIZE_CLASSES)}
"""Lists that the matching core knows too: they must agree."""
LEAST_EXPRESSIONS = 8


class FrameError(AiguilleError):
    """The frame is wrong: names the file, the line, what was found and what exists."""


@dataclass(frozen=True, slots=True)
class FrameCode:
    """One code of a list. `facts` holds all that its line says (expressions, family...)."""

    code: str
    label: str
    definition: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    version: str
    lists: Mapping[str, Mapping[str, FrameCode]]

    def codes(self, list_name: str) -> Mapping[str, FrameCode]:
        return self.lists[list_name]

    def label(self, list_name: str, code: str) -> str:
        """The French label of a code, or the code itself when the frame has no such code."""
        found = self.lists[list_name].get(code)
        return found.label if found else code

    def need_types(self) -> tuple[NeedType, ...]:
        """The need types as the matching core reads them."""
        return tuple(
            NeedType(
                code=c.code,
                label=c.label,
                expressions=tuple(c.facts["expressions"]),
                keywords=tuple(c.facts["keywords"]),
                temporality=c.facts["temporality"],
                axis=c.facts["axis"],
            )
            for c in self.lists["need_types"].values()
        )


def load_frame(folder: Traversable | None = None) -> Frame:
    """Load and validate a frame; the shipped one by default."""
    return _shipped() if folder is None else _load(folder)


@cache
def _shipped() -> Frame:
    return _load(files("data.frame"))


def _load(folder: Traversable) -> Frame:
    lines = {name: list(_lines(folder, name)) for name in LISTS}
    lists = {name: _codes(name, found) for name, found in lines.items()}
    for (name, key), target in REFERENCES.items():
        for number, record in lines[name]:
            _must_name(lists[target], record.get(key), f"{name}.jsonl, ligne {number}", key)
    for name, expected in IN_CODE.items():
        if set(lists[name]) != set(expected):
            raise FrameError(f"{name}.jsonl : codes attendus {', '.join(expected)}.")
    for number, record in lines["need_types"]:
        if len(record.get("expressions", ())) < LEAST_EXPRESSIONS:
            raise FrameError(
                f"need_types.jsonl, ligne {number} : « {record['code']} » demande au moins "
                f"{LEAST_EXPRESSIONS} expressions du terrain."
            )
    return Frame(folder.joinpath("VERSION").read_text(encoding="utf-8").strip(), lists)


def _lines(folder: Traversable, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    text = folder.joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{name}.jsonl, ligne {number}"
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise FrameError(f"{where} : JSON illisible ({error.msg}).") from error
        for key in ("code", "label", "definition"):
            if not isinstance(record.get(key), str) or not record[key].strip():
                raise FrameError(f"{where} : il manque « {key} ».", field=key)
        yield number, record


def _codes(name: str, lines: list[tuple[int, dict[str, Any]]]) -> Mapping[str, FrameCode]:
    found: dict[str, FrameCode] = {}
    for number, record in lines:
        code = record["code"]
        if code in found:
            raise FrameError(f"{name}.jsonl, ligne {number} : le code « {code} » est déjà pris.")
        found[code] = FrameCode(code, record["label"], record["definition"], record)
    return found


def _must_name(codes: Mapping[str, FrameCode], value: object, where: str, key: str) -> None:
    if value not in codes:
        raise FrameError(
            f"{where} : « {value} » n’est pas un code connu pour « {key} ». "
            f"Codes possibles : {', '.join(codes)}.",
            field=key,
        )
