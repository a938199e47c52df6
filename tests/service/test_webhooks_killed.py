"""Workers killed (kill -9) as they tell webhooks: each event arrives, under one id, none is lost.

`make soak` kills twenty of them, on each kind of database.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from data.audit import append, lines_after
from data.engine import read, write
from data.store_deliveries import LEASE
from data.tables_webhooks import deliveries
from service.events import EVENTS, event_of
from tests.service.hooks import courier_of, sent_by, told, webhooks_of
from tests.service.receiver import receiving
from tests.service.sent_needs import Clock, keep_need

KILLS = int(os.environ.get("AIGUILLE_SOAK_KILLS", "2"))
WEBHOOKS, EVENTS_A_LIFE = 3, 6


@pytest.fixture
def engine(engine):
    keep_need(engine, "besoin", datetime.now(UTC))
    sent_by(engine, "besoin")
    return engine


@contextmanager
def working(engine, folder):
    """The command that does the jobs again and again, in a process of its own, then killed."""
    said = {
        "AIGUILLE_FOLDER": str(folder),
        "AIGUILLE_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "AIGUILLE_WEBHOOKS_LOCAL": "true",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    words = "from service.cli import main; main()", "jobs", "run", "--every", "0.05"
    with subprocess.Popen(
        [sys.executable, "-c", *words],
        env={**os.environ, **said},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        process.kill()


def happen(engine, count):
    with write(engine) as connection:
        for _ in range(count):
            append(
                connection,
                at=datetime.now(UTC),
                actor="user:u",
                action="transmitted",
                need_id="besoin",
                offer="fonds",
            )


def in_flight(engine):
    """Deliveries that somebody claimed, and of which nobody said what became."""
    d = deliveries.c
    query = select(func.count()).where(d.delivered_at.is_(None), d.tries > 0, d.error.is_(None))
    with read(engine) as connection:
        return connection.scalar(query)


def wait_until(true, seconds=60):
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "nothing more arrives"
        time.sleep(0.005)


def test_no_event_is_lost_when_workers_are_killed(engine, tmp_path):
    chance, cut = random.Random(20), []
    with ExitStack() as stack:
        receivers = [stack.enter_context(receiving(slow_s=0.03)) for _ in range(WEBHOOKS)]
        hooks = [
            webhooks_of(engine).make(r.url, ["need.transmitted"], now=datetime.now(UTC))
            for r in receivers
        ]

        def arrived():
            return sum(len(r.got) for r in receivers)

        for _ in range(KILLS):
            happen(engine, EVENTS_A_LIFE)
            before = arrived()
            with working(engine, tmp_path) as process:
                some = chance.randint(1, WEBHOOKS * EVENTS_A_LIFE // 2)
                wait_until(lambda: arrived() >= before + some)  # noqa: B023
                time.sleep(chance.random() * 0.03)
                process.kill()
                process.wait()
            cut.append(in_flight(engine))
        # Others take over once the leases of the dead are past: by a clock that is ahead.
        clock = Clock(datetime.now(UTC) + LEASE)
        while courier_of(engine).run(clock)["delivered"]:
            pass
    with read(engine) as connection:
        expected = {event_of(line).id for line in lines_after(connection, 0, EVENTS, 10_000)}
    assert len(expected) == KILLS * EVENTS_A_LIFE
    for hook, receiver in zip(hooks, receivers, strict=True):
        assert set(receiver.ids) == expected
        assert len({(got.id, got.body) for got in receiver.got}) == len(expected)
        standings = Counter(d.standing(clock.now) for d in told(engine, hook.webhook.id))
        assert standings == {"delivered": len(expected)}
    again = arrived() - WEBHOOKS * len(expected)
    print(  # noqa: T201
        f"\n{engine.dialect.name}: {KILLS} kill -9, {sum(n > 0 for n in cut)} amid deliveries; "
        f"{len(expected)} events to {WEBHOOKS} webhooks, all arrived, {again} twice, 0 lost"
    )
