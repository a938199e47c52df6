"""An administrator opens partners, makes and ends their keys, and tells them events again."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from data.audit import last_lines
from data.engine import read, write
from data.store_deliveries import MOST_TRIES, WAITS
from data.store_partners import load_keys, load_partners
from data.tables_partners import keys, partners
from data.tables_people import audit
from data.tables_webhooks import webhooks
from service.app import create_app
from service.callers import KEYS
from service.deps import clock
from service.secret import derived, secret_of
from service.usecases.keys import LASTS, SCOPES, WantedKey, create_key
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user
from tests.service.hooks import courier_of, told, webhooks_of
from tests.service.receiver import receiving

LEA = user("lea", "administrator", "FR")
BASE = "/bureau/partenaires"
NEW = {
    "partner": "Portail du Nord",
    "email": "api@portail.example",
    "label": "site public",
    "mode": "live",
    "scopes": ["needs:read", "widget"],
    "origins": "https://Portail.example/\nhttps://www.portail.example",
    "lasts": "90",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One application for all."""
    folder = tmp_path_factory.mktemp("partners-page")
    made = create_app(settings(folder, keep_sent_days=7), tiny_catalogue(folder))
    keep_users(made.state.catalogue.engine, LEA)
    return made


@pytest.fixture
def app(site):
    """The application, at noon, without any partner."""
    at(site, NOON)
    for engine in filter(None, (site.state.catalogue.engine, site.state.sandbox.if_made())):
        with write(engine) as connection:
            for table in (keys, partners, webhooks, audit):
                connection.execute(delete(table))
    return site


@pytest.fixture
def lea(app):
    return client_of(app, LEA)


def send(client, path, **fields):
    return client.post(f"{BASE}{path}", data={**proof(client), **fields})


def kept(app):
    with read(app.state.catalogue.engine) as connection:
        return load_keys(connection)


def key_of(app, **facts):
    wanted = {"partner": "Portail", "email": "a@b.fr", "mode": "live", "scopes": tuple(SCOPES)}
    secret = derived(secret_of(app.state.settings), KEYS)
    asked = WantedKey(**{**wanted, **facts})
    return create_key(app.state.catalogue.engine, secret, asked, by="system", now=NOON)


def lines(app):
    """What Léa did, once signed in."""
    with read(app.state.catalogue.engine) as connection:
        found = last_lines(connection, 99)
    mine = [(line.action, line.detail) for line in found if line.actor == "user:lea"]
    return [line for line in mine if line[0] != "signed-in"]


def clear_in(page):
    """The key that a page shows, whole."""
    return re.search(r"aig_(?:live|test)_[0-9a-f]{12}_[0-9a-f]{40}", page.text)


def at(app, moment):
    app.dependency_overrides[clock] = lambda: moment


def test_a_key_is_made_with_its_partner_and_its_secret_is_on_that_answer_alone(
    app, lea, caplog, capfd
):
    assert "Aucun partenaire encore" in lea.get(BASE).text
    made = send(lea, "/cles/nouvelle", **NEW)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    clear = clear_in(made)[0]
    (key,) = kept(app)
    assert clear.startswith(f"aig_live_{key.id}_")
    assert key.scopes == ("needs:read", "widget")
    assert key.origins == ("https://portail.example", "https://www.portail.example")
    assert key.expires_at == (NOON + timedelta(days=90)).replace(tzinfo=None)
    called = TestClient(app).get("/v1/key", headers={"Authorization": f"Bearer {clear}"})
    assert called.json()["partner"] == "portail-du-nord"
    half = clear.rsplit("_", 1)[1]
    pages = (BASE, f"{BASE}/portail-du-nord", f"{BASE}/cles/{key.id}")
    assert not [page for page in pages if half in lea.get(page).text]
    written = "".join(capfd.readouterr())
    assert "/cles/nouvelle" in written
    assert half not in caplog.text + written
    assert [action for action, _ in lines(app)] == ["key-created"]
    assert half not in str(lines(app))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("partner", " ", "Donnez le nom du partenaire, en 120 caractères"),
        ("email", "api", "donnez l’adresse e-mail de la personne à prévenir"),
        ("label", "", "Dites à quoi sert la clé"),
        ("mode", "essai", "Attendu"),
        ("scopes", [], "au moins un droit"),
        ("scopes", ["tout"], "needs:read, needs:write"),
        ("origins", "https://a.fr portail.fr/page", "« portail.fr/page » n’est pas une origine"),
        ("lasts", "549", "Une clé dure de 1 à 548 jours"),
        ("lasts", "99999999999", "Une clé dure de 1 à 548 jours"),
        ("lasts", "un an", "Une clé dure de 1 à 548 jours"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_with_what_was_typed(app, lea, field, value, told):
    found = send(lea, "/cles/nouvelle", **{**NEW, field: value})
    text = unescape(found.text).replace("\u00a0", " ")
    assert found.status_code == 422
    assert told in text
    assert f'id="{field}-error"' in text
    assert f'aria-describedby="{field}-hint {field}-error"' in text or (
        f'aria-describedby=" {field}-error"' in text
    )
    assert 'value="site public"' in text or field == "label"
    assert kept(app) == []


def test_another_key_is_made_for_a_partner_that_is_known_without_its_address(app, lea):
    key_of(app)
    assert 'value="Portail"' in lea.get(f"{BASE}/cles/nouvelle?partenaire=portail").text
    made = send(lea, "/cles/nouvelle", **{**NEW, "partner": "Portail", "email": ""})
    assert made.status_code == 201
    assert {key.partner_id for key in kept(app)} == {"portail"}
    third = {**NEW, "partner": "Portail", "email": "", "lasts": "0"}
    wrong = send(lea, "/cles/nouvelle", **third)
    assert 'name="email"' not in wrong.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/inconnu", 404), ("/cles/0", 404), ("/webhooks/wh_0", 404), ("/cles/nouvelle", 200)],
)
def test_what_there_is_not_is_not_found(lea, path, status):
    assert lea.get(BASE + path).status_code == status
    assert lea.get(f"{BASE}/cles/nouvelle?partenaire=inconnu").status_code == 404


def test_a_key_is_turned_over_and_the_old_one_serves_for_the_days_that_were_asked(app, lea):
    old = key_of(app)
    made = send(lea, f"/cles/{old.key.id}/renouveler", overlap="3")
    assert made.status_code == 201
    assert "L’ancienne clé sert encore jusqu’au 27\u00a0novembre\u00a02026" in made.text
    fresh = clear_in(made)[0]
    page = lea.get(f"{BASE}/portail").text
    assert "Remplacée, sert encore" in page
    assert "2 clés de production" in lea.get(BASE).text
    assert 'action="' + f"{BASE}/cles/{old.key.id}/renouveler" not in page
    for days, opens in ((2, {old.clear, fresh}), (4, {fresh})):
        at(app, NOON + timedelta(days=days))
        keys = (old.clear, fresh)
        answers = {k: TestClient(app).get("/v1/key", headers=bearer(k)).status_code for k in keys}
        assert answers == {k: 200 if k in opens else 401 for k in keys}


@pytest.mark.parametrize("overlap", ["0", "31", "", "sept"])
def test_an_old_key_does_not_serve_for_ever(app, lea, overlap):
    old = key_of(app)
    wrong = send(lea, f"/cles/{old.key.id}/renouveler", overlap=overlap)
    assert wrong.status_code == 422
    assert 'id="overlap-error"' in wrong.text
    assert "de 1 à 30 jours" in wrong.text
    assert f'name="overlap" inputmode="numeric" autocomplete="off" required value="{overlap}"' in (
        wrong.text
    )
    assert len(kept(app)) == 1


def test_a_key_is_revoked_once_that_is_confirmed(app, lea):
    key = key_of(app)
    path = f"/cles/{key.key.id}"
    wrong = send(lea, f"{path}/revoquer")
    assert (wrong.status_code, 'id="confirm-error"' in wrong.text) == (422, True)
    assert TestClient(app).get("/v1/key", headers=bearer(key.clear)).status_code == 200
    done = send(lea, f"{path}/revoquer", confirm="oui")
    assert done.headers["location"] == f"{BASE}{path}?fait=revoquee"
    page = lea.get(done.headers["location"]).text
    assert "elle n’ouvre plus rien" in page
    assert '<form method="post" action="' + BASE not in page
    assert TestClient(app).get("/v1/key", headers=bearer(key.clear)).status_code == 401
    assert lines(app) == [("key-revoked", {"key": key.key.id})]
    late = send(lea, f"{path}/renouveler", overlap="7")
    assert late.status_code == 422
    assert "Cette clé n’ouvre plus rien" in late.text


def test_the_address_of_a_partner_is_changed_and_the_audit_does_not_say_it(app, lea):
    key_of(app)
    path = "/portail/adresse"
    wrong = send(lea, path, email="a@b")
    assert (wrong.status_code, 'id="email-error"' in wrong.text) == (422, True)
    assert 'value="a@b"' in wrong.text
    assert lines(app) == []
    for _ in range(2):  # The second time, there is nothing to change.
        done = send(lea, path, email=" neuve@b.fr ")
        assert (done.status_code, done.headers["location"]) == (303, f"{BASE}/portail?fait=adresse")
    page = lea.get(done.headers["location"]).text
    assert "Adresse enregistrée." in page
    assert 'value="neuve@b.fr"' in page
    assert lines(app) == [("partner-email-changed", {"partner": "portail"})]
    with read(app.state.catalogue.engine) as connection:
        assert [partner.email for partner in load_partners(connection)] == ["neuve@b.fr"]
    assert send(lea, "/ailleurs/adresse", email="neuve@b.fr").status_code == 404
    unproven = lea.post(f"{BASE}{path}", data={"email": "autre@b.fr"})
    assert unproven.status_code == 403


def test_the_sites_of_a_widget_are_changed_and_its_tag_is_there_to_copy(app, lea):
    key = key_of(app, scopes=("widget",)).key
    path = f"/cles/{key.id}"
    assert "le widget ne s’affiche nulle part" in lea.get(BASE + path).text
    wrong = send(lea, f"{path}/origines", origins="https://a.fr/page")
    assert (wrong.status_code, 'id="origins-error"' in wrong.text) == (422, True)
    assert ">https://a.fr/page</textarea>" in wrong.text
    done = send(lea, f"{path}/origines", origins="https://A.fr, http://localhost:5000/")
    assert (done.status_code, done.headers["location"]) == (303, f"{BASE}{path}?fait=origines")
    page = unescape(lea.get(done.headers["location"]).text)
    site = app.state.settings.public_url
    assert f'<script src="{site}/widget.js" data-cle="{key.id}" async></script>' in page
    framed = lea.get(f"/widget?cle={key.id}")
    policy = framed.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://a.fr http://localhost:5000")


def test_a_key_without_the_right_has_no_widget(app, lea):
    key = key_of(app, scopes=("needs:read",)).key
    assert "widget.js" not in lea.get(f"{BASE}/cles/{key.id}").text


def test_how_a_key_stands_is_said_in_words(app, lea):
    key = key_of(app).key
    pages = (BASE, f"{BASE}/portail")
    for moment, words in (
        (NOON, ("1 clé de production", "En service")),
        (NOON + LASTS - timedelta(days=59), ("Expire bientôt", "Expire bientôt")),
        (NOON + LASTS, ("Aucune clé en service", "1 clé qui n’ouvre plus rien")),
    ):
        at(app, moment)
        lea = client_of(app, LEA, now=moment)
        for page, said in zip(pages, words, strict=True):
            assert said in lea.get(page).text
    assert "Périmée" in lea.get(f"{BASE}/cles/{key.id}").text


def bearer(clear):
    return {"Authorization": f"Bearer {clear}"}


class Hooked:
    """A partner with one webhook, to which events are told over real HTTP."""

    def __init__(self, engine, url):
        self.engine = engine
        self.hooks = webhooks_of(engine, "portail")
        self.id = self.hooks.make(url, ("need.closed",), now=NOON).webhook.id
        self.path = f"/webhooks/{self.id}"

    def ping(self, now=NOON):
        self.hooks.ping(self.id, now=now)
        self.run(now)

    def run(self, now=NOON):
        courier_of(self.engine, notices=True).run(lambda: now)


def test_how_a_webhook_stands_is_said_in_words_with_the_code_of_its_last_fault(app, lea):
    key_of(app)
    with receiving() as receiver:
        hook = Hooked(app.state.catalogue.engine, receiver.url)
        assert "En attente d’un premier envoi" in lea.get(f"{BASE}/portail").text
        hook.ping()
        page = lea.get(f"{BASE}/portail").text
        assert f">{receiver.url}</a>" in page
        assert '<span class="tag good">En service</span>' in page
        receiver.status = 503
        hook.ping(NOON + timedelta(minutes=1))
    page = lea.get(f"{BASE}/portail").text
    assert '<span class="tag bad">En échec</span>' in page
    assert "<code>503</code>" in page
    assert "1 webhook <span" in lea.get(BASE).text.replace("\n", "")
    hook.run(NOON + timedelta(minutes=3))
    page = lea.get(BASE + hook.path).text
    assert "<code>refused</code>\u00a0: la connexion est refusée" in page
    assert "Reçus : 1 ; à envoyer : 1 ; perdus : 0" in unescape(page).replace("\u00a0", " ")
    assert "2 essais sur 8" in page


def test_an_event_is_told_again_and_so_is_all_that_did_not_arrive(app, lea):
    key_of(app)
    with receiving(status=500) as receiver:
        hook = Hooked(app.state.catalogue.engine, receiver.url)
        hook.ping()
        (event,) = {one.event_id for one in told(hook.engine, hook.id)}
        receiver.status = 204
        hook.run()
        assert receiver.ids == [event]
        again = send(lea, f"{hook.path}/renvoyer")
        assert again.headers["location"] == f"{BASE}{hook.path}?fait=renvoi"
        hook.run()
        send(lea, f"{hook.path}/renvoyer", envoi=event)
        hook.run()
    assert receiver.ids == [event] * 3
    assert lines(app) == [
        ("webhook-replayed", {"webhook": hook.id, "count": 1}),
        ("webhook-replayed", {"webhook": hook.id, "event": event}),
    ]
    assert send(lea, f"{hook.path}/renvoyer", envoi="evt_0").status_code == 404


def test_what_was_given_up_goes_on_once_an_administrator_says_so(app, lea):
    key_of(app)
    with receiving(status=500) as receiver:
        hook = Hooked(app.state.catalogue.engine, receiver.url)
        hook.ping()
        moment = NOON
        for wait in WAITS:
            moment += wait
            hook.run(moment)
        assert len(receiver.got) == MOST_TRIES
        page = lea.get(BASE + hook.path).text
        assert "Arrêté, faute de réponse" in page
        assert "Arrêté le" in page
        assert "gardé 7 jours\u00a0; une fois l’adresse réparée" in unescape(page)
        assert f'action="{BASE}{hook.path}/renvoyer"' not in page
        assert send(lea, f"{hook.path}/renvoyer").status_code == 409
        receiver.status = 204
        done = send(lea, f"{hook.path}/reprendre")
        assert "Envois repris" in lea.get(done.headers["location"]).text
        hook.run(moment)
    assert "En service" in lea.get(BASE + hook.path).text
    assert lines(app) == [("webhook-changed", {"webhook": hook.id})]


def test_what_a_partner_paused_is_left_to_it(app, lea):
    key_of(app)
    hook = Hooked(app.state.catalogue.engine, "http://localhost:9/")
    hook.hooks.change(hook.id, active=False, now=NOON)
    page = lea.get(BASE + hook.path).text
    assert "En pause, par le partenaire" in page
    assert f'action="{BASE}{hook.path}' not in page


def test_a_webhook_of_the_sandbox_is_shown_and_told_again_there(app, lea):
    key = key_of(app, mode="test")
    TestClient(app).get("/v1/needs", headers=bearer(key.clear))
    tried = app.state.sandbox.if_made()
    with receiving() as receiver:
        hook = Hooked(tried, receiver.url)
        hook.ping()
        page = lea.get(f"{BASE}/portail").text
        assert page.count("Bac à sable") == 2
        (event,) = [one.event_id for one in told(tried, hook.id) if one.type == "ping"]
        send(lea, f"{hook.path}/renvoyer", envoi=event)
        hook.run()
    assert receiver.ids.count(event) == 2


def test_the_menu_leads_there_for_administrators_alone(app, lea):
    sam = user("sam", "network-lead", "FR")
    keep_users(app.state.catalogue.engine, sam)
    link = f'href="{BASE}"'
    assert link in lea.get("/bureau").text
    assert link not in client_of(app, sam).get("/bureau").text
    with read(app.state.catalogue.engine) as connection:
        assert load_partners(connection) == []
