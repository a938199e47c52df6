"""A service or a structure as the models of data.inclusion v1 take it, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from data.fields import Rejection
from data.importers.data_inclusion.facts import bare, quoted
from data.losses import Loss
from data.values import shown

Values = dict[str, Any]
Wrong = tuple[str, object, str]
"""A field, its value, and why it is refused."""

REQUIRED = ("source", "structure_id", "id", "nom", "description", "date_maj")


def _refused(_: Mapping[str, Any]) -> str:
    return "valeur refusée par data.inclusion v1"


_TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "ce champ est obligatoire",
    "string_type": lambda _: "un texte était attendu",
    "string_too_short": lambda c: f"au moins {c['min_length']} caractères",
    "string_too_long": lambda c: f"au plus {c['max_length']} caractères",
    "enum": lambda _: "code inconnu de data.inclusion v1",
    "too_short": lambda _: "au moins une valeur, ou rien",
    "url_parsing": lambda _: "une adresse http(s) était attendue",
    "url_scheme": lambda _: "une adresse http(s) était attendue",
    "url_too_long": lambda c: f"au plus {c['max_length']} caractères",
    "date_from_datetime_parsing": lambda _: "une date était attendue (2026-03-31)",
    "date_parsing": lambda _: "une date était attendue (2026-03-31)",
    "date_type": lambda _: "une date était attendue (2026-03-31)",
    "value_error": lambda c: str(c.get("error", _refused(c))),
}


def valid_service(values: Values, line: int) -> tuple[Values, list[Loss], list[Rejection]]:
    """What is valid of a service; the rest is lost, or refuses it where the field is required."""
    from data_inclusion.schema.v1 import Service

    kept, wrong = valid(values, Service)
    record = bare(str(kept.get("id", f"ligne {line}")))
    refused = [Rejection(line, f, shown(v), told) for f, v, told in wrong if f in REQUIRED]
    if not isinstance(kept.get("structure") or {}, dict):
        refused.append(Rejection(line, "structure", shown(kept["structure"]), "un objet attendu"))
    losses = [Loss(record, f, quoted(f, v), told) for f, v, told in wrong if f not in REQUIRED]
    return kept, losses, refused


def valid(values: Values, model: Any) -> tuple[Values, list[Wrong]]:
    """The values without those that the model refuses; of a list, the items that it takes."""
    from pydantic import ValidationError

    try:
        model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False)
    else:
        return values, []
    wrong: dict[tuple[Any, ...], Wrong] = {}
    for problem in problems:
        name = str(problem["loc"][0])
        where = problem["loc"][: 2 if isinstance(values.get(name), list) else 1]
        told = _TOLD.get(problem["type"], _refused)(problem.get("ctx", {}))
        value = "" if problem["type"] == "missing" else problem["input"]
        # A value that fits no type of a union is refused once for each: none of them says why.
        wrong[where] = (name, value, _refused({}) if where in wrong else told)
    kept = {name: _without(name, value, wrong) for name, value in values.items()}
    return kept, list(wrong.values())


def _without(name: str, value: Any, wrong: Mapping[tuple[Any, ...], Wrong]) -> Any:
    if (name,) in wrong:
        return None
    if isinstance(value, list):
        return [item for n, item in enumerate(value) if (name, n) not in wrong]
    return value
