"""A thousand needs that hold what is personal: none of it is in a log, a measure or a trace.

They come through the real application, most of them refused or mended on their way. What is
personal has marks that nothing else has, so that any half of it is seen.
"""

from __future__ import annotations

import json
import logging
import random
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select
from stdnum import iban
from stdnum.fr import nir

from data.engine import read
from data.store_contacts import CATALYST
from data.tables import needs
from data.tables_people import audit, outbox
from data.tables_webhooks import deliveries
from service.app import create_app
from service.usecases.jobs import Jobs
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user
from tests.partners import portal, sending
from tests.service.sent_needs import hurried
from tests.service.test_logs import logged

MANY = 1_000
OFFER = "aide"
LEA = user("lea", "catalyst", "FR")
MARKS = {
    "name": r"quilvrac",
    "mail": r"zwickel\.example",
    "phone": r"(?<![\d.])(?:06|33\D{0,4}6)\D?39\D?98",
    "nir": r"(?<![\d.])2\D?69\D?05\D?49",
    "iban": r"FR\d\d\D?2004\D?1010",
}


def marks_in(text):
    return {kind for kind, mark in MARKS.items() if re.search(mark, str(text), re.IGNORECASE)}


def grouped(number, *sizes):
    """The digits as people write them, by groups; what is left is the last."""
    digits = iter(number)
    return " ".join(filter(None, ("".join(islice(digits, n)) for n in (*sizes, None))))


@dataclass
class Person:
    """Somebody who writes too much of themselves, never twice the same way."""

    number: int
    chance: random.Random

    def __post_init__(self):
        of = self.chance
        self.name = f"{of.choice(('Zoé', 'Inès', 'Ugo'))} Quilvrac-{self.number}"
        self.mail = f"{of.choice(('z.q', 'zoe+asso'))}{self.number}@zwickel.example"
        last = f"{self.number % 100:02d}{of.randrange(100):02d}"
        self.phone = of.choice(("063998", "06 39 98 ", "06.39.98.", "+33 6 39 98 ")) + last
        national = f"2690549{of.randrange(10**6):06d}"
        national += nir.calc_check_digits(national)
        self.nir = of.choice((national, grouped(national, 1, 2, 2, 2, 3, 3)))
        account = f"20041010{of.randrange(10**15):015d}"
        account = f"FR{iban.calc_check_digits(f'FR00{account}')}{account}"
        self.iban = of.choice((account, grouped(account, 4, 4, 4, 4, 4, 4)))

    @property
    def words(self):
        said = [self.name, self.mail, self.phone, self.nir, self.iban]
        self.chance.shuffle(said)
        return f"On n’arrive plus à payer les salaires : {', '.join(said)}."

    @property
    def any(self):
        return self.chance.choice((self.name, self.mail, self.phone, self.nir, self.iban))


@dataclass
class World:
    """The application, and who calls it; `problems` are what programs were refused with."""

    app: object
    problems: list = field(default_factory=list)

    @cached_property
    def browser(self):
        return client_of(self.app)

    @cached_property
    def desk(self):
        return client_of(self.app, LEA)

    @cached_property
    def partner(self):
        return portal(self.app)

    def program(self, body, *, path="/v1/needs", client=None):
        client = client or self.browser
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"content-type": "application/json", "accept": "application/json"}
        found = client.post(path, content=content.encode(), headers=headers)
        if found.status_code >= 400:
            self.problems.append(found.text)
        return found


def page(w, p):
    form = {"text": p.words, "commune": "Mende"}
    assert w.browser.post("/", data=form).status_code == 303


def page_refused(w, p):
    form = {"text": p.words, "commune": p.any, "number": p.nir, "employees": p.phone}
    assert w.browser.post("/", data=form).status_code == 422


def page_masked(w, p):
    shown = w.browser.post("/", data={"text": p.words, "commune": "Mende", "masquer": "1"})
    assert shown.status_code == 200
    assert marks_in(shown.text) == {"name"}


def asked(w, p):
    return w.program({"text": p.words, "commune": "48095"}, path="/v1/match")


def kept(w, p):
    assert w.program({"text": p.words}).status_code == 201


def refused(w, p):
    """By a place, a code, a form or a length: each time with all the words."""
    wrong = (
        {"commune": p.any},
        {"profile": p.any},
        {"naf_section": p.any},
        {"employees": p.any},
        {"founded_on": p.any},
        {p.any: p.any},
        {"need_types": [p.any]},
        {"text": p.words * 200},
        {"send": sending()},
    )
    body = {"text": p.words, **wrong[p.number % len(wrong)]}
    assert w.program(body).status_code in {401, 422}


def broken(w, p):
    assert w.program(f'{{"text": "{p.words}", ').status_code == 422


def lost(w, p):
    """Addresses that hold what is personal."""
    paths = ("/besoins/{}", "/nulle-part/{}", "/v1/offers?q={}", "/reponse/{}", "/lieux?q={}")
    w.browser.get(paths[p.number % len(paths)].format(p.any))


def batch(w, p):
    lines = [{"text": p.words}, {"text": p.words, "commune": p.any}, p.words]
    content = "\n".join(map(json.dumps, lines))
    assert w.partner.post("/v1/needs/batch", content=content.encode()).status_code == 200


def by_partner(w, p):
    said = sending(OFFER)
    said["contact"] = {"name": p.name, "email": p.mail, "phone": p.phone}
    body = {"text": p.words, "external_id": f"dossier-{p.number}", "send": said}
    made = w.program(body, client=w.partner)
    assert made.status_code == 201
    path = f"/v1/needs/{made.json()['id']}/messages"
    assert w.program({"text": p.words}, path=path, client=w.partner).status_code == 204
    assert w.program(body, client=w.partner).status_code == 409


def not_by_partner(w, p):
    said = sending()
    said["contact"] = {"name": f"{p.name}\n", "email": p.name, "phone": p.mail}
    assert w.program({"text": p.words, "send": said}, client=w.partner).status_code == 422


def followed(w, p):
    """Sent, transmitted, answered, and written about by everybody."""
    link = w.browser.post("/", data={"text": p.words, "commune": "Mende"}).headers["location"]
    form = {"name": p.name, "email": p.mail, "phone": p.phone, "offre": OFFER}
    assert w.browser.post(f"{link}/envoyer", data=form).status_code == 422
    agreed = {**form, "accord": [CATALYST, OFFER]}
    assert w.browser.post(f"{link}/envoyer", data=agreed).status_code == 303
    assert w.browser.post(f"{link}/suivi", data={"text": p.words}).status_code == 303
    with read(w.app.state.catalogue.engine) as connection:
        need_id = link.removeprefix("/besoins/")
        key = connection.scalar(select(needs.c.key).where(needs.c.id == need_id))
    for action, said in (
        ("note", {"texte": p.words}),
        ("transmettre", {"offre": OFFER, "destinataire": p.any}),
        ("transmettre", {"offre": OFFER, "destinataire": p.mail}),
        ("changer", {"geste": "close:helped", "raison": "sorting", "note": p.words}),
    ):
        with read(w.app.state.catalogue.engine) as connection:
            version = connection.scalar(select(needs.c.version).where(needs.c.id == need_id))
        fields = {**said, "version": version, **proof(w.desk)}
        w.desk.post(f"/bureau/besoins/{key}/{action}", data=fields)
    w.browser.post(f"/offres/{OFFER}/corriger", data={"text": p.words})
    w.desk.get("/bureau", params={"q": p.any})
    w.browser.post("/connexion", data={"email": p.mail})


WAYS = {
    page: 70,
    page_refused: 80,
    page_masked: 40,
    asked: 60,
    kept: 70,
    refused: 390,
    broken: 60,
    lost: 80,
    batch: 40,
    by_partner: 30,
    not_by_partner: 60,
    followed: 20,
}
assert sum(WAYS.values()) == MANY


@pytest.fixture(scope="module")
def traces(tmp_path_factory):
    """What is left by a thousand people: what to search, and where they must be found."""
    folder = tmp_path_factory.mktemp("scrubbed")
    one = offer(OFFER, need_types=("tresorerie",))
    app = create_app(settings(folder), tiny_catalogue(folder, one))
    keep_users(hurried(app.state.catalogue.engine), LEA)
    world, chance = World(app), random.Random(20261125)
    ways = [way for way, times in WAYS.items() for _ in range(times)]
    chance.shuffle(ways)

    def rows(table):
        with read(app.state.catalogue.engine) as connection:
            return [str(dict(row)) for row in connection.execute(select(table)).mappings()]

    with logged() as log, ExitStack() as opened:
        for theirs in ("httpx", "httpx2"):  # the client of this test tells what it asks
            opened.callback(logging.getLogger(theirs).setLevel, logging.getLogger(theirs).level)
            logging.getLogger(theirs).setLevel(logging.WARNING)
        for client in (world.browser, world.desk, world.partner):
            opened.enter_context(client)
        for number, way in enumerate(ways):
            way(world, Person(number, chance))
        waiting = rows(outbox)
        done = Jobs.of(app.state.settings, app.state.catalogue.engine).send(lambda: NOON)
    mails = [f.read_text() for f in app.state.settings.mail_folder.iterdir()]
    return {
        "log": log.getvalue().splitlines(),
        "metrics": generate_latest().decode().splitlines(),
        "audit": rows(audit),
        "outbox": waiting + rows(outbox),
        "deliveries": rows(deliveries),
        "problems": world.problems,
        "needs": rows(needs),
        "mails": mails,
        "sent": done["sent"],
    }


def test_a_thousand_people_are_kept_and_written_to(traces):
    """Else nothing would be searched for."""
    assert len(traces["needs"]) > 200
    assert set.union(*map(marks_in, traces["needs"])) == set(MARKS)
    assert traces["sent"] == len(traces["mails"]) > 50
    assert len(traces["log"]) > MANY
    assert len(traces["problems"]) > 300


@pytest.mark.parametrize("where", ["log", "metrics", "audit", "outbox"])
def test_none_of_it_is_in(traces, where):
    assert len(traces[where]) > 20
    assert [line for line in traces[where] if marks_in(line)] == []


def test_a_problem_quotes_the_value_it_refuses_to_who_sent_it_and_never_their_words(traces):
    """Their words hold a mark of each kind; a place or a code that is not one holds a single."""
    quoting = [text for text in traces["problems"] if marks_in(text)]
    assert {len(marks_in(text)) for text in quoting} == {1}
    fields = {e["field"] for text in quoting for e in json.loads(text)["errors"]}
    named = {field for field in fields if not marks_in(field)}
    assert named == {"commune", "profile", "naf_section", "need_types"}
