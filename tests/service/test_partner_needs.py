"""A partner sends needs, follows them, completes them, withdraws them; nobody else's."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from data.engine import read
from data.outbox import rows_of
from data.store_contacts import consents_of, load_contact
from data.store_needs import load_need
from data.store_transmissions import transmissions_of
from service.app import create_app
from service.deps import clock
from service.triage.clocks import Clocks
from service.usecases.letters import Now, letter_of
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON
from tests.partners import WORDS, need, portal, sending


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """One application for all: each test has partners of its own."""
    folder = tmp_path_factory.mktemp("partners")
    one = offer("aide", title="Aide à la trésorerie", need_types=("tresorerie",))
    return create_app(settings(folder, link_days=3), tiny_catalogue(folder, one))


def sent(client, **more):
    answer = client.post("/v1/needs", json=need(send=sending("aide"), **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_need_is_sent_with_the_consent_as_the_person_gave_it(app):
    made = sent(portal(app), external_id="dossier-1")
    assert (made["state"], made["external_id"]) == ("new", "dossier-1")
    assert made["first_answer_by"] == "2026-12-01"
    assert made["person_url"].endswith(f"/besoins/{made['id']}")
    with read(app.state.catalogue.engine) as connection:
        given = consents_of(connection, made["id"])
        assert load_contact(connection, made["id"]).email == "sam@exemple.org"
        assert load_need(connection, made["id"]).partner_id.startswith("portail-")
    assert [(c.recipient, c.text_version, c.at.isoformat()) for c in given] == [
        ("catalyst", "2026-11", "2026-11-24T11:59:00"),
        ("aide", "2026-11", "2026-11-24T11:59:00"),
    ]


@pytest.mark.parametrize(("said", "kept"), [({}, "fr"), ({"language": "en"}, "en")])
def test_a_person_is_written_to_in_the_language_that_the_portal_says(app, said, kept):
    send = sending("aide")
    send["contact"] |= said
    made = portal(app).post("/v1/needs", json=need(send=send)).json()
    with read(app.state.catalogue.engine) as connection:
        assert load_contact(connection, made["id"]).language == kept
        (row,) = rows_of(connection, made["id"])
        letter = letter_of(connection, row, Now(NOON, Clocks(), 30))
    assert letter.language == kept


def test_a_language_that_letters_are_not_written_in_is_refused_with_those_that_are(app):
    send = sending("aide")
    send["contact"] |= {"language": "de"}
    refused = portal(app).post("/v1/needs", json=need(send=send))
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["pointer"]) == (422, "/send/contact/language")
    assert error["message"] == "Valeur inconnue : attendu fr, en."


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        ({"text_version": "2020-01"}, "Texte d’accord inconnu"),
        ({"recipients": ["aide"]}, "« catalyst » manque"),
        ({"recipients": ["catalyst", "nulle-part"]}, "Aucune offre « nulle-part »"),
        ({"agreed_at": "2026-10-01T00:00:00Z"}, "Date d’accord hors de propos"),
        ({"agreed_at": "2026-11-24T13:00:00Z"}, "Date d’accord hors de propos"),
        ({"agreed_at": "2026-11-24T11:00:00"}, "agreed_at"),
    ],
)
def test_without_a_sound_consent_nothing_is_sent_nor_kept(app, consent, told):
    client = portal(app)
    body = need(send=sending("aide", **consent))
    refused = client.post("/v1/needs", json=body)
    assert refused.status_code in (404, 422)
    assert told in json.dumps(refused.json(), ensure_ascii=False)
    assert client.get("/v1/needs").json()["needs"] == []


def test_a_draft_is_sent_later_and_only_once(app):
    client = portal(app)
    draft = client.post("/v1/needs", json=need()).json()
    assert draft["state"] == "draft"
    first = client.post(f"/v1/needs/{draft['id']}/send", json=sending())
    assert first.json()["state"] == "new"
    again = client.post(f"/v1/needs/{draft['id']}/send", json=sending())
    assert (again.status_code, again.json()["type"]) == (409, "/problems/deja-envoye")


def test_one_external_id_is_one_need_even_for_many_at_once(app):
    client = portal(app)
    body = need(external_id="dossier-7")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/needs", json=body), range(8)))
    assert sorted(a.status_code for a in answers) == [201, *[409] * 7]
    (kept,) = client.get("/v1/needs", params={"external_id": "dossier-7"}).json()["needs"]
    assert all(kept["id"] in a.text for a in answers)


def test_pages_hold_each_need_once_whatever_comes_meanwhile(app, monkeypatch):
    client = portal(app)
    ids = [client.post("/v1/needs", json=need(external_id=f"d{n}")).json()["id"] for n in range(5)]
    seen, cursor, later = [], None, NOON + timedelta(minutes=1)
    while True:
        page = client.get(
            "/v1/needs", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        seen += [n["id"] for n in page.json()["needs"]]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            break
        if len(seen) == 2:
            monkeypatch.setitem(app.dependency_overrides, clock, lambda: later)
            ids.append(client.post("/v1/needs", json=need(external_id="late")).json()["id"])
    assert sorted(seen) == sorted(ids)
    assert seen[-1] == ids[-1]


@pytest.mark.parametrize(
    "spoil", [lambda c: c[:-2], lambda c: c[1:] + c[:1], lambda _: "é", lambda _: ""]
)
def test_a_cursor_that_we_did_not_make_is_refused(app, spoil):
    client = portal(app)
    for n in range(2):
        client.post("/v1/needs", json=need(external_id=f"d{n}"))
    cursor = client.get("/v1/needs", params={"limit": 1}).json()["next_cursor"]
    assert client.get("/v1/needs", params={"cursor": cursor}).status_code == 200
    for address in ("/v1/needs", "/v1/offers"):
        wrong = cursor if address == "/v1/offers" else spoil(cursor)
        refused = client.get(address, params={"cursor": wrong})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/curseur-illisible")


def test_facts_are_added_to_the_version_that_was_read(app):
    client = portal(app)
    made = sent(client, commune=None)
    path = f"/v1/needs/{made['id']}"
    tag = client.get(path).headers["etag"]
    assert client.patch(path, json={"employees": 5}).status_code == 428
    done = client.patch(path, json={"commune": "Mende", "employees": 0}, headers={"If-Match": tag})
    assert done.status_code == 200
    assert (done.json()["place"]["code"], done.json()["employees"]) == ("COM-48095", 0)
    assert done.json()["text"] == WORDS
    assert done.headers["etag"] != tag
    late = client.patch(path, json={"employees": 5}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/autre-version")
    wrong = client.patch(
        path, json={"employees": 5, "volunteer_only": True}, headers={"If-Match": "*"}
    )
    assert wrong.status_code == 422
    assert "se contredisent" in wrong.json()["detail"]
    steps = client.get(f"{path}/timeline").json()["steps"]
    assert [s["step"] for s in steps] == ["sent", "facts-added"]
    assert steps[1]["detail"] == {"fields": ["employees", "place"]}
    assert {s["actor"] for s in steps} == {"partner"}


def test_a_withdrawn_need_leaves_nothing_of_the_person_and_stays_counted(app):
    client = portal(app)
    made, other = sent(client), sent(client)
    path = f"/v1/needs/{made['id']}"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 410
    assert client.delete(path).status_code == 410
    assert client.get("/v1/needs/counts").json()["counts"] == {"new": 1, "erased": 1}
    assert [n["id"] for n in client.get("/v1/needs").json()["needs"]] == [other["id"]]
    with read(app.state.catalogue.engine) as connection:
        assert load_need(connection, made["id"]) is None
        assert load_contact(connection, made["id"]) is None


def test_the_person_s_words_reach_the_desk(app):
    client = portal(app)
    made = sent(client)
    path = f"/v1/needs/{made['id']}"
    assert client.post(f"{path}/messages", json={"text": "Le loyer aussi."}).status_code == 204
    assert client.get(f"{path}/timeline").json()["steps"][-1]["step"] == "wrote"
    draft = client.post("/v1/needs", json=need()).json()
    refused = client.post(f"/v1/needs/{draft['id']}/messages", json={"text": "Le loyer."})
    assert refused.status_code == 409


def routes_of_a_need(need_id):
    path = f"/v1/needs/{need_id}"
    return [
        ("GET", path, None),
        ("GET", f"{path}/matches", None),
        ("GET", f"{path}/timeline", None),
        ("PATCH", path, {"employees": 5}),
        ("POST", f"{path}/send", sending()),
        ("POST", f"{path}/messages", {"text": "Bonjour."}),
        ("DELETE", path, None),
    ]


@pytest.mark.parametrize("erased", [False, True])
def test_another_partner_and_nobody_learn_nothing_of_a_need(app, erased):
    """The same status, type and words as for a need that never was, on every route."""
    mine, theirs, nobody = portal(app), portal(app), TestClient(app)
    made = sent(mine, external_id="secret-7")
    if erased:
        mine.delete(f"/v1/needs/{made['id']}")
    asked = [
        (client, *route, unknown)
        for client in (theirs, nobody, portal(app, mode="test"))
        for route, unknown in zip(
            routes_of_a_need(made["id"]), routes_of_a_need("x" * 16), strict=True
        )
    ]
    for client, method, path, body, unknown in asked:
        headers = {"If-Match": "*"}
        found = client.request(method, path, json=body, headers=headers)
        never = client.request(method, unknown[1], json=body, headers=headers)
        assert found.status_code == never.status_code in (401, 404)
        assert found.text.replace(made["id"], "x" * 16) == never.text
    assert theirs.get("/v1/needs", params={"external_id": "secret-7"}).json()["needs"] == []
    assert theirs.get("/v1/needs/counts").json()["counts"] == {}
    assert mine.get(f"/v1/needs/{made['id']}").status_code == (410 if erased else 200)


def test_the_same_external_id_at_two_partners_is_two_needs(app):
    first, second = sent(portal(app), external_id="1"), sent(portal(app), external_id="1")
    assert first["id"] != second["id"]


def test_a_key_without_the_right_is_refused_and_nothing_is_done(app):
    reader = portal(app, scopes=("needs:read",))
    writer = portal(app, scopes=("needs:write",))
    refused = reader.post("/v1/needs", json=need())
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/droit-absent")
    assert "needs:write" in refused.json()["detail"]
    assert writer.get("/v1/needs").status_code == 403
    made = writer.post("/v1/needs", json=need())
    assert made.status_code == 201
    assert writer.get(f"/v1/needs/{made.json()['id']}").status_code == 403
    assert reader.get("/v1/needs").json()["needs"] == []


def test_what_only_a_partner_may_say_is_refused_without_a_key(app):
    nobody = TestClient(app)
    assert nobody.post("/v1/needs", json=need(external_id="x")).status_code == 401
    assert nobody.post("/v1/needs", json=need(send=sending())).status_code == 401
    made = nobody.post("/v1/needs", json=need())
    assert made.status_code == 201
    assert nobody.get(f"/v1/needs/{made.json()['id']}").json()["state"] == "draft"


def batch(client, *lines):
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = client.post("/v1/needs/batch", content=body.encode())
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_each_line_of_a_batch_has_its_answer_and_twice_is_once(app):
    client = portal(app)
    lines = [
        need(external_id="a"),
        "{oups",
        need(external_id="b", commune="Zzyzx"),
        need(external_id="a"),
        need(external_id="c", send=sending("aide")),
        need(text=""),
    ]
    answers = batch(client, *lines)
    assert [a["status"] for a in answers] == [
        "created", "refused", "refused", "known", "created", "refused",
    ]  # fmt: skip
    assert [a["line"] for a in answers] == [1, 2, 3, 4, 5, 6]
    assert answers[3]["need"]["id"] == answers[0]["need"]["id"]
    assert answers[2]["problem"]["errors"][0]["field"] == "commune"
    assert answers[5]["problem"]["errors"][0]["pointer"] == "/text"
    assert answers[4]["need"]["state"] == "new"
    assert client.get("/v1/needs/counts").json()["counts"] == {"draft": 1, "new": 1}


@pytest.mark.parametrize("count", [0, 1_001])
def test_a_batch_of_none_or_too_many_is_refused_whole(app, count):
    client = portal(app)
    refused = client.post("/v1/needs/batch", content=b'{"text": "aide"}\n' * count)
    assert refused.status_code == 422
    assert "de 1 à 1000" in refused.json()["detail"]
    assert client.get("/v1/needs/counts").json()["counts"] == {}


def test_a_test_key_finds_examples_moves_them_and_touches_nothing_real(app):
    essai, real = portal(app, mode="test"), portal(app)
    found = {n["external_id"]: n for n in essai.get("/v1/needs").json()["needs"]}
    assert {n: v["state"] for n, v in found.items()} == {
        "exemple-1": "new",
        "exemple-2": "qualifying",
        "exemple-3": "proposed",
        "exemple-4": "closed",
    }
    assert found["exemple-1"]["person_url"] is None
    assert real.get("/v1/needs").json()["needs"] == []
    made = sent(essai, external_id="essai")
    path = f"/v1/sandbox/needs/{made['id']}/advance"
    for to, state in (
        ("qualifying", "qualifying"),
        ("transmitted", "transmitted"),
        ("accepted", "transmitted"),
        ("closed", "closed"),
    ):
        assert essai.post(path, json={"to": to}).json()["state"] == state
    steps = essai.get(f"/v1/needs/{made['id']}/timeline").json()["steps"]
    assert [s["step"] for s in steps] == [
        "sent", "moved", "qualified", "transmitted", "accepted", "closed",
    ]  # fmt: skip
    assert steps[-1]["detail"] == {"state": "closed", "outcome": "helped"}
    assert essai.post(path, json={"to": "proposed"}).status_code == 409
    unknown = essai.post(path, json={"to": "ailleurs"})
    assert "Étapes possibles : qualifying" in unknown.json()["detail"]
    kept = real.post("/v1/needs", json=need()).json()
    refused = real.post(f"/v1/sandbox/needs/{kept['id']}/advance", json={"to": "closed"})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/bac-a-sable")


def test_a_link_of_the_sandbox_is_good_for_the_days_of_the_settings(app):
    essai = portal(app, mode="test")
    path = f"/v1/sandbox/needs/{sent(essai)['id']}/advance"
    essai.post(path, json={"to": "qualifying"})
    made = essai.post(path, json={"to": "transmitted"}).json()
    with read(app.state.sandbox.if_made()) as connection:
        (link,) = transmissions_of(connection, made["id"])
    assert link.expires_at - link.sent_at == timedelta(days=3)


def test_the_texts_to_show_are_those_that_are_kept(app):
    said = TestClient(app).get("/v1/consents").json()
    assert said["version"] == sending()["consent"]["text_version"]
    assert "{provider}" in said["provider"]


def test_a_provider_answers_by_program_with_the_token_of_its_link(app):
    from data.outbox import rows_of
    from service.usecases.transmitting import transmit

    made = sent(portal(app))
    catalogue = app.state.catalogue
    transmit(catalogue, made["id"], "aide", "porteur@exemple.org", by="user:lea", now=NOON, days=14)
    with read(catalogue.engine) as connection:
        (row,) = [r for r in rows_of(connection, made["id"]) if r.kind == "transmitted"]
    provider, path = TestClient(app), f"/v1/answers/{row.payload['token']}"
    before = provider.get(path).json()
    assert (before["state"], before["text"], before["email"]) == ("sent", WORDS, None)
    assert made["id"] not in json.dumps(before)
    refused = provider.post(path, json={"choice": "accept"})
    assert refused.json()["errors"][0]["field"] == "contact_on"
    taken = provider.post(path, json={"choice": "accept", "contact_on": "2026-11-26"}).json()
    assert (taken["state"], taken["email"]) == ("accepted", "sam@exemple.org")
    late = provider.post(path, json={"choice": "refuse", "reason": "full"}).json()
    assert late["state"] == "accepted"
    assert provider.get("/v1/answers/inconnu").status_code == 404
