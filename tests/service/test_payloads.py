"""Two hundred hostile texts in every field that people write: shown as they are, never obeyed.

Two worlds are shown by the same surfaces: one whose texts are hostile, one whose texts are plain.
A page of the first may have no element or attribute that those of the second have not.
"""

from __future__ import annotations

import asyncio
import csv
import json
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from io import BytesIO, StringIO
from itertools import cycle

import html5lib
import pytest
from pypdf import PdfReader

from data.store_contacts import CATALYST
from matching.domain import Provider, Relay
from service.app import create_app
from service.usecases.answering import read_need
from service.usecases.jobs import Jobs
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user
from tests.partners import portal
from tests.payloads import COUNT, MARK, payloads
from tests.service.sent_needs import hurried

LEA = user("lea", "network-lead", "FR")
ORIGIN = "https://portail.example"
SALARIES = "On n’arrive plus à payer les salaires. "
EACH = 10
"""Payloads in the words of one need."""
PLAIN = tuple(f"mot {MARK}{n}" + " a@b.example" * (n % EACH == 0) for n in range(COUNT))
"""With addresses here and there, as the others have: pages offer to mask them."""


def offers_of(texts):
    """Offers of which every text is one of these, until each has been used."""
    said = iter(texts)
    for n in range(COUNT // EACH):
        title, summary, about, who, one, two, step, near, first, word = (
            next(said) for _ in range(EACH)
        )
        yield offer(
            f"offre-{n}",
            title=title,
            summary=summary,
            description=about,
            provider=Provider(f"porteur-{n}", who),
            conditions=(one, two),
            next_step=step,
            relay=Relay(near),
            provenance=first,
            expressions=(SALARIES, word),
            need_types=("tresorerie",),
        )


class World:
    """An application of which every text written by somebody is one of those given."""

    def __init__(self, folder, texts):
        self.texts = texts
        catalogue = tiny_catalogue(folder, *offers_of(texts))
        self.app = create_app(settings(folder), catalogue)
        keep_users(hurried(catalogue.engine), LEA)
        self.web, self.desk = client_of(self.app), client_of(self.app, LEA)
        self.needs = [self.asked(n) for n in range(0, COUNT, EACH)]
        self.refused = [self.misread(n) for n in range(0, COUNT, EACH)]
        self.send(self.needs[0])

    def words(self, n):
        return SALARIES + " ".join(self.texts[n : n + EACH])

    def asked(self, n):
        said = self.web.post("/", data={"text": self.words(n), "commune": "Mende"})
        assert said.status_code == 303, said.text
        return said.headers["location"]

    def misread(self, n):
        some = cycle(self.texts[n : n + EACH])
        fields = ("text", "commune", "lieu", "profile", "employees", "number")
        said = self.web.post("/", data={name: next(some) for name in fields})
        assert said.status_code == 422
        return said.text

    def send(self, link):
        """Sent, then written about by everybody with all the texts."""
        contact = {"name": "Sam", "email": "sam@exemple.org"}
        agreed = {**contact, "offre": "offre-0", "accord": [CATALYST, "offre-0"]}
        assert self.web.post(f"{link}/envoyer", data=agreed).status_code == 303
        self.need = read_need(self.app.state.catalogue, link.removeprefix("/besoins/"))
        for text in (self.words(n) for n in range(0, COUNT, EACH)):
            assert self.web.post(f"{link}/suivi", data={"text": text}).status_code == 303
            self.act("note", texte=text)
        for n, text in enumerate(self.texts[:20]):
            self.web.post(f"/offres/offre-{n % 3}/corriger", data={"text": f"{text} {SALARIES}"})
        self.act("transmettre", offre="offre-0", destinataire="porteur@exemple.org")
        self.act("question", texte=self.words(0))

    def act(self, action, **fields):
        version = read_need(self.app.state.catalogue, self.need.id).version
        data = {**fields, "version": version, **proof(self.desk)}
        done = self.desk.post(f"/bureau/besoins/{self.need.key}/{action}", data=data)
        assert done.status_code == 303, done.text

    def pages(self):
        """(what, its HTML) of every page that shows what somebody wrote."""
        yield from ((f"misread {n}", text) for n, text in enumerate(self.refused))
        for path in ("/inventaire", *(f"/offres/offre-{n}" for n in range(COUNT // EACH))):
            yield path, self.web.get(path).text
        for link in self.needs[1:]:
            for path in ("", "/modifier", "/imprimer"):
                yield "need" + path, self.web.get(link + path).text
        link = self.needs[0]
        compared = [("offre", f"offre-{n}") for n in range(3)]
        yield "compared", self.web.get(f"{link}/comparer", params=compared).text
        yield "followed", self.web.get(f"{link}/suivi").text
        for path in ("/bureau", "/bureau/catalogue", f"/bureau/besoins/{self.need.key}"):
            yield path, self.desk.get(path).text
        yield "desk’s offer", self.desk.get("/bureau/catalogue/offre-0").text
        for text in self.texts[::10]:
            yield "searched", self.web.get("/inventaire", params={"q": text}).text
            yield "looked for", self.desk.get("/bureau", params={"q": text}).text

    def widget(self):
        client = portal(self.app, origins=(ORIGIN,))
        key = client.headers["authorization"].split("_")[2]
        body = {"text": self.words(0), "commune": "Mende"}
        return client.post("/widget", params={"cle": key}, data=body)

    def mails(self):
        Jobs.of(self.app.state.settings, self.app.state.catalogue.engine).send(lambda: NOON)
        folder = self.app.state.settings.mail_folder
        return [message_from_bytes(f.read_bytes(), policy=policy.default) for f in folder.iterdir()]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The hostile one, and the plain one."""
    return [World(tmp_path_factory.mktemp(n), t) for n, t in (("a", payloads()), ("b", PLAIN))]


def parts(text):
    """Each kind of element of a page, with the names of its attributes."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return {(str(e.tag), frozenset(e.attrib)) for e in tree.iter()}


def addresses(text):
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return {v for e in tree.iter() for n, v in e.attrib.items() if n in ("href", "src", "action")}


def test_there_are_two_hundred_each_with_its_mark():
    made = payloads()
    assert len(set(made)) == COUNT
    assert all(f"{MARK}{n}" in text for n, text in enumerate(made))


def test_no_page_has_an_element_or_an_attribute_that_a_text_made(worlds):
    hostile, plain = worlds
    known = set().union(*(parts(text) for _, text in plain.pages()))
    seen = set()
    for what, text in hostile.pages():
        assert parts(text) <= known, what
        wrong = [a for a in addresses(text) if a.split(":")[0] in ("javascript", "data")]
        assert not wrong, what
        seen |= {n for n in range(COUNT) if f"{MARK}{n}" in text}
    assert len(seen) == COUNT


def test_the_widget_makes_no_element_of_a_text(worlds):
    hostile, plain = (world.widget() for world in worlds)
    assert hostile.status_code == plain.status_code == 200
    assert parts(hostile.text) <= parts(plain.text)
    assert "unsafe" not in hostile.headers["content-security-policy"]


def test_no_cell_of_a_table_begins_a_formula(worlds):
    content = worlds[0].web.get(f"{worlds[0].needs[0]}/reponses.csv").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(StringIO(content), delimiter=";") for cell in row]
    assert sum(MARK in cell for cell in cells) > 10
    assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_paper_holds_no_script_and_no_link_that_a_text_made(worlds):
    def found(world):
        paper = PdfReader(BytesIO(world.web.get(f"{world.needs[0]}/parcours.pdf").content))
        notes = [a.get_object() for page in paper.pages for a in page.get("/Annots", ())]
        kinds = {str(key) for note in notes for key in note}
        return set(paper.trailer["/Root"]), kinds, {n["/A"].get("/S") for n in notes if "/A" in n}

    hostile, plain = map(found, worlds)
    assert hostile == plain
    assert "/JavaScript" not in hostile[2]


def test_mails_have_the_heads_and_the_readers_that_they_should(worlds):
    heads = [
        sorted((tuple(mail.keys()), mail["To"], mail["Cc"], mail["Bcc"]) for mail in w.mails())
        for w in worlds
    ]
    assert heads[0] == heads[1]
    assert len(heads[0]) > 2


def test_programs_read_texts_as_they_were_written(worlds):
    world = worlds[0]
    given = {o.id: o for o in offers_of(payloads())}
    found = world.web.get("/v1/offers", params={"limit": 50}).json()["offers"]
    assert {o["id"] for o in found} == set(given)
    for one in found:
        assert one["title"] == given[one["id"]].title
        assert one["summary"] == given[one["id"]].summary


def test_an_assistant_reads_them_as_data(worlds):
    fastmcp = pytest.importorskip("fastmcp")
    from service.mcp_server import NOTICE, make_server

    async def read():
        async with fastmcp.Client(make_server(worlds[0].app)) as client:
            ids = [f"offre-{n}" for n in range(COUNT // EACH)]
            return [await client.call_tool("read_offer", {"offer_id": i}) for i in ids]

    given = list(offers_of(payloads()))
    with ThreadPoolExecutor(1) as aside:  # a browser's loop may hold this thread
        answers = aside.submit(asyncio.run, read()).result()
    for one, answer in zip(given, answers, strict=True):
        assert list(answer.structured_content) == ["notice", "data"]
        assert answer.structured_content["notice"] == NOTICE
        assert answer.structured_content["data"]["title"] == one.title
        assert json.loads(answer.content[0].text) == answer.structured_content
