"""The API's description is checked in, and v1 only grows."""

from __future__ import annotations

import json
import re
from copy import deepcopy

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.builders import settings, tiny_catalogue
from tests.openapi import CURRENT, RELEASED, served, written
from tests.openapi_changes import breaking


def test_the_description_that_is_checked_in_is_the_one_that_is_served(tmp_path):
    assert CURRENT.read_text() == written(served(tmp_path)), "run: make openapi"


def test_nothing_breaks_who_was_written_for_the_released_version():
    assert breaking(json.loads(RELEASED.read_text()), json.loads(CURRENT.read_text())) == []


def test_what_would_be_taken_away_from_the_released_version_is_told():
    released = json.loads(RELEASED.read_text())
    broken = deepcopy(released)
    del broken["paths"]["/v1/webhooks/{webhook_id}"]["patch"]
    del broken["components"]["schemas"]["MadeWebhookOut"]["properties"]["secret"]
    assert breaking(released, broken) == [
        "PATCH /v1/webhooks/{webhook_id} is gone",
        "POST /v1/webhooks/{webhook_id}/secret: 200: field secret is gone",
        "POST /v1/webhooks: 201: field secret is gone",
    ]


def test_a_key_is_asked_for_where_the_description_says_so_and_nowhere_else(tmp_path):
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    client = TestClient(app)
    for path, methods in app.openapi()["paths"].items():
        for method, said in methods.items():
            asked = {} not in said.get("security", [{}])
            answer = client.request(method, re.sub("{.*?}", "x" * 16, path))
            assert (answer.status_code == 401) == asked, f"{method} {path}"


def test_what_is_made_is_linked_to_all_that_may_follow():
    paths = json.loads(CURRENT.read_text())["paths"]
    for maker, status, count in (
        ("/v1/needs", "201", 8),
        ("/v1/webhooks", "201", 6),
        ("/v1/webhooks/{webhook_id}/test", "202", 1),
    ):
        links = paths[maker]["post"]["responses"][status]["links"]
        assert len(links) == count, maker
    assert next(iter(links.values()))["parameters"] == {
        "webhook_id": "$request.path.webhook_id",
        "delivery_id": "$response.body#/id",
    }


SENT = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "maxLength": 100},
        "kind": {"enum": ["a", "b"], "type": "string"},
        "age": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
    },
    "required": ["text"],
}
READ = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["new", "closed"], "type": "string"},
        "tags": {"type": "array", "items": {"$ref": "#/components/schemas/Tag"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["id", "state"],
}
TAG = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def small():
    """One path, with a parameter, a body and an answer."""
    parameter = {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/In"}}}
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Out"}}}
    post = {
        "parameters": [parameter],
        "requestBody": {"content": content, "required": True},
        "responses": {"201": {"content": answer}, "422": {"description": "no"}},
    }
    schemas = {"In": SENT, "Out": READ, "Tag": TAG}
    return deepcopy({"paths": {"/v1/x": {"post": post}}, "components": {"schemas": schemas}})


POST = ("paths", "/v1/x", "post")
PARAMETER = (*POST, "parameters", 0)
IN, OUT, NAME = (("components", "schemas", name, "properties") for name in ("In", "Out", "Tag"))
GONE = object()


def changed(path, value):
    made = small()
    at = made
    for step in path[:-1]:
        at = at[step]
    if value is GONE:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return made


BREAKING = [
    (("paths", "/v1/x"), GONE, "POST /v1/x is gone"),
    ((*POST, "parameters"), [], "parameter limit is gone"),
    ((*PARAMETER, "required"), True, "parameter limit is required"),
    ((*PARAMETER, "schema"), {"type": "string"}, "limit: integer is refused"),
    ((*PARAMETER, "schema", "maximum"), 9, "limit: maximum is narrower (9)"),
    ((*POST, "security"), [{"key": []}], "asks for a key"),
    ((*POST, "responses", "201"), GONE, "answer 201 is gone"),
    ((*IN, "text", "pattern"), "^x$", "body.text: pattern ^x$ is asked"),
    ((*IN, "kind"), GONE, "body: field kind is gone"),
    ((*IN, "kind", "enum"), ["a"], "body.kind: value b is refused"),
    ((*IN, "text", "maxLength"), 99, "body.text: maxLength is narrower (99)"),
    ((*IN, "age"), {"type": "integer", "minimum": 0}, "body.age: null is refused"),
    ((*IN, "age", "anyOf", 0, "minimum"), 1, "body.age: minimum is narrower (1)"),
    (("components", "schemas", "In", "required"), ["text", "kind"], "field kind is required"),
    ((*OUT, "id"), GONE, "201: field id is gone"),
    ((*OUT, "id", "type"), "integer", "201.id: integer may come"),
    ((*OUT, "state", "enum"), ["new"], "201.state: value closed is gone"),
    ((*OUT, "state", "enum"), ["new", "closed", "lost"], "201.state: value lost may come"),
    ((*OUT, "id"), {"anyOf": [{"type": "string"}, {"type": "null"}]}, "201.id: null may come"),
    ((*NAME, "name"), GONE, "201.tags[]: field name is gone"),
    (("components", "schemas", "Out", "required"), ["id"], "201: field state may be missing"),
]
ADDING = [
    (("paths", "/v1/y"), {"get": {"responses": {}}}),
    ((*PARAMETER, "schema", "default"), 10),
    ((*POST, "security"), [{"key": []}, {}]),
    ((*POST, "responses", "409"), {"description": "conflict"}),
    ((*IN, "more"), {"type": "string"}),
    ((*IN, "kind", "enum"), ["a", "b", "c"]),
    ((*IN, "text", "maxLength"), 200),
    (("components", "schemas", "In", "required"), []),
    ((*OUT, "more"), {"type": "string"}),
    (("components", "schemas", "Out", "required"), ["id", "state", "tags"]),
]


@pytest.mark.parametrize(("path", "value", "told"), BREAKING)
def test_what_breaks_is_named(path, value, told):
    (found,) = breaking(small(), changed(path, value))
    assert told in found


def test_a_key_that_was_only_welcome_must_not_be_asked_for():
    welcome = changed((*POST, "security"), [{"key": []}, {}])
    assert breaking(welcome, small()) == []
    assert breaking(welcome, changed((*POST, "security"), [{"key": []}])) == [
        "POST /v1/x asks for a key"
    ]


@pytest.mark.parametrize(("path", "value"), ADDING)
def test_what_only_adds_breaks_nothing(path, value):
    assert breaking(small(), changed(path, value)) == []


def test_a_description_breaks_nothing_of_itself():
    assert breaking(small(), small()) == []
