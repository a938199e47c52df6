"""A portal that lives with Aiguille, as a partner would write it: it knows its API and no more.

People tell it what they need; it keeps their dossiers in a file of its own, sends each as a need,
and is told by webhooks what becomes of it. Whatever is asked of it twice is done once.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Request
from standardwebhooks import Webhook, WebhookVerificationError

TABLES = """
create table if not exists dossiers (id text primary key, need_id text, state text);
create table if not exists events (id text primary key, body text, treated integer default 0);
create table if not exists webhook (id text primary key, secret text);
"""
GONE = 410


@dataclass
class Portal:
    """`file` outlives the process; `aiguille` calls the API with the portal's key."""

    file: Path
    aiguille: httpx.Client
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def store(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        connection = sqlite3.connect(self.file)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def send(self, dossier_id: str, need: Any) -> None:
        """Send a dossier; again if the answer was lost: under the same key it is one need."""
        answer = self.aiguille.post(
            "/v1/needs",
            json={**need, "external_id": dossier_id},
            headers={"Idempotency-Key": f"dossier {dossier_id}"},
        )
        self._sent(answer.raise_for_status().json())

    def send_all(self, dossiers: dict[str, Any]) -> list[str]:
        """Send many in one request; what became of each line."""
        lines = (json.dumps({**need, "external_id": i}) + "\n" for i, need in dossiers.items())
        body = "".join(lines).encode()
        with self.aiguille.stream("POST", "/v1/needs/batch", content=body) as answers:
            told = [json.loads(line) for line in answers.iter_lines()]
        for one in told:
            if "need" in one:
                self._sent(one["need"])
        return [one["status"] for one in told]

    def withdraw(self, dossier_id: str) -> None:
        """Have a need erased, as its person asks; an event will tell that it is."""
        with self.store() as store:
            query = "select need_id from dossiers where id = ?"
            ((need_id,),) = store.execute(query, (dossier_id,)).fetchall()
        self.aiguille.delete(f"/v1/needs/{need_id}").raise_for_status()

    def _sent(self, need: Any) -> None:
        """Keep what a dossier became, unless an event was faster."""
        row = need["external_id"], need["id"], need["state"]
        with self.store() as store:
            store.execute("insert or ignore into dossiers values (?, ?, ?)", row)

    def subscribe(self, url: str, events: list[str]) -> None:
        asked = {"url": url, "events": events}
        made = self.aiguille.post("/v1/webhooks", json=asked).raise_for_status().json()
        with self.store() as store:
            store.execute("insert into webhook values (?, ?)", (made["id"], made["secret"]))

    def turn_secret(self) -> str:
        """Ask for another secret. The one before serves until `adopt`: for a day both sign."""
        turned = self.aiguille.post(f"/v1/webhooks/{self.webhook()[0]}/secret").raise_for_status()
        secret: str = turned.json()["secret"]
        return secret

    def adopt(self, secret: str) -> None:
        with self.store() as store:
            store.execute("update webhook set secret = ?", (secret,))

    def webhook(self) -> tuple[str, str]:
        """Its id and the secret in service."""
        with self.store() as store:
            (found,) = store.execute("select id, secret from webhook")
            return found

    def comes_from_aiguille(self, body: bytes, headers: dict[str, str]) -> bool:
        try:
            Webhook(self.webhook()[1]).verify(body, headers)
        except WebhookVerificationError:
            return False
        return True

    def keep_event(self, event_id: str, body: bytes) -> bool:
        """Keep an event, to be treated once answered; False when it is known already."""
        with self.store() as store:
            row = event_id, body.decode()
            new = store.execute("insert or ignore into events (id, body) values (?, ?)", row)
            return new.rowcount == 1

    def treat(self) -> None:
        """Read each need that an event tells of: order does not matter, nor what is told twice."""
        with self._turn:
            with self.store() as store:
                kept = store.execute("select id, body from events where not treated").fetchall()
            for event_id, body in kept:
                told = json.loads(body)["data"]
                state = self._state(told["need_id"]) if "need_id" in told else None
                with self.store() as store:
                    if state is not None:
                        row = told["external_id"], told["need_id"], state
                        store.execute("insert or replace into dossiers values (?, ?, ?)", row)
                    store.execute("update events set treated = 1 where id = ?", (event_id,))

    def _state(self, need_id: str) -> str:
        answer = self.aiguille.get(f"/v1/needs/{need_id}")
        return "erased" if answer.status_code == GONE else answer.raise_for_status().json()["state"]

    def read_moved(self, since: str) -> None:
        """Read the needs that moved since then: what no event tells, as a night's check does."""
        page: dict[str, Any] = {"next_cursor": ""}
        while (cursor := page["next_cursor"]) is not None:
            asked = {"moved_since": since, "limit": 2, **({"cursor": cursor} if cursor else {})}
            page = self.aiguille.get("/v1/needs", params=asked).raise_for_status().json()
            rows = [(n["external_id"], n["id"], n["state"]) for n in page["needs"]]
            with self.store() as store:
                store.executemany("insert or replace into dossiers values (?, ?, ?)", rows)

    def counts(self) -> dict[str, int]:
        """How many dossiers are in each state."""
        with self.store() as store:
            return dict(store.execute("select state, count(*) from dossiers group by state"))


async def _raw(request: Request) -> bytes:
    """The body as it came: what was signed."""
    return await request.body()


def create_portal(portal: Portal) -> FastAPI:
    """The portal's own application; what was not treated when it stopped is, when it starts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with portal.store() as store:
            store.executescript(TABLES)
        threading.Thread(target=portal.treat).start()
        yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/webhooks/aiguille", status_code=204)
    def receive(
        request: Request, body: Annotated[bytes, Depends(_raw)], later: BackgroundTasks
    ) -> None:
        if not portal.comes_from_aiguille(body, dict(request.headers)):
            raise HTTPException(400)
        if portal.keep_event(request.headers["webhook-id"], body):
            later.add_task(portal.treat)

    @app.put("/dossiers/{dossier_id}", status_code=204)
    def send(dossier_id: str, need: dict[str, Any]) -> None:
        portal.send(dossier_id, need)

    @app.post("/dossiers")
    def send_all(dossiers: dict[str, Any]) -> list[str]:
        return portal.send_all(dossiers)

    @app.delete("/dossiers/{dossier_id}", status_code=204)
    def withdraw(dossier_id: str) -> None:
        portal.withdraw(dossier_id)

    @app.get("/etats")
    def counts() -> dict[str, int]:
        return portal.counts()

    return app
