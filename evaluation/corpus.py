"""A test collection in the BEIR layout, with our facts under `metadata`.

`corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`), `qrels/*.tsv`
(`query-id`, `corpus-id`, `score`), and `labels.jsonl` (`id`, `need_types`, `axis`) where it is
known what is asked. Metadata absent, null or unknown is simply a missing fact.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from matching.domain import PROFILES, ActorProfile, Need, Offer, Place, Provider
from matching.errors import AiguilleError
from matching.precedents import Precedent

Locate = Callable[[Sequence[str]], Place]
Qrels = Mapping[str, Mapping[str, int]]


class CorpusError(AiguilleError):
    """A folder that is not a test collection; says which file and line."""


@dataclass(frozen=True, slots=True)
class JudgedNeed:
    id: str
    need: Need
    today: date | None


@dataclass(frozen=True, slots=True)
class Label:
    """What an adviser reads in a need: its types, the main one first, and its axis."""

    need_types: tuple[str, ...] = ()
    axis: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """`offers` is None when the folder has no corpus: it is judged on the shipped inventory.

    `notices` says in French which facts could not be read, and what was made of them.
    """

    offers: tuple[Offer, ...] | None
    needs: tuple[JudgedNeed, ...]
    qrels: Qrels
    labels: Mapping[str, Label]
    notices: tuple[str, ...]


def read_collection(folder: Path, locate: Locate) -> Collection:
    """Read a folder. `locate` turns territory codes into a place (see `data.territories`)."""
    queries = folder / "queries.jsonl"
    if not queries.is_file():
        raise CorpusError(
            f"« {folder} » n’a pas de fichier queries.jsonl : donnez un dossier au format BEIR "
            "(queries.jsonl, qrels/*.tsv et, pour un autre catalogue, corpus.jsonl).",
            field="folder",
        )
    corpus = folder / "corpus.jsonl"
    offers = tuple(_offer(r) for r in _records(corpus)) if corpus.is_file() else None
    notices: list[str] = []
    needs = tuple(_need(r, locate, notices) for r in _records(queries))
    return Collection(
        offers, needs, _qrels(folder / "qrels"), _labels(folder / "labels.jsonl"), tuple(notices)
    )


def precedents(collection: Collection, weight: float = 1.0) -> tuple[Precedent, ...]:
    """The judged needs as the matcher remembers them."""
    return tuple(
        Precedent(
            judged.id,
            judged.need,
            collection.qrels.get(judged.id, {}),
            label.need_types,
            label.axis,
            weight,
        )
        for judged in collection.needs
        for label in (collection.labels.get(judged.id, Label()),)
    )


def fingerprint(folder: Path) -> str:
    """SHA-256 of all that is judged in a folder, to tell when it changed."""
    files = [folder / "queries.jsonl", folder / "labels.jsonl", *sorted(folder.glob("qrels/*.tsv"))]
    return sha256(b"".join(f.read_bytes() for f in files if f.is_file())).hexdigest()


def _labels(path: Path) -> Mapping[str, Label]:
    if not path.is_file():
        return {}
    return {
        str(r["id"]): Label(_codes(r.get("need_types")), r.get("axis"))
        for r in _records(path, key="id")
    }


def _records(path: Path, key: str = "_id") -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise CorpusError(
                    f"{path.name}, ligne {number} : JSON illisible ({error.msg})."
                ) from error
            if not isinstance(record, dict) or key not in record:
                raise CorpusError(f"{path.name}, ligne {number} : il manque le champ « {key} ».")
            yield record


def _facts(record: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = record.get("metadata")
    return facts if isinstance(facts, dict) else {}


def _offer(record: Mapping[str, Any]) -> Offer:
    facts = _facts(record)
    return Offer(
        id=str(record["_id"]),
        title=str(record.get("title") or ""),
        description=str(record.get("text") or ""),
        provider=Provider("", str(facts.get("provider") or "")),
        territories=frozenset(_codes(facts.get("territories"))),
        audiences=frozenset(_codes(facts.get("audiences"))),
        naf_sections=frozenset(_codes(facts.get("naf_sections"))),
        need_types=_codes(facts.get("need_types")),
        employees_min=_count(facts.get("employees_min")),
        employees_max=_count(facts.get("employees_max")),
        volunteer_only_ok=_truth(facts.get("volunteer_only_ok")),
        population_max=_count(facts.get("population_max")),
        conditions=_codes(facts.get("conditions")),
        status=str(facts.get("status") or "unknown"),
        valid_from=_day(facts.get("valid_from"), first=True),
        valid_to=_day(facts.get("valid_to"), first=False),
        national_offer=facts.get("national_offer"),
        expressions=_codes(facts.get("expressions")),
    )


def _need(record: Mapping[str, Any], locate: Locate, notices: list[str]) -> JudgedNeed:
    facts = _facts(record)
    profile = facts.get("profile")
    actor = ActorProfile(
        kind=profile if profile in PROFILES else None,
        employees=_count(facts.get("employees")),
        volunteer_only=_truth(facts.get("volunteer_only")),
        naf_section=facts.get("naf_section"),
        founded_on=_day(facts.get("founded_on"), first=True),
    )
    place = _place(str(record["_id"]), facts, locate, notices)
    need = Need(str(record.get("text") or ""), actor, place)
    return JudgedNeed(str(record["_id"]), need, _day(facts.get("today"), first=True))


def _place(
    need_id: str, facts: Mapping[str, Any], locate: Locate, notices: list[str]
) -> Place | None:
    """The commune when it is given, else the territories; None, with a notice, when unreadable."""
    commune = str(facts.get("commune") or "")
    codes = [commune if "-" in commune else f"COM-{commune}"] if commune else []
    codes = codes or list(_codes(facts.get("territories")))
    if not codes:
        return None
    try:
        place = locate(codes)
    except AiguilleError as error:
        notices.append(f"{need_id} : {error.message}")
        return None
    if place.notice:
        notices.append(f"{need_id} : {place.notice}")
    return place


def _codes(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(value: object, *, first: bool) -> date | None:
    """A date given as YYYY, YYYY-MM or YYYY-MM-DD: the first, or the last, day of that period."""
    try:
        parts = [int(p) for p in str(value).split("-")]
        year, month = parts[0], parts[1] if len(parts) > 1 else (1 if first else 12)
        day = parts[2] if len(parts) > 2 else (1 if first else monthrange(year, month)[1])
        return date(year, month, day)
    except (ValueError, IndexError):
        return None


def _qrels(folder: Path) -> Qrels:
    grades: dict[str, dict[str, int]] = {}
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            cells = line.split("\t")
            if number == 1 and cells[:1] == ["query-id"]:
                continue
            try:
                need_id, offer_id, grade = cells
                grades.setdefault(need_id, {})[offer_id] = int(grade)
            except ValueError:
                raise CorpusError(
                    f"{path.name}, ligne {number} : attendu « query-id, corpus-id, score » "
                    "séparés par des tabulations."
                ) from None
    return grades
