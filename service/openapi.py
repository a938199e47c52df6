"""What /openapi.json says beyond what the routes do: problems, ETags, retirements, links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

from service.caching import API
from service.retiring import DEPRECATED, Table
from service.schemas.problems import Problem

_FRESH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 1000},
    "description": "ETag d’une lecture précédente : si rien n’a changé, 304 sans corps",
}
_NEED_READS = ("get_need", "get_matches", "read_timeline", "complete_need", "withdraw_need")
"""What may follow the creation of a need."""


def describe(app: FastAPI, retiring: Table = DEPRECATED) -> None:
    """Make the application describe itself whole."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(plain(), retiring)
        return app.openapi_schema or plain()

    app.openapi = whole  # type: ignore[method-assign]


def _complete(schema: dict[str, Any], retiring: Table) -> None:
    _tell_problems(schema.setdefault("components", {}).setdefault("schemas", {}))
    for event in schema.get("webhooks", {}).values():
        # What we tell is valid: the framework's word on who reads it says nothing.
        event["post"]["responses"].pop("422", None)
    operations = {(m, p): said for m, p, said in _operations(schema)}
    for (method, path), said in operations.items():
        if method == "GET" and path.startswith(API):
            said.setdefault("parameters", []).append(_FRESH)
            said["responses"]["304"] = {"description": "Rien n’a changé"}
        if (method, path) in retiring:
            said["deprecated"] = True
    made = operations.get(("POST", "/v1/needs"))
    if made is not None:
        made["responses"]["201"]["links"] = dict(_links(operations))


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            yield method.upper(), path, said


def _tell_problems(models: dict[str, Any]) -> None:
    """Our problems in place of the framework's own validation errors."""
    models.pop("HTTPValidationError", None)
    models.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    models |= problem.pop("$defs", {})
    models["Problem"] = problem


def _links(
    operations: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What may be done next with a need that was made (OpenAPI links)."""
    for said in operations.values():
        name = str(said["operationId"])
        if name in _NEED_READS:
            parameters = {"need_id": "$response.body#/id"}
            yield name, {"operationId": name, "parameters": parameters}
