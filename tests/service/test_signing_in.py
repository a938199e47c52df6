"""Signing in: a link by mail that serves once, a session that ends, nothing told to strangers."""

from __future__ import annotations

import re
from datetime import timedelta
from difflib import SequenceMatcher

import pytest
from sqlalchemy import select

from data.audit import broken_at
from data.engine import read, write
from data.store_users import change_user
from data.tables_people import audit, outbox, sessions, sign_in_links
from service.app import create_app
from service.auth import COOKIE
from service.deps import clock
from service.usecases.signing_in import IDLE, LINK_LASTS, SESSION_LASTS, make_link
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user

LEA = user("lea", "administrator", "FR")


@pytest.fixture
def app(tmp_path):
    made = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    keep_users(made.state.catalogue.engine, LEA)
    return made


def rows(app, query):
    with read(app.state.catalogue.engine) as connection:
        return connection.execute(query).mappings().all()


def at(app, moment):
    app.dependency_overrides[clock] = lambda: moment


def link(app):
    return f"/connexion/{make_link(app.state.catalogue.engine, LEA.email, now=NOON)}"


def test_a_link_is_asked_for_followed_used_and_leads_to_the_page_first_wanted(app):
    client = client_of(app)
    refused = client.get("/bureau/comptes")
    assert (refused.status_code, refused.headers["location"]) == (303, "/connexion")
    assert client.post("/connexion", data={"email": " LEA@exemple.org "}).status_code == 303
    (mail,) = rows(app, select(outbox))
    assert (mail["kind"], mail["payload"]["user_id"]) == ("sign-in", "lea")
    address = f"/connexion/{mail['payload']['token']}"
    assert "Lea" in client.get(address).text
    used = client.post(address)
    assert (used.status_code, used.headers["location"]) == (303, "/bureau/comptes")
    cookie = used.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/bureau/comptes").status_code == 200


def test_programs_that_read_mails_follow_a_link_without_using_it(app):
    address = link(app)
    for _ in range(3):
        assert client_of(app).get(address).status_code == 200
    assert client_of(app).post(address).status_code == 303


def test_a_link_serves_once_and_takes_the_others_of_the_account_with_it(app):
    first, second = link(app), link(app)
    assert client_of(app).post(first).status_code == 303
    for spent in (first, second):
        again = client_of(app).post(spent)
        assert (again.status_code, COOKIE in again.cookies) == (410, False)
        assert "demandez-en un autre" in again.text
        assert client_of(app).get(spent).status_code == 410


def test_a_link_is_past_after_fifteen_minutes_and_a_made_up_one_never_was(app):
    address = link(app)
    at(app, NOON + LINK_LASTS)
    assert client_of(app).post(address).status_code == 410
    assert client_of(app).get("/connexion/inconnu").status_code == 410


def test_tokens_are_kept_as_hashes_alone(app):
    address = link(app)
    client = client_of(app)
    client.post(address)
    session = client.cookies[COOKIE]
    kept = str([*rows(app, select(sessions)), *rows(app, select(sign_in_links))])
    assert address.rpartition("/")[2] not in kept
    assert session not in kept
    assert session not in str(rows(app, select(audit)))


def test_an_unknown_address_gets_the_same_answer_and_no_mail(app):
    known, unknown = (
        client_of(app).post("/connexion", data={"email": f"{who}@exemple.org"})
        for who in ("lea", "inconnu")
    )
    assert known.headers["location"] == unknown.headers["location"]
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert len(rows(app, select(outbox))) == 1


def test_an_address_that_is_none_is_said_beside_its_field(app):
    found = client_of(app).post("/connexion", data={"email": "<b>lea"})
    assert found.status_code == 422
    assert "&lt;b&gt;lea" in found.text
    assert 'aria-describedby="email-error"' in found.text


@pytest.mark.parametrize("who", ["lea", "inconnu"])
def test_links_are_asked_for_five_times_then_refused_whether_the_account_exists(app, who):
    ask = [client_of(app).post("/connexion", data={"email": f"{who}@e.org"}) for _ in range(6)]
    assert [a.status_code for a in ask] == [303] * 5 + [429]


def test_one_machine_asks_for_thirty_links_an_hour(app):
    ask = [client_of(app).post("/connexion", data={"email": f"a{n}@e.org"}) for n in range(31)]
    assert [a.status_code for a in ask] == [303] * 30 + [429]


def test_a_session_unused_for_eight_hours_ends_and_a_used_one_after_seven_days(app):
    client = client_of(app, LEA)
    at(app, NOON + IDLE)
    assert client.get("/bureau/comptes").status_code == 303
    at(app, NOON)
    client = client_of(app, LEA)
    moment = NOON
    while moment < NOON + SESSION_LASTS - timedelta(hours=7):
        moment += timedelta(hours=7)
        at(app, moment)
        assert client.get("/bureau/comptes").status_code == 200
    at(app, NOON + SESSION_LASTS)
    assert client.get("/bureau/comptes").status_code == 303


def test_signing_in_again_ends_the_session_that_the_browser_had(app):
    client = client_of(app, LEA)
    before = client.cookies[COOKIE]
    client.post(link(app))
    assert client.cookies[COOKIE] != before
    old = client_of(app)
    old.cookies.set(COOKIE, before)
    assert old.get("/bureau/comptes").status_code == 303


def test_signing_out_ends_the_session_here_and_on_the_server(app):
    client = client_of(app, LEA)
    copied = client.cookies[COOKIE]
    assert client.post("/deconnexion", data=proof(client)).status_code == 303
    assert COOKIE not in client.cookies
    thief = client_of(app)
    thief.cookies.set(COOKIE, copied)
    assert thief.get("/bureau/comptes").status_code == 303


def test_a_closed_account_neither_asks_nor_uses_a_link_nor_goes_on(app):
    client, address = client_of(app, LEA), link(app)
    with write(app.state.catalogue.engine) as connection:
        change_user(connection, "lea", active=False)
    assert client.get("/bureau/comptes").status_code == 303
    assert client_of(app).post(address).status_code == 410
    client_of(app).post("/connexion", data={"email": LEA.email})
    assert rows(app, select(outbox)) == []


def test_the_page_to_come_back_to_is_one_of_the_desk(app):
    client = client_of(app)
    client.cookies.set("aiguille-suite", "//mechant.example/bureau/")
    assert client.post(link(app)).headers["location"] == "/bureau"


def test_over_tls_cookies_belong_to_the_host_alone_and_browsers_are_told_to_stay(tmp_path):
    secure = settings(tmp_path, public_url="https://aiguille.example")
    app = create_app(secure, tiny_catalogue(tmp_path))
    keep_users(app.state.catalogue.engine, LEA)
    used = client_of(app).post(link(app))
    cookie = used.headers["set-cookie"]
    assert cookie.startswith("__Host-aiguille=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "max-age=31536000" in used.headers["strict-transport-security"]


def test_answers_to_the_signed_in_are_stored_nowhere(app):
    headers = client_of(app, LEA).get("/bureau/comptes").headers
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


def test_signing_in_and_out_is_in_the_audit_log(app):
    client = client_of(app, LEA)
    client.post("/deconnexion", data=proof(client))
    lines = [(r["actor"], r["action"]) for r in rows(app, select(audit))]
    assert lines == [
        ("system", "link-made"),
        ("user:lea", "signed-in"),
        ("user:lea", "signed-out"),
    ]
    with read(app.state.catalogue.engine) as connection:
        assert broken_at(connection) is None


def test_a_part_of_a_page_asked_for_after_the_session_sends_the_page_to_sign_in(app):
    part = client_of(app).get("/bureau/comptes", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/connexion")


def proofs(page):
    return re.findall(r'name="csrf" value="([^"]+)"', page.text)


def test_the_proof_of_a_form_tells_nothing_of_the_session_and_no_two_pages_hold_the_same(app):
    client = client_of(app, LEA)
    first, second = (proofs(client.get("/bureau/comptes/lea")) for _ in range(2))
    assert len(first) > 1
    assert len({*first, *second}) == 2  # one for each page, whatever its forms
    shared = SequenceMatcher(None, first[0], second[0], autojunk=False).find_longest_match()
    assert shared.size < 8  # letters of 96: nothing that stays, to be guessed by lengths
    assert client.cookies[COOKIE] not in first[0]


@pytest.mark.parametrize("which", [0, 1])
def test_the_proof_of_each_page_of_the_session_is_taken(app, which):
    client = client_of(app, LEA)
    given = [proofs(client.get("/bureau/comptes/lea"))[0] for _ in range(2)][which]
    assert client.post("/deconnexion", data={"csrf": given}).status_code == 303


def test_a_proof_of_another_session_changed_cut_or_absent_is_refused(app):
    client, other = client_of(app, LEA), client_of(app, LEA)
    good = proofs(client.get("/bureau/comptes/lea"))[0]
    changed = good[:-1] + ("0" if good[-1] != "0" else "1")
    salted = ("0" if good[0] != "0" else "1") + good[1:]
    theirs = proofs(other.get("/bureau/comptes/lea"))[0]
    for given in (theirs, changed, salted, good[:32], good[:10], good[32:], "", "é", None):
        data = {} if given is None else {"csrf": given}
        assert client.post("/deconnexion", data=data).status_code == 403, given
    assert client.post("/deconnexion", data={"csrf": good}).status_code == 303
