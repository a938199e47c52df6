"""A catalyst's day over HTTP: the inbox, a need's page, two people at once, the seconds to undo."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data import audit
from data.engine import read, write
from data.store_needs import change_need, load_judgements
from data.store_transmissions import (
    Transmission,
    change_transmission,
    save_transmission,
    transmissions_of,
)
from data.store_triage import decisions_of
from data.tables_people import outbox
from service.app import create_app
from service.deps import clock
from service.usecases.answering import read_need
from tests.builders import LILLE, MENDE, offer, settings, tiny_catalogue
from tests.desk import NOON, act, client_of, keep_users, page_of, proof, user
from tests.sent_needs import sent

LEA, PAUL = user("lea", "catalyst", "REG-32"), user("paul", "catalyst", "DEP-59")
LOZ = user("zoe", "catalyst", "DEP-48")
BEFORE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SORTED = {"raison": "sorting"}


@pytest.fixture
def desk(tmp_path, database):
    """An application with three catalysts and two needs: one in Lille, one in Mende."""
    known = (
        offer("aide", title="Avance de trésorerie", need_types=("tresorerie",)),
        offer("bureau", title="Appui au bureau", need_types=("gouvernance",)),
        offer("relais", title="Maison des associations", generalist=True),
    )
    catalogue = tiny_catalogue(tmp_path, *known, database_url=database)
    app = create_app(settings(tmp_path, database_url=database), catalogue)
    keep_users(catalogue.engine, LEA, PAUL, LOZ)
    yield Desk(app, catalogue)
    catalogue.engine.dispose()


class Desk:
    def __init__(self, app, catalogue):
        self.app, self.catalogue = app, catalogue
        self.lille = sent(catalogue, "AIG-LILLE1", at=BEFORE, agreed=("aide",))
        self.mende = sent(
            catalogue, "AIG-MENDE1", "le toit de la salle fuit", place=MENDE, at=BEFORE
        )

    def at(self, now):
        self.app.dependency_overrides[clock] = lambda: now

    def read(self, need):
        return read_need(self.catalogue, need.id)

    def actions(self, need):
        with read(self.catalogue.engine) as connection:
            return [line.action for line in audit.lines_of(connection, need.id)]


def test_a_need_is_triaged_from_the_inbox_to_its_end(desk):
    lea = client_of(desk.app, LEA)
    inbox = lea.get("/bureau").text
    assert "AIG-LILLE1" in inbox
    assert "À regarder au plus tard le 25" in inbox
    assert "Premier" not in inbox
    page = page_of(lea, desk.lille).text
    assert "on n’arrive plus à payer les salaires" in page
    assert "camille@exemple.org" in page
    assert "Maison des associations" in page
    assert desk.read(desk.lille).seen_at is not None
    assert act(lea, desk.lille, "proposer", offre="aide").status_code == 303
    assert act(lea, desk.lille, "ecarter", offre="bureau", raison="off-topic").status_code == 303
    need = desk.read(desk.lille)
    assert (need.state, need.contacted_at is not None) == ("proposed", True)
    with read(desk.catalogue.engine) as connection:
        decided = [(d.offer_id, d.decision) for d in decisions_of(connection, need.id)]
        assert decided == [("aide", "accepted"), ("bureau", "rejected")]
        found = load_judgements(connection)
    assert [j[1:] for j in found] == [("aide", 2, "user:lea"), ("bureau", 0, "user:lea")]
    assert act(lea, need, "question", texte="Depuis quand ?").status_code == 303
    assert desk.read(need).state == "waiting"
    assert act(lea, need, "note", texte="Appelée, la mairie suit.").status_code == 303
    done = act(lea, need, "transmettre", offre="aide", destinataire="p@exemple.org")
    assert done.status_code == 303
    assert desk.read(need).state == "transmitted"
    closed = act(lea, need, "changer", geste="close:helped", **SORTED)
    assert closed.status_code == 303
    ended = lea.get("/bureau?etat=closed").text
    assert "le 24\u00a0novembre\u00a02026" in ended
    assert "À prendre" not in ended
    need = desk.read(need)
    assert (need.state, need.outcome) == ("closed", "helped")
    text = page_of(lea, need).text
    for told in ("Depuis quand ?", "la mairie suit", "clôture\u00a0: aidé", "transmis au porteur"):
        assert told in text
    with read(desk.catalogue.engine) as connection:
        kinds = set(connection.scalars(select(outbox.c.kind)))
        assert {"question", "transmitted", "closed"} <= kinds
        assert audit.broken_at(connection) is None
    assert act(lea, need, "rouvrir", raison="news").status_code == 303
    assert desk.read(need).state == "qualifying"


def test_without_consent_the_person_is_asked_first(desk):
    lea = client_of(desk.app, LEA)
    act(lea, desk.lille, "proposer", offre="bureau")
    assert "Demander l’accord" in page_of(lea, desk.lille).text
    assert act(lea, desk.lille, "transmettre", offre="bureau").status_code == 303
    assert "Accord demandé à la personne" in page_of(lea, desk.lille).text
    assert "consent-asked" in desk.actions(desk.lille)


def test_offers_are_added_by_hand_ordered_and_taken_back(desk):
    lea = client_of(desk.app, LEA)
    assert "Maison des associations" in page_of(lea, desk.lille, chercher="maison").text
    act(lea, desk.lille, "proposer", offre="aide")
    act(lea, desk.lille, "ajouter", offre="relais")
    act(lea, desk.lille, "monter", offre="relais")
    act(lea, desk.lille, "monter", offre="relais")
    with read(desk.catalogue.engine) as connection:
        assert [d.offer_id for d in decisions_of(connection, desk.lille.id)] == ["relais", "aide"]
    act(lea, desk.lille, "revenir", offre="relais")
    with read(desk.catalogue.engine) as connection:
        assert [d.position for d in decisions_of(connection, desk.lille.id)] == [1]
        assert [j[1] for j in load_judgements(connection)] == ["aide"]


def test_what_was_understood_is_corrected_and_its_history_kept(desk):
    lea = client_of(desk.app, LEA)
    fields = {"type": ["gouvernance", "juridique"], "urgent": "oui"}
    assert act(lea, desk.lille, "comprendre", **fields).status_code == 303
    need = desk.read(desk.lille)
    assert need.types == {"gouvernance", "juridique"}
    assert "Historique (1)" in page_of(lea, need).text
    assert act(lea, need, "comprendre", type=["magie"]).status_code == 422


def test_the_second_of_two_sees_both_and_chooses_losing_nothing(desk):
    lea, paul = client_of(desk.app, LEA), client_of(desk.app, PAUL)
    page_of(paul, desk.lille)
    stale = str(desk.read(desk.lille).version)
    act(lea, desk.lille, "changer", geste="move:qualifying", **SORTED)
    mine = {"texte": "Avez-vous vu le comptable ?", "version": stale, "depuis": "1"}
    shown = act(paul, desk.lille, "question", **mine)
    assert shown.status_code == 409
    for told in ("Avez-vous vu le comptable ?", "Lea", "passage à l’état", "Garder l’autre"):
        assert told in shown.text
    assert desk.read(desk.lille).state == "qualifying"
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text))
    sent_again = {**again, "texte": mine["texte"]}
    url = f"/bureau/besoins/{desk.lille.key}/question"
    assert paul.post(url, data=sent_again).status_code == 303
    assert desk.read(desk.lille).state == "waiting"
    assert mine["texte"] in page_of(lea, desk.lille).text


def bulk(client, needs, gesture, **more):
    marked = [f"{n.key}:{n.version}" for n in needs]
    fields = {"besoin": marked, "geste": gesture, "retour": "/bureau?etat=new", **SORTED, **more}
    return client.post("/bureau/lot", data={**fields, **proof(client)})


def test_many_change_at_once_and_ten_seconds_undo_them(desk):
    lea = client_of(desk.app, LEA)
    more = sent(desk.catalogue, "AIG-LILLE2", "plus personne au bureau", at=BEFORE)
    done = bulk(lea, [desk.lille, more], "close:unreachable", note="Trois appels.")
    assert done.status_code == 303
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    desk.at(NOON + timedelta(seconds=4))
    assert "Annuler" in lea.get(done.headers["location"]).text
    assert "6&nbsp;s" in lea.get(done.headers["location"]).text
    undone = lea.post("/bureau/annuler", data={"lot": batch, **proof(lea)})
    assert undone.status_code == 303
    for _ in ("read", "and reloaded"):
        assert "2 besoins remis en l’état" in lea.get(undone.headers["location"]).text
    for need in (desk.lille, more):
        found = desk.read(need)
        assert (found.state, found.outcome, found.closed_at) == ("new", None, None)
        assert desk.actions(need)[-2:] == ["closed", "undone"]
    with read(desk.catalogue.engine) as connection:
        assert (
            connection.scalars(select(outbox.c.kind).where(outbox.c.kind == "closed")).all() == []
        )
    assert "Trois appels" not in page_of(lea, desk.lille).text
    assert "trop tard" in lea.post("/bureau/annuler", data={"lot": batch, **proof(lea)}).text


def test_after_ten_seconds_it_is_too_late_to_undo(desk):
    lea = client_of(desk.app, LEA)
    done = bulk(lea, [desk.lille], "assign:moi")
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    desk.at(NOON + timedelta(seconds=11))
    assert "Annuler" not in lea.get(done.headers["location"]).text
    late = lea.post("/bureau/annuler", data={"lot": batch, **proof(lea)})
    assert late.status_code == 422
    assert "trop tard" in late.text
    assert desk.read(desk.lille).assignee == "lea"


def test_what_changed_since_is_not_undone_nor_changed_in_bulk(desk):
    lea, paul = client_of(desk.app, LEA), client_of(desk.app, PAUL)
    more = sent(desk.catalogue, "AIG-LILLE2", "plus personne au bureau", at=BEFORE)
    done = bulk(lea, [desk.lille, more], "move:qualifying")
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    act(paul, more, "changer", geste="assign:moi", **SORTED)
    undone = undo(lea, batch, retour="/bureau?q=salaires")
    assert "1 besoin remis en l’état" in undone
    assert "1 besoin laissé tel quel" in undone
    assert f"/bureau/besoins/{more.key}" in undone
    assert f"/bureau/besoins/{desk.lille.key}" in undone
    assert 'value="salaires"' in undone
    assert "remis en l’état" not in paul.get("/bureau", params={"annule": batch}).text
    assert [desk.read(n).state for n in (desk.lille, more)] == ["new", "qualifying"]
    stale = bulk(lea, [desk.read(desk.lille), more], "move:waiting")
    assert stale.status_code == 409
    assert "laissé tel quel" in stale.text
    assert [desk.read(n).state for n in (desk.lille, more)] == ["waiting", "qualifying"]


def test_when_nothing_could_be_undone_it_is_told(desk):
    lea, paul = client_of(desk.app, LEA), client_of(desk.app, PAUL)
    done = bulk(lea, [desk.lille], "move:qualifying")
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    act(paul, desk.lille, "changer", geste="assign:moi", **SORTED)
    undone = undo(lea, batch)
    assert "Rien n’a pu être annulé" in undone
    assert "a changé depuis votre geste" in undone
    assert desk.read(desk.lille).state == "qualifying"


def undo(client, batch, **more):
    """The page that tells what was undone, after the form that undoes it."""
    done = client.post("/bureau/annuler", data={"lot": batch, **more, **proof(client)})
    return client.get(done.headers["location"]).text


def test_nobody_undoes_what_another_did(desk):
    lea, paul = client_of(desk.app, LEA), client_of(desk.app, PAUL)
    done = bulk(lea, [desk.lille], "assign:moi")
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    assert paul.post("/bureau/annuler", data={"lot": batch, **proof(paul)}).status_code == 422
    assert desk.read(desk.lille).assignee == "lea"


def test_another_territory_tells_nothing_by_page_count_or_title(desk):
    zoe = client_of(desk.app, LOZ)
    inbox = zoe.get("/bureau").text
    assert "AIG-LILLE1" not in inbox
    assert "AIG-MENDE1" in inbox
    assert 'En cours <span class="count">1</span>' in inbox
    assert "AIG-LILLE1" not in zoe.get("/bureau", params={"q": "salaires"}).text
    assert "AIG-LILLE1" not in zoe.get("/bureau", params={"territoire": "DEP-59"}).text
    there, nowhere = page_of(zoe, desk.lille), zoe.get("/bureau/besoins/nulle-part")
    assert there.status_code == nowhere.status_code == 404
    # The proof that a form is of the session is masked anew on each page.
    told = [re.sub(r'name="csrf" value="\w+"', "", page.text) for page in (there, nowhere)]
    assert told[0].replace(desk.lille.key, "x") == told[1].replace("nulle-part", "x")
    url = f"/bureau/besoins/{desk.lille.key}"
    for action in ("proposer", "note", "question", "changer", "fusionner", "transmettre"):
        fields = {"version": "2", "texte": "mot", "geste": "assign:moi", **SORTED, **proof(zoe)}
        fields |= {"offre": "aide", "reference": "AIG-MENDE1"}
        assert zoe.post(f"{url}/{action}", data=fields).status_code == 404
    assert bulk(zoe, [desk.lille], "assign:moi").status_code == 404
    assert act(zoe, desk.mende, "fusionner", reference="AIG-LILLE1").status_code == 422
    assert desk.read(desk.lille) == desk.lille


def test_a_draft_is_seen_by_nobody_and_a_visitor_is_sent_to_sign_in(desk):
    with write(desk.catalogue.engine) as connection:
        change_need(connection, desk.lille.id, state="draft")
    lea = client_of(desk.app, LEA)
    assert page_of(lea, desk.lille).status_code == 404
    assert "AIG-LILLE1" not in lea.get("/bureau").text
    for path in ("/bureau", f"/bureau/besoins/{desk.lille.key}"):
        assert client_of(desk.app).get(path).status_code == 303


def test_a_form_of_no_session_changes_nothing(desk):
    lea = client_of(desk.app, LEA)
    page_of(lea, desk.lille)
    before = desk.read(desk.lille)
    url = f"/bureau/besoins/{desk.lille.key}/note"
    assert lea.post(url, data={"texte": "mot", "version": "3"}).status_code == 403
    assert desk.read(desk.lille) == before


def test_a_need_joins_another_and_may_be_taken_back(desk):
    lea = client_of(desk.app, LEA)
    again = "on arrive plus a payer les salaires !"
    twin = sent(desk.catalogue, "AIG-LILLE2", again, at=BEFORE + timedelta(hours=1))
    assert "Peut-être en double" in lea.get("/bureau").text
    assert "Réunir à AIG-LILLE1" in page_of(lea, twin).text
    done = act(lea, twin, "fusionner", reference="aig-lille1")
    found = desk.read(twin)
    assert (found.state, found.outcome) == ("closed", "duplicate")
    assert found.merged_into == desk.lille.id
    assert "Lui est réuni" in page_of(lea, desk.lille).text
    batch = re.search(r"lot=([\w-]+)", done.headers["location"])[1]
    lea.post("/bureau/annuler", data={"lot": batch, **proof(lea)})
    assert (desk.read(twin).state, desk.read(twin).merged_into) == ("new", None)
    assert act(lea, twin, "fusionner", reference="AIG-LILLE2").status_code == 422


def test_what_helped_is_shown_to_a_like_need_and_words_stay_in_their_territory(desk):
    lea, zoe = client_of(desk.app, LEA), client_of(desk.app, LOZ)
    act(lea, desk.lille, "proposer", offre="aide")
    act(lea, desk.lille, "changer", geste="close:helped", **SORTED)
    words = "on n’arrive plus à payer les salaires de l’équipe"
    like = sent(desk.catalogue, "AIG-MENDE2", words, place=MENDE, at=BEFORE)
    near = sent(desk.catalogue, "AIG-LILLE2", words, place=LILLE, at=BEFORE)
    far = page_of(zoe, like).text
    assert "Ce qui a aidé des besoins semblables" in far
    assert "Un besoin d’un autre territoire" in far
    assert "AIG-LILLE1" not in far
    assert "AIG-LILLE1" in page_of(lea, near).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "SALAIRES"}, True),
        ({"q": "aig-lille1"}, True),
        ({"q": "arrive payér"}, True),
        ({"q": "toit"}, False),
        ({"territoire": "DEP-59"}, True),
        ({"territoire": "DEP-02"}, False),
        ({"profil": "association"}, True),
        ({"profil": "tpe"}, False),
        ({"age": "2"}, True),
        ({"age": "5"}, False),
        ({"attribue": "-"}, True),
        ({"attribue": "moi"}, False),
        ({"type": "tresorerie"}, True),
        ({"type": "juridique"}, False),
        ({"etat": "closed"}, False),
        ({"etat": "new"}, True),
    ],
)
def test_the_inbox_is_filtered_by_its_address(desk, query, found):
    with write(desk.catalogue.engine) as connection:
        change_need(connection, desk.lille.id, understood={"tresorerie": 0.9})
    assert ("AIG-LILLE1" in client_of(desk.app, LEA).get("/bureau", params=query).text) == found


def test_pages_follow_each_other_and_a_broken_cursor_is_told(desk):
    for number in range(60):
        at = BEFORE - timedelta(minutes=number)
        sent(desk.catalogue, f"AIG-N{number:03}", f"besoin {number}", at=at)
    lea = client_of(desk.app, LEA)
    first = lea.get("/bureau").text
    after = re.search(r'href="([^"]*apres=[^"]+)"', first)[1].replace("&amp;", "&")
    second = lea.get(after).text
    listed = [re.findall(r'class="ref">([\w-]+)', text) for text in (first, second)]
    assert [len(page) for page in listed] == [50, 11]
    assert len({*listed[0], *listed[1]}) == 61
    assert listed[0][0] == "AIG-N059"
    assert "50 besoins sur 61, le plus pressé d’abord" in first
    assert "Revenir au début" in second
    assert "Revenir au début" not in first
    assert lea.get("/bureau", params={"apres": "zzz"}).status_code == 422


def test_shortcuts_are_switched_off_by_account(desk):
    lea = client_of(desk.app, LEA)
    assert 'data-shortcuts="on"' in lea.get("/bureau").text
    assert lea.post("/bureau/raccourcis", data=proof(lea)).status_code == 303
    assert 'data-shortcuts="off"' in lea.get("/bureau").text


def test_what_the_desk_does_by_hand_is_told_on_the_person_s_page(desk):
    lea = client_of(desk.app, LEA)
    act(lea, desk.lille, "changer", geste="assign:moi", **SORTED)
    act(lea, desk.read(desk.lille), "changer", geste="close:helped", **SORTED)
    person = client_of(desk.app).get(f"/besoins/{desk.lille.id}/suivi").text
    assert "Un catalyseur suit votre demande." in person
    assert "aidé" in person.split("Ce qui s’est passé")[1]


@pytest.mark.parametrize("version", ["²", "9" * 30, "x"])
def test_a_forged_version_in_bulk_is_refused_and_not_an_accident(desk, version):
    lea = client_of(desk.app, LEA)
    form = {"besoin": f"{desk.lille.key}:{version}", "geste": "assign:moi", **SORTED}
    assert lea.post("/bureau/lot", data={**form, **proof(lea)}).status_code < 500
    assert desk.read(desk.lille).assignee is None


def test_a_cursor_whose_moment_has_a_zone_is_refused(desk):
    forged = "2026-11-25\n2026-11-24T00:00:00+00:00\nx"
    cursor = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")
    assert client_of(desk.app, LEA).get("/bureau", params={"apres": cursor}).status_code == 422


def test_a_link_to_a_provider_is_good_for_the_days_of_the_settings(desk):
    desk.app.state.settings = desk.app.state.settings.model_copy(update={"link_days": 3})
    lea = client_of(desk.app, LEA)
    act(lea, desk.lille, "proposer", offre="aide")
    act(lea, desk.read(desk.lille), "transmettre", offre="aide", destinataire="p@exemple.org")
    with read(desk.catalogue.engine) as connection:
        (made,) = transmissions_of(connection, desk.lille.id)
    assert made.expires_at - made.sent_at == timedelta(days=3)


def answered(desk, number, room, at):
    """A provider takes the need of Lille and says how many more it could take."""
    made = Transmission(f"t{number}", desk.lille.id, "aide", "p@p.fr", at, at + timedelta(days=14))
    with write(desk.catalogue.engine) as connection:
        save_transmission(connection, made, f"jeton-{number}")
        told = {"state": "accepted", "capacity": room, "answered_at": at}
        change_transmission(connection, made.id, **told)


def test_what_a_provider_said_of_its_room_is_told_where_its_answer_may_be_read(desk):
    answered(desk, 1, 3, BEFORE)
    another = sent(desk.catalogue, "AIG-LILLE2", "le compte est à découvert", at=BEFORE)
    lea, zoe = client_of(desk.app, LEA), client_of(desk.app, LOZ)
    for client, need in ((lea, another), (zoe, desk.mende)):
        act(client, need, "proposer", offre="aide")
    assert "pouvoir prendre encore 3 demandes semblables" in page_of(lea, another).text
    assert "Le porteur a dit" not in page_of(zoe, desk.mende).text
    answered(desk, 2, 0, NOON)
    page = page_of(lea, another).text
    assert ("Complet" in page, "encore 3 demandes" in page) == (True, False)
