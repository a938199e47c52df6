"""Grading by hand: what an assessor types, and the file that keeps it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation.corpus import CorpusError

HEADER = "query-id\tcorpus-id\tscore\n"
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_GRADE = re.compile(r"(\d+)=([0-3])")


def read_grades(typed: str, shown: Sequence[str]) -> Mapping[str, int]:
    """« 1=3 4=2 » -> grades of the first and fourth offers shown; says what it cannot read."""
    grades: dict[str, int] = {}
    for part in typed.split():
        found = _GRADE.fullmatch(part)
        number = int(found[1]) if found else 0
        if found is None or not 1 <= number <= len(shown):
            raise CorpusError(
                f"« {part} » ne se lit pas : écrivez numéro=note, par exemple 1=3, avec un numéro "
                f"de 1 à {len(shown)} et une note de 0 à 3."
            )
        grades[shown[number - 1]] = int(found[2])
    return grades


def judgements_file(folder: Path, assessor: str) -> Path:
    """Where the grades of an assessor are kept: one file each, so that nobody writes over."""
    if not _NAME.fullmatch(assessor):
        raise CorpusError(
            f"« {assessor} » ne peut pas nommer un fichier : lettres minuscules, chiffres et "
            "tirets seulement."
        )
    return folder / "judgements" / f"{assessor}.tsv"


def already_judged(path: Path) -> frozenset[str]:
    """The needs that a file already grades."""
    if not path.is_file():
        return frozenset()
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(line.partition("\t")[0] for line in lines)


def keep_grades(path: Path, need_id: str, grades: Mapping[str, int]) -> None:
    """Append the grades of a need; one without any is kept as such (`-`, 0): nothing helps it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = sorted(grades.items()) or [("-", 0)]
    with path.open("a", encoding="utf-8") as out:
        if out.tell() == 0:
            out.write(HEADER)
        out.writelines(f"{need_id}\t{offer_id}\t{grade}\n" for offer_id, grade in rows)
