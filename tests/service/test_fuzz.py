"""Anything the schema allows: never a 5xx, never a status that the schema does not document."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from service.app import create_app
from tests.builders import settings as our_settings
from tests.builders import small_catalogue

CHECKS = [not_a_server_error, status_code_conformance]


def test_no_server_error_and_no_undocumented_status(tmp_path):
    app = create_app(our_settings(tmp_path), small_catalogue(tmp_path))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 10
    for operation in operations:

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def check(case):
            case.call_and_validate(checks=CHECKS)

        check()
