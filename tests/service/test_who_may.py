"""Every route, tried by everybody: who may not gets nothing, changes nothing and learns nothing.

The table must tell of every route of the application, and of no other: a new page is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, select, update

from data.engine import read, write
from data.store_feeds import add_feed, record_run
from data.store_needs import change_need, desk_key, save_need
from data.store_partners import Key, Partner, save_key, save_partner
from data.store_sessions import open_session
from data.store_users import save_user
from data.store_webhooks import Webhook, save_webhook
from data.tables import metadata, needs
from data.tables_feeds import feeds
from data.tables_partners import keys, partners
from data.tables_people import contacts, users
from data.tables_webhooks import webhooks
from service.app import create_app
from service.auth import COOKIE, csrf_token
from service.deps import clock
from service.pages.desk_actions import ACTIONS
from tests.builders import MENDE, TODAY, need, settings, tiny_catalogue
from tests.desk import NOON, user

PEOPLE = {
    "nobody": None,
    "far": user("far", "catalyst", "DEP-59"),
    "near": user("near", "catalyst", "DEP-48"),
    "lead": user("lead", "network-lead", "FR"),
    "admin": user("admin", "administrator", "FR"),
}
EVERYONE = frozenset(PEOPLE)
SIGNED_IN = EVERYONE - {"nobody"}
IN_SCOPE = SIGNED_IN - {"far"}
LEADS = frozenset({"lead", "admin"})
ADMINISTRATORS = frozenset({"admin"})
PUBLIC = LINK = EVERYONE
"""LINK: whoever has the address, which nobody can guess."""
OPERATOR = frozenset({"who keeps the site"})
"""Nobody of these people: the machine itself, or who has the token of the measures."""
KEY: frozenset[str] = frozenset()
"""Nobody of the desk: a partner, by its key (tests/service/test_partner_needs.py)."""

WHO: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/health"): PUBLIC,
    ("GET", "/ready"): PUBLIC,
    ("GET", "/metrics"): OPERATOR,
    ("POST", "/v1/match"): PUBLIC,
    ("POST", "/v1/needs"): PUBLIC,
    ("GET", "/v1/needs/{need_id}"): LINK,
    ("GET", "/v1/needs/{need_id}/matches"): LINK,
    ("GET", "/v1/needs/{need_id}/timeline"): LINK,
    ("GET", "/v1/needs"): KEY,
    ("GET", "/v1/needs/counts"): KEY,
    ("POST", "/v1/needs/batch"): KEY,
    ("PATCH", "/v1/needs/{need_id}"): KEY,
    ("DELETE", "/v1/needs/{need_id}"): KEY,
    ("POST", "/v1/needs/{need_id}/send"): KEY,
    ("POST", "/v1/needs/{need_id}/messages"): KEY,
    ("POST", "/v1/sandbox/needs/{need_id}/advance"): KEY,
    ("GET", "/v1/key"): KEY,
    ("GET", "/v1/webhooks"): KEY,
    ("POST", "/v1/webhooks"): KEY,
    ("GET", "/v1/webhooks/{webhook_id}"): KEY,
    ("PATCH", "/v1/webhooks/{webhook_id}"): KEY,
    ("DELETE", "/v1/webhooks/{webhook_id}"): KEY,
    ("POST", "/v1/webhooks/{webhook_id}/secret"): KEY,
    ("POST", "/v1/webhooks/{webhook_id}/test"): KEY,
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): KEY,
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay"): KEY,
    ("GET", "/v1/consents"): PUBLIC,
    ("GET", "/v1/answers/{token}"): LINK,
    ("POST", "/v1/answers/{token}"): LINK,
    ("GET", "/v1/offers"): PUBLIC,
    ("GET", "/v1/offers/{offer_id}"): PUBLIC,
    ("GET", "/v1/territories"): PUBLIC,
    ("GET", "/v1/frame"): PUBLIC,
    ("GET", "/problems"): PUBLIC,
    ("GET", "/problems/{kind}"): PUBLIC,
    ("GET", "/"): PUBLIC,
    ("POST", "/"): PUBLIC,
    ("POST", "/relire"): PUBLIC,
    ("GET", "/lieux"): PUBLIC,
    ("GET", "/besoins/{need_id}"): LINK,
    ("POST", "/besoins/{need_id}/comprendre"): LINK,
    ("POST", "/besoins/{need_id}/aucune"): LINK,
    ("GET", "/besoins/{need_id}/imprimer"): LINK,
    ("GET", "/besoins/{need_id}/comparer"): LINK,
    ("GET", "/besoins/{need_id}/reponses.csv"): LINK,
    ("GET", "/besoins/{need_id}/parcours.pdf"): LINK,
    ("GET", "/besoins/{need_id}/modifier"): LINK,
    ("POST", "/besoins/{need_id}/modifier"): LINK,
    ("POST", "/besoins/{need_id}/masquer"): LINK,
    ("GET", "/besoins/{need_id}/envoyer"): LINK,
    ("POST", "/besoins/{need_id}/envoyer"): LINK,
    ("GET", "/besoins/{need_id}/suivi"): LINK,
    ("POST", "/besoins/{need_id}/suivi"): LINK,
    ("POST", "/besoins/{need_id}/suivi/accord"): LINK,
    ("POST", "/besoins/{need_id}/suivi/retrait"): LINK,
    ("POST", "/besoins/{need_id}/suivi/issue"): LINK,
    ("GET", "/besoins/{need_id}/effacer"): LINK,
    ("POST", "/besoins/{need_id}/effacer"): LINK,
    ("GET", "/reponse/{token}"): LINK,
    ("POST", "/reponse/{token}"): LINK,
    ("GET", "/widget"): LINK,
    ("POST", "/widget"): LINK,
    ("GET", "/widget.js"): PUBLIC,
    ("GET", "/widget.css"): LINK,
    ("GET", "/raquette"): PUBLIC,
    ("GET", "/raquette/csv"): PUBLIC,
    ("GET", "/inventaire"): PUBLIC,
    ("GET", "/vie-privee"): PUBLIC,
    ("GET", "/offres/{offer_id}"): PUBLIC,
    ("POST", "/offres/{offer_id}/corriger"): PUBLIC,
    ("GET", "/donnees"): PUBLIC,
    ("GET", "/donnees/{day}/{name}"): PUBLIC,
    ("GET", "/connexion"): PUBLIC,
    ("POST", "/connexion"): PUBLIC,
    ("GET", "/connexion/{token}"): LINK,
    ("POST", "/connexion/{token}"): LINK,
    ("GET", "/connexion/oidc"): PUBLIC,
    ("GET", "/connexion/oidc/retour"): PUBLIC,
    ("POST", "/deconnexion"): SIGNED_IN,
    ("GET", "/bureau"): SIGNED_IN,
    ("POST", "/bureau/lot"): IN_SCOPE,
    ("POST", "/bureau/annuler"): SIGNED_IN,
    ("POST", "/bureau/raccourcis"): SIGNED_IN,
    ("GET", "/bureau/besoins/{need_key}"): IN_SCOPE,
    **{("POST", f"/bureau/besoins/{{need_key}}/{action}"): IN_SCOPE for action in ACTIONS},
    ("GET", "/bureau/mon-compte"): SIGNED_IN,
    ("POST", "/bureau/mon-compte"): SIGNED_IN,
    ("GET", "/bureau/comptes"): ADMINISTRATORS,
    ("GET", "/bureau/comptes/nouveau"): ADMINISTRATORS,
    ("POST", "/bureau/comptes/nouveau"): ADMINISTRATORS,
    ("GET", "/bureau/comptes/{user_id}"): ADMINISTRATORS,
    ("POST", "/bureau/comptes/{user_id}"): ADMINISTRATORS,
    ("POST", "/bureau/comptes/{user_id}/fermer"): ADMINISTRATORS,
    ("POST", "/bureau/comptes/{user_id}/rouvrir"): ADMINISTRATORS,
    ("GET", "/bureau/partenaires"): ADMINISTRATORS,
    ("GET", "/bureau/partenaires/{partner_id}"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/{partner_id}/adresse"): ADMINISTRATORS,
    ("GET", "/bureau/partenaires/cles/nouvelle"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/cles/nouvelle"): ADMINISTRATORS,
    ("GET", "/bureau/partenaires/cles/{key_id}"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/cles/{key_id}/origines"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/cles/{key_id}/renouveler"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/cles/{key_id}/revoquer"): ADMINISTRATORS,
    ("GET", "/bureau/partenaires/webhooks/{webhook_id}"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/webhooks/{webhook_id}/renvoyer"): ADMINISTRATORS,
    ("POST", "/bureau/partenaires/webhooks/{webhook_id}/reprendre"): ADMINISTRATORS,
    ("GET", "/bureau/catalogue"): SIGNED_IN,
    ("GET", "/bureau/catalogue/{offer_id}"): SIGNED_IN,
    ("POST", "/bureau/catalogue/{offer_id}"): LEADS,
    ("POST", "/bureau/catalogue/suggestions/{suggestion_id}"): LEADS,
    ("POST", "/bureau/catalogue/doublons/reunir"): LEADS,
    ("POST", "/bureau/catalogue/doublons/separer"): LEADS,
    ("POST", "/bureau/catalogue/flux/{feed_id}/accepter"): LEADS,
    ("GET", "/bureau/raquette"): SIGNED_IN,
    ("GET", "/bureau/raquette/csv"): SIGNED_IN,
    ("GET", "/bureau/raquette/trou"): SIGNED_IN,
    ("POST", "/bureau/raquette/trou"): LEADS,
}
EXAMPLES = {
    "need_id": "besoin-de-mende",
    "need_key": desk_key("besoin-de-mende"),
    "offer_id": "aide-tresorerie",
    "suggestion_id": "1",
    "feed_id": "1",
    "token": "jamais-donne",
    "webhook_id": "wh_0",
    "delivery_id": "evt_0",
    "user_id": "target",
    "partner_id": "portail",
    "key_id": "0123456789ab",
    "kind": "besoin-inconnu",
    "day": "2026-11-24",
    "name": "offres.csv",
}
"""A value of each parameter of a path, that stands for something which exists."""

FORM = {
    "besoin": f"{desk_key('besoin-de-mende')}:3",
    "version": "3",
    "geste": "move:waiting",
    "raison": "sorting",
    "offre": "aide-tresorerie",
    "texte": "un mot",
    "type": "tresorerie",
    "destinataire": "porteur@exemple.org",
    "name": "Autre",
    "email": "autre@exemple.org",
    "role": "administrator",
    "territories": "France",
    "partner": "Autre portail",
    "label": "site",
    "mode": "live",
    "scopes": "needs:read",
    "lasts": "30",
    "origins": "https://mechant.example",
    "overlap": "7",
    "confirm": "oui",
    "avis": "never",
    "langue": "en",
}
"""What forms of the desk hold: enough to act on the need, or to take powers, if they could."""

PORTAL = Partner("portail", "Portail", "portail@exemple.org", NOON)
PORTAL_KEY = Key(
    id=EXAMPLES["key_id"],
    partner_id=PORTAL.id,
    label="principale",
    mode="live",
    scopes=("needs:read",),
    origins=(),
    digest="0" * 64,
    created_at=NOON,
    expires_at=NOON + timedelta(days=90),
)
HOOK = Webhook(EXAMPLES["webhook_id"], PORTAL.id, "https://p.fr/", ("need.closed",), NOON)

SECRETS = (
    "phrase que personne ne lit",
    "AIG-SECRET",
    "Camille Contact",
    "target@exemple.org",
    PORTAL.email,
)
"""The need's words, reference and contact, another's account, and a partner's address."""


@dataclass(frozen=True)
class World:
    app: object
    client: TestClient

    def restore(self):
        """The same people, needs and sessions as at the start."""
        kept = need(f"on n’arrive plus à payer, {SECRETS[0]}", place=MENDE)
        with write(self.app.state.catalogue.engine) as connection:
            connection.execute(delete(needs))
            connection.execute(delete(users))
            for name, who in {**PEOPLE, "target": user("target", "catalyst", "DEP-59")}.items():
                if who is not None:
                    save_user(connection, who, at=NOON)
                    later = NOON + timedelta(days=1)
                    open_session(connection, name, name, at=NOON, expires_at=later)
            for need_id, state in (("besoin-de-mende", "new"), ("brouillon", "draft")):
                save_need(connection, need_id, kept, today=TODAY, at=NOON)
                change_need(connection, need_id, state=state)
            change_need(connection, "besoin-de-mende", reference=SECRETS[1], sent_at=NOON)
            connection.execute(delete(feeds))
            held = {"name": "flux", "url": "https://exemple.fr", "format_name": "jsonl"}
            fed = add_feed(connection, **held, every=timedelta(days=1), local=False, now=NOON)
            record_run(connection, fed, NOON, held={"absent": 2, "of": 3})
            connection.execute(update(feeds).values(id=int(EXAMPLES["feed_id"])))
            for table in (keys, partners, webhooks):
                connection.execute(delete(table))
            save_partner(connection, PORTAL)
            save_key(connection, PORTAL_KEY)
            save_webhook(connection, HOOK)
            who = {"need_id": "besoin-de-mende", "name": SECRETS[2], "email": "camille@e.org"}
            connection.execute(insert(contacts).values(who))

    def stored(self):
        """All that is kept, to see that nothing changed."""
        with read(self.app.state.catalogue.engine) as connection:
            tables = metadata.sorted_tables
            return {t.name: sorted(map(str, connection.execute(select(t)))) for t in tables}

    def ask(self, method, path, who, *, proof=True, headers=None, **changed):
        """One request by one of the people, with an empty form."""
        address = path.format(**{**EXAMPLES, **changed})
        self.client.cookies.clear()
        sent = {"accept": "text/html", **(headers or {})}
        if who != "nobody":
            sent["cookie"] = f"{COOKIE}={who}"
        filled = FORM if path.startswith("/bureau") else {}
        data = {**filled, **({"csrf": csrf_token(who)} if proof else {})}
        data = data if method == "POST" else None
        return self.client.request(method, address, data=data, headers=sent)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("who")
    app = create_app(settings(folder), tiny_catalogue(folder))
    app.dependency_overrides[clock] = lambda: NOON
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    return World(app, client)


def routes(app):
    """Method and path of each; the actions on a need are as many routes."""
    for route in iter_route_contexts(app.routes):
        for method in set(route.methods or ()) - {"HEAD"}:
            for action in ACTIONS if "{action}" in route.path else ("",):
                yield method, route.path.replace("{action}", action)


CASES = pytest.mark.parametrize(("method", "path"), WHO, ids=map(" ".join, WHO))


def test_the_table_tells_of_every_route_and_of_no_other(world):
    known = set(routes(world.app))
    assert (known - set(WHO), set(WHO) - known) == (set(), set())


@CASES
def test_who_may_not_gets_nothing_and_changes_nothing(world, method, path):
    world.restore()
    before = world.stored()
    for who in sorted(EVERYONE - WHO[method, path]):
        found = world.ask(method, path, who)
        assert found.status_code == refusal(who, WHO[method, path]), who
        if found.status_code == 303:
            assert found.headers["location"] == "/connexion"
        assert not [s for s in SECRETS if s in found.text], who
    assert world.stored() == before


@CASES
def test_who_may_is_not_refused(world, method, path):
    for who in sorted(WHO[method, path] & EVERYONE):
        world.restore()
        found = world.ask(method, path, who)
        assert found.status_code not in {401, 403} or "oidc" in path, who
        assert found.status_code < 500, who
        if path.startswith("/bureau"):
            assert found.headers.get("location") != "/connexion", who
            assert found.status_code != 404 or "suggestion" in path, who


@CASES
def test_nobody_learns_of_a_need_beyond_their_territories(world, method, path):
    if "{need_id}" in path or "{need_key}" in path:
        pytest.skip("tried by its own address")
    world.restore()
    for who in ("nobody", "far"):
        text = world.ask(method, path, who).text
        assert not [s for s in SECRETS[:3] if s in text], who


@pytest.mark.parametrize(
    ("method", "path"), [r for r in WHO if r[1].startswith("/bureau") and "{need_key}" in r[1]]
)
def test_a_draft_and_an_unknown_need_are_the_same_to_the_desk(world, method, path):
    world.restore()
    for who in sorted(SIGNED_IN):
        for key in (desk_key("brouillon"), "inconnu"):
            assert world.ask(method, path, who, need_key=key).status_code == 404, who


@pytest.mark.parametrize("path", [p for m, p in WHO if m == "POST" and not p.startswith("/v1")])
def test_a_form_that_another_site_sends_does_nothing(world, path):
    world.restore()
    before = world.stored()
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://mechant.example"}):
        found = world.ask("POST", path, "admin", headers=headers)
        assert found.status_code == 403
        assert "autre site" in found.text
        assert "<html" in found.text
    assert world.stored() == before


@pytest.mark.parametrize(
    "path",
    [p for (m, p), who in WHO.items() if m == "POST" and "admin" in who and "nobody" not in who],
)
def test_a_form_of_the_desk_without_the_proof_of_its_session_does_nothing(world, path):
    world.restore()
    before = world.stored()
    assert world.ask("POST", path, "admin", proof=False).status_code == 403
    assert world.stored() == before


def refusal(who, allowed):
    """Signed out: to sign in. Out of scope: it does not exist. Not in the role: forbidden.

    Without a key: told that one is needed.
    """
    if allowed in (KEY, OPERATOR):
        return 401 if allowed == KEY else 404
    if who == "nobody":
        return 303
    return 404 if allowed == IN_SCOPE else 403
