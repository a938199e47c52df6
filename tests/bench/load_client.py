"""Who asks in a load: what they ask, when, and what each saw, from the moment it was due.

The schedule is open: whoever is due asks, however many still wait, and waits from when they were
due; a slow answer delays nobody's question, and hides nobody's wait.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from urllib.parse import quote

import numpy as np

from evaluation.datasets import TRAIN_NEEDS

LONGEST_S = 30
FACTS = ("profile", "employees", "commune")
PLACES = ("Men", "Saint-Den", "Lill", "Auril", "75011", "Bou", "Mars", "La Ro")
WORDS = (
    "numérique",
    "salaires",
    "bénévoles",
    "locaux",
    "emploi",
    "association",
    "fonds",
    "conseil",
)
QUERIES = {"/v1/offers": "word", "/v1/territories": "place"}
MIX = {
    "POST /v1/match": 0.70,
    "POST /v1/needs": 0.05,
    "GET /v1/offers": 0.10,
    "GET /v1/territories": 0.05,
    "GET /": 0.10,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """`at`: seconds from the start of the load at which it is due."""

    at: float
    route: str
    need: dict[str, object]
    word: str
    place: str

    def sent(self, host: str) -> bytes:
        """As it goes over the wire; the server ends the connection after its answer."""
        method, path = self.route.split()
        body = json.dumps(self.need).encode() if method == "POST" else b""
        if path in QUERIES:
            path += f"?q={quote(getattr(self, QUERIES[path]))}"
        kind = "text/html" if path == "/" else "application/json"
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAccept: {kind}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an ask. `late_s`: how late we were to ask it; `waited_s`: from when it was due.

    `status`: 0 when nothing came.
    """

    at: float
    route: str
    status: int
    waited_s: float
    late_s: float
    retry_after: bool


def asks(spans: Sequence[tuple[float, float]], seed: int) -> list[Ask]:
    """What is asked over spans of (seconds, asks a second), each at moments drawn at random."""
    rng = np.random.default_rng(seed)
    start, moments = 0.0, [np.empty(0)]
    for seconds, rate in spans:
        moments.append(np.sort(rng.uniform(start, start + seconds, round(seconds * rate))))
        start += seconds
    times = np.concatenate(moments)
    needs = said_needs()
    drawn = zip(
        times.tolist(),
        rng.choice(list(MIX), len(times), p=list(MIX.values())).tolist(),
        rng.integers(0, len(needs), len(times)).tolist(),
        rng.choice(WORDS, len(times)).tolist(),
        rng.choice(PLACES, len(times)).tolist(),
        strict=True,
    )
    return [Ask(at, route, needs[n], word, place) for at, route, n, word, place in drawn]


def said_needs() -> list[dict[str, object]]:
    """The needs that ship to be learned from, as they are sent."""
    with (TRAIN_NEEDS / "queries.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        {"text": row["text"], **{k: v for k, v in row["metadata"].items() if k in FACTS}}
        for row in rows
    ]


async def play(addresses: Sequence[str], due: Sequence[Ask]) -> list[Seen]:
    """Ask each when it is due, of one address after the other; what each saw, in that order."""
    started, waiting = perf_counter(), []
    for ask, address in zip(due, cycle(addresses)):
        await asyncio.sleep(max(0, started + ask.at - perf_counter()))
        waiting.append(asyncio.create_task(_seen(address, ask, started)))
    return await asyncio.gather(*waiting)


async def _seen(address: str, ask: Ask, started: float) -> Seen:
    late_s = perf_counter() - started - ask.at
    try:
        async with asyncio.timeout(LONGEST_S):
            status, retry_after = await _asked(address, ask)
    except (OSError, EOFError, TimeoutError):
        status, retry_after = 0, False
    waited_s = perf_counter() - started - ask.at
    return Seen(ask.at, ask.route, status, waited_s, late_s, retry_after)


async def _asked(address: str, ask: Ask) -> tuple[int, bool]:
    """The status, and whether it says when to come back, once all of the answer has come.

    A connection an ask, by hand: the pools of httpx take longer than what they wait for, past some
    hundreds at once, and one core would not ask ten times as much.
    """
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(ask.sent(host))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.read(-1)
    finally:
        writer.close()
    return int(head.split(maxsplit=2)[1]), b"\r\nretry-after:" in head.lower()
