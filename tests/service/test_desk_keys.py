"""A need's id is the person's private link: the desk knows the need by another key, everywhere."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from data.engine import read, write
from data.erasing import erase
from data.store_needs import change_need, desk_key, load_need_by_key, save_need
from data.tables import needs
from service.app import create_app
from service.usecases.answering import keep_need
from service.usecases.inbox import PAGE
from tests.builders import LILLE, TODAY, need, offer, settings, tiny_catalogue
from tests.desk import client_of, keep_users, proof, user
from tests.sent_needs import sent

LEA, PAUL = user("lea", "network-lead", "FR"), user("paul", "catalyst", "DEP-59")
BEFORE = datetime(2026, 11, 20, 9, tzinfo=UTC)
SORTED = {"raison": "sorting"}
GAP = {"territoire": "DEP-59", "theme": "tresorerie"}
WORDS = "on n’arrive plus à payer les salaires"


class Desk:
    """More than a page of needs, open and ended, and all that the desk answers of them."""

    def __init__(self, folder):
        known = offer("aide", title="Avance de trésorerie", need_types=("tresorerie",))
        self.catalogue = tiny_catalogue(folder, known, offer("bureau", title="Appui au bureau"))
        with write(self.catalogue.engine) as connection:
            for number in range(2 * (PAGE + 1)):
                self._keep(connection, number)
        self.lille = sent(self.catalogue, "AIG-LILLE1", WORDS, place=LILLE, at=BEFORE)
        later = BEFORE + timedelta(hours=1)
        self.twin = sent(self.catalogue, "AIG-LILLE2", f"{WORDS} !", place=LILLE, at=later)
        app = create_app(settings(folder), self.catalogue)
        keep_users(self.catalogue.engine, LEA, PAUL)
        self.lea, self.paul = client_of(app, LEA), client_of(app, PAUL)
        self.answered = []
        for client in (self.lea, self.paul):
            client.event_hooks["response"].append(self._hear)

    def _keep(self, connection, number):
        need_id, ended = f"prive{number:03}", number % 2 == 0
        at = BEFORE + timedelta(days=1) if number < PAGE else BEFORE + timedelta(hours=number)
        save_need(connection, need_id, need("le toit fuit"), today=TODAY, at=at)
        change_need(
            connection,
            need_id,
            state="closed" if ended else "new",
            outcome="not-helped" if ended else None,
            closed_at=at if ended else None,
            sent_at=at,
            moved_at=at,
            reference=f"AIG-{number:03}",
        )

    def _hear(self, response):
        response.read()
        self.answered.append(response)

    def marks(self, *found):
        return [f"{n.key}:{n.version}" for n in found]

    def post(self, client, path, **fields):
        return client.post(path, data={**SORTED, **fields, **proof(client)})

    @property
    def ids(self):
        with read(self.catalogue.engine) as connection:
            return set(connection.scalars(select(needs.c.id)))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def told(response):
    """All that a page tells: its address, its headers, its text, and what base 64 hides there."""
    plain = unquote(f"{response.url} {response.headers} {response.text}")
    words = set(re.findall(r"[A-Za-z0-9_-]{12,}", plain))
    whole = [word for word in words if len(word) % 4 != 1]
    hidden = [
        base64.urlsafe_b64decode(w + "=" * (-len(w) % 4)).decode(errors="replace") for w in whole
    ]
    return " ".join((plain, *hidden))


def next_page(client, page):
    link = re.search(r'href="(/bureau\?[^"]*apres=[^"]*)"', page.text)[1].replace("&amp;", "&")
    return client.get(link)


def test_no_page_of_the_desk_tells_the_private_link_of_a_need(desk):
    lea, paul, lille, twin = desk.lea, desk.paul, desk.lille, desk.twin
    for state in ("open", "closed"):
        first = lea.get("/bureau", params={"etat": state})
        shown = {*rows(first), *rows(next_page(lea, first))}
        assert len(shown) == PAGE + (3 if state == "open" else 1)
    here = f"/bureau/besoins/{lille.key}"
    assert f'href="/bureau/besoins/{twin.key}"' in lea.get(here).text
    assert lea.get(f"/bureau/besoins/{twin.key}").status_code == 200
    seen = {"version": 2, "depuis": 1, "texte": "Depuis quand ?"}
    assert desk.post(lea, f"{here}/proposer", version=3, offre="aide").status_code == 303
    conflict = desk.post(paul, f"{here}/question", **seen)
    assert conflict.status_code == 409
    assert f'action="{here}/question"' in conflict.text
    assert desk.post(paul, f"{here}/note", version=4, texte="").status_code == 422
    refused = desk.post(lea, "/bureau/lot", besoin=desk.marks(lille, twin), geste="move:waiting")
    assert refused.status_code == 409
    assert f'href="{here}"' in refused.text
    wrong = desk.post(lea, "/bureau/lot", besoin=desk.marks(lille), geste="rien")
    assert wrong.status_code == 422
    merged = {"version": 3, "reference": "AIG-LILLE1"}
    joined = desk.post(lea, f"/bureau/besoins/{twin.key}/fusionner", **merged)
    assert joined.headers["location"].startswith(f"/bureau/besoins/{twin.key}?lot=")
    assert f'href="{here}"' in lea.get(joined.headers["location"]).text
    with write(desk.catalogue.engine) as connection:
        change_need(connection, twin.id, reference=None)
        change_need(connection, lille.id, unmet="too-far", understood={"tresorerie": 0.9})
    assert "Lui est réuni" in lea.get(here).text
    assert f'href="{here}"' in lea.get("/bureau/raquette/trou", params=GAP).text
    assert lea.get("/bureau/raquette").status_code == 200
    like = keep_need(desk.catalogue, need(WORDS, place=LILLE), today=TODAY, now=BEFORE)
    with write(desk.catalogue.engine) as connection:
        change_need(connection, like.id, state="new", reference="AIG-LILLE3", sent_at=BEFORE)
        change_need(connection, lille.id, state="closed", outcome="helped", closed_at=BEFORE)
        change_need(connection, like.id, understood={"tresorerie": 0.9})
    assert "besoins semblables" in lea.get(f"/bureau/besoins/{desk_key(like.id)}").text
    assert len(desk.answered) > 15
    for page in desk.answered:
        found = told(page)
        assert not [i for i in desk.ids if i in found], page.url


def rows(page):
    return re.findall(r'class="row-words" href="/bureau/besoins/(\w+)"', page.text)


def test_the_private_link_opens_nothing_at_the_desk_nor_the_key_at_the_person_s(desk):
    lea, lille = desk.lea, desk.lille
    assert lea.get(f"/bureau/besoins/{lille.id}").status_code == 404
    assert desk.post(lea, f"/bureau/besoins/{lille.id}/note", texte="mot").status_code == 404
    marks = [f"{lille.id}:{lille.version}"]
    assert desk.post(lea, "/bureau/lot", besoin=marks, geste="move:waiting").status_code == 404
    assert lea.get(f"/besoins/{lille.id}").status_code == 200
    assert lea.get(f"/besoins/{lille.key}").status_code == 404


def test_the_key_is_known_from_the_id_and_goes_with_the_need(desk):
    lille = desk.lille
    assert lille.key == desk_key(lille.id) == desk_key(lille.id)
    assert len({desk_key(i) for i in desk.ids}) == len(desk.ids)
    with write(desk.catalogue.engine) as connection:
        assert load_need_by_key(connection, lille.key) == lille
        erase(connection, lille.id)
        assert load_need_by_key(connection, lille.key) is None
