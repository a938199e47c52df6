"""Aiguille as it is served, and a partner's side: its portal up or down, and who uses it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx

from data.audit import last_id
from data.engine import read
from data.marks import mark
from data.store_needs import load_need
from data.store_partner_needs import counts_of_partner
from service.app import create_app
from service.deps import clock
from service.usecases.delivering import Couriers
from service.usecases.jobs import Jobs, Worker
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import act, client_of, keep_users, user
from tests.journeys.conftest import links_in, served
from tests.journeys.sample_portal import Portal, create_portal
from tests.partners import need, portal, sending

LEA = user("lea", "network-lead", "FR")
_numbers = count(1)


class Clock:
    """The time that it is, for signatures are refused later; ahead when it is told so."""

    ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


class Site:
    """It is served, and its worker tells what happens, as `aiguille serve` does."""

    def __init__(self, folder):
        self.clock = Clock()
        self.settings = settings(
            folder, webhooks_local=True, undo_seconds=0, public_url="http://site.exemple"
        )
        catalogue = tiny_catalogue(folder, offer("aide", need_types=("tresorerie",)))
        self.engine = catalogue.engine
        keep_users(self.engine, LEA)
        self.app = create_app(self.settings, catalogue)
        self.app.dependency_overrides[clock] = self.clock

    @contextmanager
    def served(self):
        couriers = Couriers.of(self.settings, self.engine, self.app.state.sandbox.if_made)
        worker = Worker(couriers.run, self.clock, 0.02)
        worker.start()
        with served(self.app) as self.address:
            self.desk = client_of(self.app, LEA, now=self.clock())
            yield self
        worker.stop()

    def all_queued(self):
        """All that happened is to be told to who wants it."""
        with read(self.engine) as connection:
            return mark(connection, "events") == str(last_id(connection))

    def act(self, need_id, action, **fields):
        """A catalyst does something with a need, by the form of its page."""
        with read(self.engine) as connection:
            stored = load_need(connection, need_id)
        assert act(self.desk, stored, action, **fields).status_code == 303

    def close(self, need_id):
        self.act(need_id, "changer", geste="close:helped", raison="sorting")

    def answer(self, need_id):
        """It is transmitted to a provider, who takes it by program."""
        who = f"porteur-{next(_numbers)}@exemple.org"
        self.act(need_id, "transmettre", offre="aide", destinataire=who)
        Jobs.of(self.settings, self.engine).send(self.clock)
        token = links_in(self.settings.mail_folder, who, r"/reponse/(\S+)")[-1]
        said = {"choice": "accept", "contact_on": str(self.clock().date() + timedelta(days=2))}
        assert httpx.post(f"{self.address}/v1/answers/{token}", json=said).status_code == 200


class Side:
    """A partner's side: its portal, which starts and stops, its file staying; and who uses it."""

    def __init__(self, site, folder):
        self.site = site
        key = portal(site.app, now=site.clock()).headers["authorization"]
        self.api = httpx.Client(base_url=site.address, headers={"authorization": key})
        self.file, self.port, self.loses_answers = folder / "portail.db", 0, False
        self.heard = []
        # What somebody tells it, and agrees to.
        self.need = need(send=sending("aide", agreed_at=site.clock().isoformat()))

    @contextmanager
    def up(self):
        self.portal = Portal(self.file, self.api)
        with served(self._through(create_portal(self.portal)), self.port) as address:
            self.port = httpx.URL(address).port
            self.hook = f"{address}/webhooks/aiguille"
            with httpx.Client(base_url=address) as self.people:
                yield self

    def _through(self, app):
        """The way to the portal, where what it is told is heard, and its answers may be lost."""

        async def way(scope, receive, send):
            async def heard():
                message = await receive()
                if message["type"] == "http.request" and "/webhooks/" in scope["path"]:
                    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
                    signed = {n: v for n, v in headers.items() if n.startswith("webhook-")}
                    self.heard.append((signed, message["body"]))
                return message

            async def sent(message):
                if self.loses_answers and message["type"] == "http.response.start":
                    message = {**message, "status": 502}
                await send(message)

            await app(scope, heard, sent)

        return way

    def send(self, *dossiers):
        for dossier in dossiers:
            assert self.people.put(f"/dossiers/{dossier}", json=self.need).status_code == 204

    def post(self, body, headers):
        """Post to it what looks like an event; its status."""
        return self.people.post("/webhooks/aiguille", content=body, headers=headers).status_code

    def need_id(self, dossier):
        (found,) = self.api.get("/v1/needs", params={"external_id": dossier}).json()["needs"]
        return found["id"]

    def deliveries(self):
        return self.api.get(f"/v1/webhooks/{self.portal.webhook()[0]}/deliveries").json()[
            "deliveries"
        ]

    def events(self):
        """The ids of those that the portal keeps, and whether each was treated."""
        with self.portal.store() as store:
            return dict(store.execute("select id, treated from events"))

    def counts(self):
        return self.people.get("/etats").json()

    def settled(self):
        """All that happened has arrived, and the portal has treated it."""
        queued, told = self.site.all_queued(), self.deliveries()
        arrived = all(one["state"] == "delivered" for one in told)
        return queued and arrived and self.events() == dict.fromkeys((one["id"] for one in told), 1)

    def counts_as_we_do(self):
        """Its count of needs and states is what the API counts, and what is stored."""
        partner = self.api.get("/v1/key").json()["partner"]
        with read(self.site.engine) as connection:
            stored = counts_of_partner(connection, partner)
        assert self.counts() == self.api.get("/v1/needs/counts").json()["counts"] == stored
        return stored


def wait_until(true, seconds=10):
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "nothing more happens"
        time.sleep(0.01)
