"""Signing in through an identity provider: what it vouches for is checked, nothing else enters."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from data.engine import write
from data.store_users import change_user
from service.app import create_app
from service.auth import COOKIE
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, user
from tests.service.identity_provider import CLIENT, SECRET, identity_provider

LEA = user("lea", "administrator", "FR")


@pytest.fixture
def provider():
    with identity_provider(int(NOON.timestamp())) as made:
        yield made


@pytest.fixture
def app(tmp_path, provider):
    chosen = settings(
        tmp_path,
        oidc_issuer=provider.address,
        oidc_name="ProConnect",
        oidc_client_id=CLIENT,
        oidc_client_secret=SecretStr(SECRET),
    )
    made = create_app(chosen, tiny_catalogue(tmp_path))
    keep_users(made.state.catalogue.engine, LEA)
    return made


def there(client):
    """From our sign-in page to the provider's, and its answer: the address to come back to."""
    left = client.get("/connexion/oidc")
    assert left.status_code == 303, left.text
    return httpx.get(left.headers["location"]).headers["location"]


def back(client, address):
    url = urlsplit(address)
    return client.get(f"{url.path}?{url.query}")


def test_who_the_provider_vouches_for_enters_if_they_have_an_account(app):
    client = client_of(app)
    assert "Entrer avec ProConnect" in client.get("/connexion").text
    returned = back(client, there(client))
    assert (returned.status_code, returned.headers["location"]) == (303, "/bureau")
    assert client.get("/bureau/comptes").status_code == 200


def test_an_address_that_only_the_user_page_tells_is_read_there(app, provider):
    provider.says = {"email": None, "email_verified": None}
    provider.told = {"email": "lea@exemple.org", "email_verified": True}
    client = client_of(app)
    assert back(client, there(client)).status_code == 303


@pytest.mark.parametrize(
    "says",
    [
        {"email": "inconnu@exemple.org"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"nonce": "autre"},
        {"nonce": None},
        {"aud": "autre"},
        {"aud": [CLIENT, "autre"], "azp": "autre"},
        {"iss": "http://autre.example"},
        {"exp": int(NOON.timestamp()) - 120},
        {"exp": None},
        {"sub": None},
    ],
    ids=str,
)
def test_an_identity_that_does_not_hold_enters_nowhere(app, provider, says):
    provider.says = says
    refused_at(client_of(app))


def test_an_identity_signed_by_another_key_enters_nowhere(app, provider):
    provider.shows = ECKey.generate_key("P-256", {"kid": "1"})
    refused_at(client_of(app))


def test_what_the_user_page_tells_of_somebody_else_is_not_read(app, provider):
    provider.says = {"email": None, "email_verified": None}
    provider.told = {"sub": "43", "email": "lea@exemple.org", "email_verified": True}
    refused_at(client_of(app))


def test_a_provider_that_calls_itself_otherwise_is_not_believed(app, provider):
    provider.published = {"issuer": "http://autre.example"}
    assert client_of(app).get("/connexion/oidc").status_code == 403


def test_an_account_that_is_closed_stays_so(app):
    with write(app.state.catalogue.engine) as connection:
        change_user(connection, "lea", active=False)
    refused_at(client_of(app))


def test_the_return_belongs_to_the_browser_that_left_and_serves_once(app):
    victim, attacker = client_of(app), client_of(app)
    theirs = there(attacker)
    assert back(victim, theirs).status_code == 403
    there(victim)
    assert back(victim, theirs).status_code == 403
    assert COOKIE not in victim.cookies
    assert back(attacker, theirs).status_code == 303
    assert back(attacker, theirs).status_code == 403


def test_a_code_is_nothing_without_the_verifier_of_its_departure(app, provider):
    client = client_of(app)
    ours = parse_qs(urlsplit(there(client)).query)
    stolen = parse_qs(urlsplit(there(client_of(app))).query)
    mixed = f"/connexion/oidc/retour?code={stolen['code'][0]}&state={ours['state'][0]}"
    assert client.get(mixed).status_code == 403


def test_a_refusal_of_the_provider_is_told_in_french(app):
    client = client_of(app)
    state = parse_qs(urlsplit(there(client)).query)["state"][0]
    found = client.get(f"/connexion/oidc/retour?error=access_denied&state={state}")
    assert found.status_code == 403
    assert "ne nous a pas confirmé votre adresse" in found.text


def test_a_provider_out_of_reach_is_told_and_links_still_work(tmp_path):
    gone = settings(tmp_path, oidc_issuer="http://127.0.0.1:9")
    app = create_app(gone, tiny_catalogue(tmp_path))
    assert client_of(app).get("/connexion/oidc").status_code == 403
    assert client_of(app).get("/connexion").status_code == 200


def test_without_a_provider_there_is_no_such_page(tmp_path):
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    assert "/connexion/oidc" not in client_of(app).get("/connexion").text
    assert client_of(app).get("/connexion/oidc").status_code == 404
    assert client_of(app).get("/connexion/oidc/retour").status_code == 404


def refused_at(client):
    found = back(client, there(client))
    assert found.status_code == 403
    assert COOKIE not in client.cookies
    assert client.get("/bureau/comptes").status_code == 303
