"""Judged needs, copied to learn from: nobody's name, no id of ours, a wider place."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

from sqlalchemy import Engine

from data.engine import read
from data.fields import Reading
from data.frames import Frame
from data.store_contacts import Contact, load_contact
from data.store_needs import StoredNeed, load_judgements, needs_in
from data.territories import Gazetteer
from matching.errors import AiguilleError
from service.triage.pseudonyms import pseudonymised
from service.typography import marked

PLACES = ("commune", "epci", "departement", "region", "nowhere")
"""How precisely a copy says where, the most first."""
CLOSED = "closed"
FILES = ("queries.jsonl", "labels.jsonl", "qrels/train.tsv")


class WrongCopy(AiguilleError):
    """A copy that cannot be made as it is asked."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A need that ended and was judged; `names` are those of its person and, if need be, place."""

    need: StoredNeed
    grades: Mapping[str, int]
    names: tuple[str, ...]


def copy_judged(
    engine: Engine, reading: Reading, folder: Path, *, place: str = "departement"
) -> int:
    """Write the judged needs that are closed and still have their words; how many.

    The layout is that of evaluation/datasets/train_needs. Ids are drawn anew at each copy, and
    rows are in their order: nothing leads back to a need of ours, nor from a copy to another.
    """
    if place not in PLACES:
        raise WrongCopy(
            marked("Précision du lieu inconnue : « {place} ». Possibles : {known}."),
            field="place",
            place=place,
            known=PLACES,
        )
    if (folder / FILES[0]).exists():
        raise WrongCopy(
            marked("« {folder} » tient déjà une copie : donnez un autre dossier."),
            field="folder",
            folder=folder.name,
        )
    found = judged_needs(engine, reading.gazetteer, place)
    drawn = sorted((f"jn-{secrets.token_hex(8)}", one) for one in found)
    queries = [_query(i, one, place) for i, one in drawn]
    labels = [_label(i, one, reading.frame) for i, one in drawn]
    grades = [
        f"{i}\t{offer_id}\t{grade}"
        for i, one in drawn
        for offer_id, grade in sorted(one.grades.items())
        if grade
    ]
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    written = (_lines(queries), _lines(labels), ("query-id\tcorpus-id\tscore", *grades))
    for name, lines in zip(FILES, written, strict=True):
        text = "".join(f"{line}\n" for line in lines)
        (folder / name).write_text(text, encoding="utf-8")
    return len(drawn)


def judged_needs(engine: Engine, gazetteer: Gazetteer, place: str) -> list[Judged]:
    """The needs that may be copied. Sources that disagree on an offer: the middle grade, or the
    lower of two.
    """
    said: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with read(engine) as connection:
        for need_id, offer_id, grade, _ in load_judgements(connection):
            said[need_id][offer_id].append(grade)
        closed = [n for n in needs_in(connection, (CLOSED,)) if n.text and n.id in said]
        people = {n.id: load_contact(connection, n.id) for n in closed}
    return [
        Judged(
            need,
            {offer_id: median_low(grades) for offer_id, grades in said[need.id].items()},
            tuple(_names(need, people[need.id], gazetteer, place)),
        )
        for need in closed
    ]


def _names(
    need: StoredNeed, person: Contact | None, gazetteer: Gazetteer, place: str
) -> Iterable[str]:
    """The name of the person, and those of places more precise than the copy may say."""
    if person is not None:
        yield person.name
    for level in PLACES[: PLACES.index(place)]:
        code = getattr(need, level)
        if code:
            yield gazetteer.get(code).name


def _query(drawn: str, one: Judged, place: str) -> Mapping[str, Any]:
    need = one.need
    actor = need.actor
    facts = {
        "profile": actor.kind,
        "employees": actor.employees,
        "volunteer_only": actor.volunteer_only,
        "naf_section": actor.naf_section,
        "territories": _where(need, place),
    }
    known = {name: value for name, value in facts.items() if value not in (None, [])}
    return {"_id": drawn, "text": pseudonymised(need.text, one.names), "metadata": known}


def _where(need: StoredNeed, place: str) -> list[str]:
    """The place as precisely as the copy may say it, or what is known that is wider."""
    levels = PLACES[PLACES.index(place) : -1]
    return [code for level in levels if (code := getattr(need, level))][:1]


def _label(drawn: str, one: Judged, frame: Frame) -> Mapping[str, Any]:
    """What it is about, the surest first, and the axis of the first."""
    understood = one.need.understood or {}
    types = sorted(one.need.types, key=lambda code: (-understood.get(code, 0), code))
    axes = {t.code: t.axis for t in frame.need_types()}
    return {
        "id": drawn,
        "need_types": types,
        "axis": axes.get(types[0]) if types else None,
        "answerable": any(one.grades.values()),
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    return (json.dumps(record, ensure_ascii=False) for record in records)
