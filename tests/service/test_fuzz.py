"""Anything the description allows, and what it forbids: every check of schemathesis.

Two callers try: nobody, and partners of the sandbox with their keys. `AIGUILLE_FUZZ_CASES` says how
many requests in all (`make fuzz`); a few otherwise.
"""

from __future__ import annotations

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS

from service.app import create_app
from tests.builders import settings as our_settings
from tests.builders import tiny_catalogue
from tests.partners import portal

ALL = [CHECKS.get_one(name) for name in CHECKS.get_all_names()]
CASES = int(os.environ.get("AIGUILLE_FUZZ_CASES", "250"))
STEPS = 10
NDJSON = "application/x-ndjson"
EASY = {"deadline": None, "suppress_health_check": list(HealthCheck)}
TAKEN = ["2xx", "401", "403", "404", "409", "410", "412", "422", "428"]
"""What may be answered to a body of the right form: 422 too, for a form knows no place nor date."""
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": TAKEN}}}


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


@pytest.fixture(params=["nobody", "partner"])
def newcomer(app, request):
    """A function: the headers of somebody who has asked for nothing yet."""
    if request.param == "nobody":
        return dict
    return lambda: {"Authorization": portal(app, mode="test").headers["authorization"]}


@pytest.fixture(scope="module")
def schema(app):
    config = schemathesis.Config.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


def test_each_operation_answers_as_described(schema, newcomer):
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 20
    each, headers = max(1, CASES // (4 * len(operations))), newcomer()
    for operation in operations:

        @settings(max_examples=each, **EASY)
        @given(operation.as_strategy())
        def check(case):
            case.call_and_validate(checks=ALL, headers=headers)

        check()


def test_what_was_made_is_read_changed_and_withdrawn_as_described(schema, newcomer):
    """Sequences along the links of the description, each by somebody else."""
    asked = []

    class Somebody(schema.as_state_machine()):
        def setup(self):
            self.headers = newcomer()

        def get_call_kwargs(self, case):
            asked.append(case.operation.label)
            return {"headers": self.headers}

        def validate_response(self, response, case, additional_checks=(), **_):
            case.validate_response(response, checks=ALL, headers=self.headers)

    many = max(1, CASES // (4 * STEPS))
    Somebody.run(settings=settings(max_examples=many, stateful_step_count=STEPS, **EASY))
    assert asked
