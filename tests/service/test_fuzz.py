"""Anything the description allows: never a 5xx, never a status that it does not document.

Two callers try: nobody, and a partner of the sandbox with its key. `AIGUILLE_FUZZ_CASES` says how
many requests in all (`make fuzz`); a few otherwise.
"""

from __future__ import annotations

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from tests.builders import settings as our_settings
from tests.builders import tiny_catalogue
from tests.partners import portal

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
CASES = int(os.environ.get("AIGUILLE_FUZZ_CASES", "250"))
STEPS = 10
NDJSON = "application/x-ndjson"
EASY = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@schemathesis.serializer(NDJSON)
def as_lines(_, value):
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")}


@schemathesis.deserializer(NDJSON)
def first_line(_, response):
    return json.loads(response.content.splitlines()[0])


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    unlimited = {"rates": {"api": "0", "key": "0"}}
    return create_app(our_settings(folder, **unlimited), tiny_catalogue(folder))


@pytest.fixture(scope="module", params=["nobody", "partner"])
def headers(app, request):
    if request.param == "nobody":
        return {}
    return {"Authorization": portal(app, mode="test").headers["authorization"]}


@pytest.fixture(scope="module")
def schema(app):
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def test_each_operation_answers_as_described(schema, headers):
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    each = max(1, CASES // (4 * len(operations)))
    for operation in operations:

        @settings(max_examples=each, **EASY)
        @given(operation.as_strategy())
        def check(case):
            case.call_and_validate(checks=CHECKS, headers=headers)

        check()


def test_what_was_made_is_read_changed_and_withdrawn_as_described(schema, headers):
    """Sequences along the links of the description, from the need that was created."""
    asked = []

    class Partner(schema.as_state_machine()):
        def get_call_kwargs(self, case):
            asked.append(case.operation.label)
            return {"headers": headers}

        def validate_response(self, response, case, additional_checks=(), **_):
            case.validate_response(response, checks=CHECKS)

    many = max(1, CASES // (4 * STEPS))
    Partner.run(settings=settings(max_examples=many, stateful_step_count=STEPS, **EASY))
    assert asked
