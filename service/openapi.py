"""What /openapi.json says beyond what the routes do: problems, ETags, retirements, links."""

from __future__ import annotations

import re
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
    "schema": {"type": "string"},
    "description": "ETag d’une lecture précédente : si rien n’a changé, 304 sans corps",
}
_MADE: Mapping[str, tuple[str, str]] = {
    "need_id": ("POST", "/v1/needs"),
    "webhook_id": ("POST", "/v1/webhooks"),
    "delivery_id": ("POST", "/v1/webhooks/{webhook_id}/test"),
}
"""A parameter of paths -> what answers with an `id` that may stand for it."""
_PARAMETER = re.compile(r"{(\w+)}")


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
        *others, last = _PARAMETER.findall(path) or [""]
        if last in _MADE:
            link = {name: f"$request.path.{name}" for name in others}
            link[last] = "$response.body#/id"
            _link(operations[_MADE[last]], str(said["operationId"]), link)


def _link(maker: Mapping[str, Any], name: str, parameters: Mapping[str, str]) -> None:
    """Tell that an operation may follow another that succeeded, and by which parameters."""
    succeeded = next(told for status, told in maker["responses"].items() if status[0] == "2")
    links = succeeded.setdefault("links", {})
    links[name] = {"operationId": name, "parameters": parameters}


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
