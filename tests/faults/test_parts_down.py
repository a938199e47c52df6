"""What others run is down: needs are kept all the same, and /ready names what does not answer."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import httpx
import pytest

from data.audit import append
from data.engine import write
from data.outbox import queue
from service.app import create_app
from service.usecases.jobs import Jobs
from tests.builders import offer, settings, tiny_catalogue
from tests.faults.processes import wait_until
from tests.journeys.conftest import served
from tests.partners import key_of, need, sending
from tests.service.hooks import courier_of, webhooks_of
from tests.service.identity_provider import identity_provider
from tests.service.receiver import receiving
from tests.service.sent_needs import Clock, waiting
from tests.service.smtp_server import Kept, serving

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def port():
    """A port at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def test_needs_are_kept_while_all_others_are_down_and_ready_names_them_until_they_are_back(
    tmp_path, port
):
    nowhere = f"http://127.0.0.1:{port}"
    mail = {"mail": "smtp", "mail_host": "127.0.0.1", "mail_port": port, "mail_tls": "none"}
    made = settings(tmp_path, oidc_issuer=nowhere, **mail)
    catalogue = tiny_catalogue(tmp_path, offer("aide", need_types=("tresorerie",)))
    engine, app = catalogue.engine, create_app(made, catalogue)
    key = {"Authorization": f"Bearer {key_of(app, now=NOW)}"}
    clock = Clock(NOW)
    with served(app) as address:
        partner = httpx.get(f"{address}/v1/key", headers=key).json()["partner"]
        webhooks_of(engine, partner).make(f"{nowhere}/crochet", ["need.transmitted"], now=NOW)

        def ready():
            found = httpx.get(f"{address}/ready")
            assert (found.status_code, found.json()["status"]) == (200, "ready")
            return found.json()["parts"]

        agreed = {"agreed_at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}"}
        body = need(send=sending("aide", **agreed))
        kept = [httpx.post(f"{address}/v1/needs", json=body, headers=key) for _ in range(5)]
        waiting(engine, "n", NOW)
        with write(engine) as connection:
            for one in kept:
                told = {"action": "transmitted", "need_id": one.json()["id"], "offer": "aide"}
                append(connection, at=NOW, actor="user:u", **told)
            queue(connection, "question", at=NOW, need_id="n")
        clock.forward(minutes=1)
        Jobs.of(made, engine).send(clock)
        courier_of(engine).run(clock)
        wait_until(lambda: ready()["identity"] != "unknown")
        down = {"mail": "unreachable", "webhooks": "1 unanswering", "identity": "unreachable"}
        assert ready() == {"database": "ok", "index": "ok", **down}
        assert [one.status_code for one in kept] == [201] * 5
        assert (
            httpx.post(address, data={"text": body["text"], "commune": "Mende"}).status_code == 303
        )

        with receiving(port=port) as receiver:
            clock.forward(minutes=5)
            while courier_of(engine).run(clock)["delivered"]:
                pass
            assert len(set(receiver.ids)) == 5
        assert ready()["webhooks"] == "ok"
        with serving(Kept()) as open_port:
            Jobs.of(made.model_copy(update={"mail_port": open_port}), engine).send(clock)
        assert ready()["mail"] == "ok"
    print("\nmail server, webhook and identity provider down: 6 of 6 needs kept, each named")  # noqa: T201


def test_ready_says_when_the_identity_provider_answers(tmp_path):
    with identity_provider(int(NOW.timestamp())) as provider:
        made = settings(tmp_path, oidc_issuer=provider.address)
        app = create_app(made, tiny_catalogue(tmp_path))
        with served(app) as address:
            wait_until(lambda: httpx.get(f"{address}/ready").json()["parts"]["identity"] == "ok")
