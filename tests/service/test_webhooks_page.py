"""What docs/webhooks.md says is what happens."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import service.app
from data.store_deliveries import MOST_TRIES, WAITS
from data.store_webhooks import Webhook
from service.api.events import DESCRIBED
from service.signing import secret_text, signed
from tests.service.hooks import KEY

PAGE = (Path(service.app.__file__).parents[1] / "docs" / "webhooks.md").read_text("utf-8")
HOOK = Webhook("wh_0", "nord", "https://portail.fr/", ("need.closed",), datetime.now(UTC))


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_each_event_has_an_example_that_is_one():
    found = [json.loads(block) for block in blocks("json")]
    assert [one["type"] for one in found] == list(DESCRIBED)
    for one in found:
        DESCRIBED[one["type"]].model_validate(one)


def test_the_waits_are_those_that_are_followed():
    (told,) = re.findall(r"at once, then after (.*?), almost", PAGE, re.DOTALL)
    minutes = {"minute": 1, "hour": 60}
    said = [int(n) * minutes[unit] for n, unit in re.findall(r"(\d+)\s+(minute|hour)", told)]
    assert said == [wait.total_seconds() / 60 for wait in WAITS]
    assert MOST_TRIES == 8


@pytest.fixture
def portal():
    """The program of the page, in Python, with the secret of a webhook."""
    (program,) = blocks("python")
    names = {"SECRET": secret_text(KEY, HOOK)}
    exec(compile(program, "docs/webhooks.md", "exec", dont_inherit=True), names)
    return TestClient(names["app"])


def test_the_rule_for_who_has_no_library_gives_the_same_signature():
    headers = signed(KEY, HOOK, "evt_1", "{}", datetime.now(UTC))
    secret = b64decode(secret_text(KEY, HOOK).removeprefix("whsec_"))
    said = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{{}}"
    made = b64encode(hmac.digest(secret, said.encode(), "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{made}"


def test_the_receiver_of_the_page_reads_an_event_once_and_refuses_what_is_not_ours(portal, capsys):
    body = blocks("json")[4].strip()
    headers = dict(signed(KEY, HOOK, "evt_1", body, datetime.now(UTC)))
    for _ in range(2):
        assert portal.post("/webhooks/aiguille", content=body, headers=headers).status_code == 204
    spoilt = {**headers, "webhook-id": "evt_2"}
    assert portal.post("/webhooks/aiguille", content=body, headers=spoilt).status_code == 400
    assert capsys.readouterr().out.count("need.closed") == 1
