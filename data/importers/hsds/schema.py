"""The JSON Schema of a service of HSDS 3.1, made from the tables of the specification."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

VERSION = "3.1"
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    **{form: {"type": "string", "format": form} for form in ("uuid", "uri", "email", "date-time")},
}


@cache
def service_schema() -> dict[str, Any]:
    """A service and all that may be in it. Fields of others are welcome, as the standard says."""
    text = files(__package__).joinpath("tables.tsv").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Any]] = {}
    for table, field, kind, *required in csv.reader(text.splitlines()[1:], delimiter="\t"):
        found = tables.setdefault(table, {"type": "object", "properties": {}, "required": []})
        found["properties"][field] = _type(kind)
        if required:
            found["required"].append(field)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/service",
        "$defs": tables,
    }


def faults(service: object, *, formats: bool) -> Iterator[tuple[str, object, str]]:
    """What is wrong with a service: a path, its value, and why, in French.

    `formats`: also that an identifier is a UUID, an address an address. What we write must be so;
    what others publish often is not, and says the same.
    """
    for error in _validator(formats).iter_errors(service):
        told = _TOLD.get(error.kind.name, lambda _: "valeur refusée par HSDS")
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.instance_path)
        value = "" if error.kind.name == "required" else error.instance
        yield path.removeprefix("."), value, told(error.kind.value)


def is_uri(text: str) -> bool:
    import jsonschema_rs

    return bool(jsonschema_rs.is_valid({"format": "uri"}, text, validate_formats=True))


@cache
def _validator(formats: bool) -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(service_schema(), validate_formats=formats)


_TYPES = {
    "string": "un texte était attendu",
    "number": "un nombre était attendu",
    "array": "une liste était attendue",
    "object": "un objet était attendu",
}
_TOLD: Mapping[str, Callable[[Any], str]] = {
    "type": lambda kinds: _TYPES[kinds[0]],
    "enum": lambda codes: f"valeurs possibles : {', '.join(codes)}",
    "required": lambda name: f"champ obligatoire absent : {name}",
    "format": lambda form: f"forme attendue : {form}",
}


def _type(kind: str) -> Mapping[str, Any]:
    """A form, a list ("[phone]"), one of several ("active|inactive"), or another table."""
    if kind.startswith("["):
        return {"type": "array", "items": _type(kind.strip("[]"))}
    if "|" in kind:
        return {"type": "string", "enum": kind.split("|")}
    return _PLAIN.get(kind) or {"$ref": f"#/$defs/{kind}"}
