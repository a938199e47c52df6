"""`make load`, in five seconds: a small site is asked too much, says so, and is itself again."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from xml.etree import ElementTree

import httpx

from service.app import create_app
from tests.bench.load_client import Seen, asks, play
from tests.bench.load_page import drawing
from tests.bench.load_report import Load, bars
from tests.bench.load_site import Held
from tests.builders import settings, tiny_catalogue
from tests.journeys.conftest import served

CALM, CROWDED = 5, 200
SPANS = ((1, CALM), (2, CROWDED), (2, CALM))


def test_too_much_at_once_is_told_when_to_come_back_while_health_answers_then_all_is_as_before(
    tmp_path,
):
    app = create_app(settings(tmp_path, threads=1), tiny_catalogue(tmp_path))
    over, alive = Event(), []

    def asking_health():
        while not over.wait(0.2):
            alive.append(httpx.get(f"{address}/health", timeout=30).status_code)

    # Aside: a browser's tests may have left this thread a loop of their own.
    with served(app) as address, ThreadPoolExecutor(2) as aside:
        watching = aside.submit(asking_health)
        try:
            seen = aside.submit(asyncio.run, play([address], asks(SPANS, seed=1))).result()
        finally:
            over.set()
        watching.result()
        again = [
            httpx.post(f"{address}/v1/match", json={"text": "payer les salaires"}, timeout=30)
            for _ in range(5)
        ]
    assert {answer.status_code for answer in again} == {200}
    shed = [s for s in seen if s.status == 503]
    assert len(shed) > 20
    assert all(s.retry_after for s in shed)
    assert {s.status for s in seen} <= {200, 201, 503}
    assert set(alive) == {200}


def load(*, overloaded=(503, True), steady_ms=20, last_mb=100.0, last_descriptors=12):
    """A load of ten seconds, ten, and ten, as asked and seen; one thing may be otherwise."""
    due = asks(((10, CALM), (10, CALM), (10, CALM)), seed=1)
    status, retry_after = overloaded
    seen = [
        Seen(a.at, a.route, status, 0.01, 0, retry_after)
        if 10 <= a.at < 20
        else Seen(a.at, a.route, 200, steady_ms / 1000, 0, False)
        for a in due
    ]
    held = [
        Held(t, 0, last_mb if t == 9 else 100.0, last_descriptors if t == 9 else 12, t)
        for t in range(30)
    ]
    return Load(CALM, (0, 10, 20, 30), seen, held)


def test_each_promise_that_is_broken_is_told_and_no_other():
    assert not broken(load())
    assert broken(load(steady_ms=251)) == ["p99", "recovers"]
    assert broken(load(last_mb=106.0)) == ["memory, the worker that grew most"]
    assert broken(load(last_descriptors=30)) == ["file descriptors"]
    assert broken(load(overloaded=(503, False))) == ["10 times as much is shed"]
    assert broken(load(overloaded=(500, False))) == [
        "10 times as much is shed",
        "nothing else fails then",
    ]


def broken(found):
    return [bar.name for bar in bars(found) if not bar.holds]


def test_the_picture_draws_waits_and_memory_through_time():
    drawn = ElementTree.fromstring(drawing(load()))
    assert len(drawn.findall(".//{*}polyline")) == 5 + 3 + 1 + 2 + 1
