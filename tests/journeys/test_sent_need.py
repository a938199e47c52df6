"""A need sent, transmitted, taken by a provider's link, seen by the person, closed, erased."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text

from data import audit
from data.engine import read
from data.outbox import undone
from data.store_needs import load_need
from data.store_transmissions import transmissions_of
from matching.domain import Provider
from service.app import create_app
from service.deps import clock
from service.triage.clocks import Clocks
from service.usecases.answering import keep_need
from service.usecases.transmitting import (
    AlreadyTransmitted,
    NeedsConsent,
    WrongRecipient,
    ask_consent,
    transmit,
)
from tests.builders import TODAY, need, offer, settings, tiny_catalogue

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = "On n’arrive plus à payer les salaires du centre Tournesolxyz"
EMAIL, PHONE, NAME = "camille@exemple.org", "06 12 34 56 78", "Camille Zygmunt"
LOAN = offer(
    "pret",
    title="Prêt relais",
    provider=Provider("fonds", "Fonds du Nord"),
    need_types=("tresorerie",),
    summary="Pour payer les salaires en attendant une subvention",
)
GUIDE = offer("guide", title="Guichet de Lille", provider=Provider("g", "Guichet"), generalist=True)
HTML = {"accept": "text/html"}


class World:
    """An application over three offers, whose clock the test moves."""

    def __init__(self, folder, **more):
        self.now = MONDAY
        self.catalogue = tiny_catalogue(folder, LOAN, GUIDE, offer("autre", title="Autre appui"))
        app = create_app(settings(folder, **more), self.catalogue)
        app.dependency_overrides[clock] = lambda: self.now
        self.client = TestClient(app, follow_redirects=False, headers=HTML)
        self.new_need()

    def new_need(self):
        kept = keep_need(self.catalogue, need(WORDS), today=TODAY, now=self.now)
        self.id, self.base = kept.id, f"/besoins/{kept.id}"

    def get(self, path):
        return self.client.get(path)

    def post(self, path, **data):
        return self.client.post(path, data=data)

    def send(self, *offers, agreed=None, **contact):
        recipients = ["catalyst", *offers] if agreed is None else agreed
        who = contact or {"email": EMAIL, "phone": PHONE, "name": NAME}
        return self.post(f"{self.base}/envoyer", offre=offers, accord=recipients, **who)

    def transmit(self, offer_id="pret"):
        """Transmit, and give the token that the mail would hold."""
        made = transmit(
            self.catalogue, self.id, offer_id, "lea@fonds.fr", by="user:1", now=self.now, days=14
        )
        with read(self.catalogue.engine) as connection:
            rows = [r for r in undone(connection) if r.kind == "transmitted"]
        return next(r.payload["token"] for r in rows if r.payload["transmission_id"] == made.id)

    @property
    def stored(self):
        with read(self.catalogue.engine) as connection:
            return load_need(connection, self.id)

    @property
    def actions(self):
        with read(self.catalogue.engine) as connection:
            assert audit.broken_at(connection) is None
            return [line.action for line in audit.lines_of(connection, self.id)]

    @property
    def queued(self):
        with read(self.catalogue.engine) as connection:
            return [row.kind for row in undone(connection)]

    def told(self):
        return re.sub(r"[ \n]+", " ", self.get(f"{self.base}/suivi").text)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.mark.parametrize(
    ("contact", "language", "promised"),
    [
        (2, "fr", "sous 2 jours ouvrés"),
        (7, "en", "within 7 working days"),
    ],
)
def test_the_promise_is_that_of_the_settings(tmp_path, contact, language, promised):
    world = World(tmp_path, clocks=Clocks(first_look=1, contact=contact))
    choose, form, follow = (f"{world.base}/{p}" for p in ("envoyer?", "envoyer?etape=2&", "suivi?"))
    before = [world.get(f"{page}lang={language}").text for page in (choose, form)]
    world.send("pret")
    for page in (*before, world.get(f"{follow}lang={language}").text):
        assert promised in page


def test_from_sending_to_being_helped(world):
    chosen = world.get(f"{world.base}/envoyer")
    assert "Prêt relais" in chosen.text
    assert 'name="email"' not in chosen.text
    form = world.get(f"{world.base}/envoyer?etape=2&offre=pret")
    assert 'name="email"' in form.text
    assert "checked" not in form.text

    sent = world.send("pret")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{world.base}/suivi?envoye=1")
    assert world.stored.state == "new"
    assert re.fullmatch(r"AIG-26-[234679CDFGHJKMNPQRTVWXY]{5}", world.stored.reference)
    told = world.told()
    assert world.stored.reference in told
    # Five working days after Monday 23: Monday 30.
    assert "30\u00a0novembre\u00a02026" in told
    assert "Guichet de Lille" in told
    assert world.queued == ["acknowledged"]

    world.now += timedelta(days=1)
    token = world.transmit()
    assert world.stored.state == "transmitted"
    assert "Fonds du Nord a reçu votre demande" in world.told()

    letter = world.get(f"/reponse/{token}")
    assert WORDS in letter.text
    assert "Lille (59)" in letter.text
    assert EMAIL not in letter.text
    assert world.get(f"/reponse/{token}").status_code == 200
    assert transmission(world).state == "sent"

    taken = world.post(f"/reponse/{token}", choice="accept", contact_on="2026-11-27", capacity="3")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/reponse/{token}")
    letter = world.get(f"/reponse/{token}").text
    assert EMAIL in letter
    assert PHONE in letter
    assert (transmission(world).contact_on, transmission(world).capacity) == (
        date(2026, 11, 27),
        3,
    )
    assert world.queued == ["acknowledged", "transmitted", "answered"]
    told = world.told()
    assert "Fonds du Nord vous contactera au plus tard le 27\u00a0novembre\u00a02026" in told

    world.post(f"{world.base}/suivi/issue", aide="oui")
    assert (world.stored.state, world.stored.outcome) == ("closed", "helped")
    assert "vous avez été aidé(e)" in world.told()
    assert world.get(f"/reponse/{token}").status_code == 410
    assert world.actions == ["sent", "qualified", "transmitted", "provider-accepted", "closed"]


def transmission(world):
    with read(world.catalogue.engine) as connection:
        (made,) = transmissions_of(connection, world.id)
    return made


def test_a_form_sent_again_sends_once_and_says_so(world):
    world.send()
    reference = world.stored.reference
    again = world.send()
    assert again.headers["location"].endswith("/suivi?deja=1")
    assert world.stored.reference == reference
    assert world.actions == ["sent"]
    assert world.queued == ["acknowledged"]
    assert "pas été envoyée deux fois" in world.get(again.headers["location"]).text
    assert world.get(f"{world.base}/envoyer").headers["location"].endswith("/suivi")


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ({"name": NAME}, "Donnez une adresse"),
        ({"email": "camille"}, "incomplète"),
        ({"email": "a@b.fr\nBcc: x@y.fr"}, "incomplète"),
        ({"phone": "06 12"}, "illisible"),
        ({"phone": "appelez-moi"}, "illisible"),
    ],
)
def test_a_contact_that_reaches_nobody_is_refused_and_typed_again(world, contact, told):
    wrong = world.send(**contact)
    assert wrong.status_code == 422
    assert told in wrong.text
    assert world.stored.state == "draft"
    assert world.queued == []


def test_nothing_is_sent_to_whom_the_person_did_not_agree(world):
    for agreed in ([], ["catalyst"], ["pret"]):
        wrong = world.send("pret", agreed=agreed)
        assert wrong.status_code == 422
        assert "Cochez votre accord" in wrong.text
        assert EMAIL in wrong.text
    assert world.stored.state == "draft"
    assert world.send("absente").status_code == 404


def test_the_desk_transmits_only_what_was_agreed_and_may_ask(world):
    world.send()
    with pytest.raises(NeedsConsent):
        world.transmit()
    assert ask_consent(world.catalogue, world.id, "pret", by="user:1", now=world.now)
    assert world.stored.state == "waiting"
    assert "Votre accord est demandé" in world.told()
    assert "question" in world.queued
    world.post(f"{world.base}/suivi/accord", offre="pret", reponse="oui")
    assert world.stored.state == "qualifying"
    again = world.post(f"{world.base}/suivi/accord", offre="pret", reponse="oui")
    assert again.status_code == 409
    assert not ask_consent(world.catalogue, world.id, "pret", by="user:1", now=world.now)
    world.transmit()
    with pytest.raises(AlreadyTransmitted):
        world.transmit()
    with pytest.raises(WrongRecipient):
        transmit(world.catalogue, world.id, "pret", "lea", by="user:1", now=world.now, days=14)


def test_a_consent_that_is_asked_may_be_declined(world):
    world.send()
    ask_consent(world.catalogue, world.id, "pret", by="user:1", now=world.now)
    world.post(f"{world.base}/suivi/accord", offre="pret", reponse="non")
    assert "pas donné votre accord pour Fonds du Nord" in world.told()
    with pytest.raises(NeedsConsent):
        world.transmit()


def test_a_withdrawn_consent_shuts_the_providers_link(world):
    world.send("pret")
    token = world.transmit()
    world.post(f"{world.base}/suivi/retrait", offre="pret")
    shut = world.get(f"/reponse/{token}")
    assert shut.status_code == 410
    assert WORDS not in shut.text
    assert world.post(f"/reponse/{token}", choice="accept").status_code == 410
    assert "retiré le" in world.told()
    for recipient in ("pret", "catalyst"):
        assert world.post(f"{world.base}/suivi/retrait", offre=recipient).status_code == 409


def test_a_refusal_gives_the_need_back_to_the_desk(world):
    world.send("pret")
    token = world.transmit()
    wrong = world.post(f"/reponse/{token}", choice="refuse", reason="")
    assert wrong.status_code == 422
    world.post(f"/reponse/{token}", choice="refuse", reason="full")
    assert world.stored.state == "qualifying"
    assert "ne peut plus prendre de demande" in world.told()
    assert "Complet".lower() in world.get(f"/reponse/{token}").text
    assert EMAIL not in world.get(f"/reponse/{token}").text
    assert world.transmit()


def test_a_refusal_leaves_a_need_that_another_has_in_hand(world):
    world.send("pret", "autre")
    first, second = world.transmit("pret"), world.transmit("autre")
    world.post(f"/reponse/{first}", choice="accept", contact_on="2026-11-25")
    world.post(f"/reponse/{second}", choice="refuse", reason="territory")
    assert world.stored.state == "transmitted"


def test_the_first_answer_stands(world):
    world.send("pret")
    token = world.transmit()
    world.post(f"/reponse/{token}", choice="not-yet")
    world.post(f"/reponse/{token}", choice="not-yet")
    assert "a lu votre demande" in world.told()
    world.post(f"/reponse/{token}", choice="refuse", reason="full")
    again = world.post(f"/reponse/{token}", choice="accept", contact_on="2026-11-25")
    assert again.headers["location"].endswith("?deja=1")
    assert "votre première réponse reste" in world.get(again.headers["location"]).text
    assert transmission(world).state == "refused"
    assert world.actions.count("provider-not-yet") == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"choice": "accept"}, "Dites quand"),
        ({"choice": "accept", "contact_on": "2026-11-22"}, "Dites quand"),
        ({"choice": "accept", "contact_on": "2027-06-01"}, "Dites quand"),
        ({"choice": "accept", "contact_on": "27/11/2026", "capacity": "trois"}, "Un nombre"),
        ({"choice": "maybe"}, "Choisissez une réponse"),
        ({}, "Choisissez une réponse"),
    ],
)
def test_half_an_answer_is_asked_again(world, answer, told):
    world.send("pret")
    token = world.transmit()
    wrong = world.post(f"/reponse/{token}", **answer)
    assert wrong.status_code == 422
    assert told in wrong.text
    assert transmission(world).state == "sent"


def test_a_tampered_or_expired_link_shows_nothing(world):
    world.send("pret")
    token = world.transmit()
    for wrong in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "x" * 500, world.id):
        page = world.get(f"/reponse/{wrong}")
        assert page.status_code == 404
        assert WORDS not in page.text
        assert world.post(f"/reponse/{wrong}", choice="not-yet").status_code == 404
    world.now += timedelta(days=14)
    for page in (world.get(f"/reponse/{token}"), world.post(f"/reponse/{token}", choice="accept")):
        assert page.status_code == 410
        assert WORDS not in page.text
        assert "nouveau" in page.text
    assert transmission(world).state == "sent"
    assert "n’a pas répondu à temps" in world.told()


def test_the_links_token_is_nowhere_but_in_the_mail_to_send(world):
    world.send("pret")
    token = world.transmit()
    assert tables_saying(world, token) == {"outbox"}


def test_a_person_writes_and_what_waited_goes_back_to_work(world):
    world.send()
    ask_consent(world.catalogue, world.id, "pret", by="user:1", now=world.now)
    assert world.post(f"{world.base}/suivi", text="  ").status_code == 422
    assert world.post(f"{world.base}/suivi", text="x" * 2001).status_code == 422
    world.post(f"{world.base}/suivi", text="Je suis là le <b>mardi</b>")
    assert "le &lt;b&gt;mardi" in world.told()
    assert world.stored.state == "qualifying"


def test_not_helped_yet_opens_again_what_was_closed(world):
    world.send()
    world.post(f"{world.base}/suivi/issue", aide="oui")
    world.post(f"{world.base}/suivi/issue", aide="oui")
    assert world.actions == ["sent", "closed"]
    world.post(f"{world.base}/suivi/issue", aide="non")
    assert (world.stored.state, world.stored.outcome) == ("qualifying", None)
    assert world.stored.closed_at is None


def test_a_draft_is_followed_by_nobody(world):
    assert world.get(f"{world.base}/suivi").headers["location"] == f"{world.base}/envoyer"
    assert world.post(f"{world.base}/suivi", text="bonjour").status_code == 409
    assert world.post(f"{world.base}/suivi/issue", aide="oui").status_code == 409


def tables_saying(world, *words):
    """The tables of which a row holds one of these words, in any column."""
    found = set()
    with read(world.catalogue.engine) as connection:
        for table in inspect(world.catalogue.engine).get_table_names():
            rows = connection.execute(text(f'select * from "{table}"')).all()
            if any(word in str(value) for row in rows for value in row for word in words):
                found.add(table)
    return found


def test_erasing_leaves_no_word_nor_address_in_any_table_and_every_link_says_so(world):
    world.send("pret")
    token = world.transmit()
    world.post(f"/reponse/{token}", choice="accept", contact_on="2026-11-25")
    world.post(f"{world.base}/suivi", text="Rappelez à la Mairiexyz")
    told = ("Tournesolxyz", "Mairiexyz", EMAIL, PHONE, NAME, "Zygmunt")
    assert tables_saying(world, *told) == {"needs", "contacts", "messages"}

    asked = world.get(f"{world.base}/effacer")
    assert "Oui, tout effacer" in asked.text
    assert "C’est effacé" in world.post(f"{world.base}/effacer").text

    assert tables_saying(world, *told) == set()
    assert tables_saying(world, world.id) == {"audit"}
    assert world.actions[-1] == "erased"
    for path in ("", "/suivi", "/envoyer", "/effacer"):
        page = world.get(f"{world.base}{path}")
        assert page.status_code in (404, 410), path
    for path in ("/suivi", "/envoyer", "/effacer"):
        page = world.get(f"{world.base}{path}")
        assert page.status_code == 410
        assert "a été effacé" in page.text
        assert world.post(f"{world.base}{path}", text="x", email=EMAIL).status_code == 410
    assert world.get(f"/reponse/{token}").status_code == 404
    program = world.client.get(f"/v1/needs/{world.id}")
    assert (program.status_code, program.headers["content-type"]) == (
        410,
        "application/problem+json",
    )


def test_pages_of_a_need_are_kept_by_nobody_and_told_to_nobody(world):
    world.send("pret")
    token = world.transmit()
    paths = [f"{world.base}/suivi", f"{world.base}/effacer", f"/reponse/{token}", "/reponse/faux"]
    for path in paths:
        page = world.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert page.headers["referrer-policy"] in ("no-referrer", "same-origin")
        title = re.search(r"<title>(.*?)</title>", page.text, re.S)[1]
        for private in (world.id, world.stored.reference, token, NAME):
            assert private not in title


def test_pages_are_said_in_english_too(world):
    world.send("pret")
    token = world.transmit()
    english = (f"{world.base}/suivi?lang=en", f"{world.base}/effacer?lang=en")
    told = [world.get(path).text for path in (*english, f"/reponse/{token}?lang=en")]
    for page, words in zip(
        told, ("Your request", "Erase everything", "I am taking on this request"), strict=True
    ):
        assert words.lower() in page.lower()
        assert "demande" not in re.sub(r'="[^"]*"', "", page.replace("Demande", ""))
