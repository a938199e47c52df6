"""A partner's key: shown once, kept as a digest, turned over, refused when it is past."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from data.audit import last_lines
from data.engine import migrate, open_engine, read
from data.store_partners import load_key, load_keys
from service.app import create_app
from service.callers import KEYS
from service.deps import clock
from service.secret import derived, secret_of
from service.usecases.keys import (
    LASTS,
    OVERLAP,
    WantedKey,
    WrongKey,
    WrongKeyWish,
    allow_origins,
    create_key,
    recognised,
    revoke,
    turn_over,
)
from service.usecases.origins import MOST, WrongOrigin, origin
from tests.builders import offer, settings, tiny_catalogue
from tests.databases import database_of
from tests.rows import held

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + OVERLAP + timedelta(seconds=1)
SECRET = b"of these tests"
SITES = tuple(f"https://site-{n}.fr" for n in range(30))
PORTAL = WantedKey("Portail du Nord", "api@portail.example")


@pytest.fixture
def engine(tmp_path):
    """A database alone: keys ask nothing of the offers."""
    made = open_engine(database_of(tmp_path))
    migrate(made)
    return made


def made(engine, wanted=PORTAL, secret=SECRET, now=NOON):
    return create_key(engine, secret, wanted, by="system", now=now)


def test_a_key_is_recognised_and_its_secret_is_nowhere_in_the_database(engine):
    new = made(engine)
    known = recognised(engine, SECRET, new.clear, now=NOON)
    assert (known.id, known.partner_id, known.mode) == (new.key.id, "portail-du-nord", "test")
    half = new.clear.rsplit("_", 1)[1].encode()
    written = held(engine)
    assert new.key.id.encode() in written
    assert half not in written


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda clear: "",
        lambda clear: clear[:-1],
        lambda clear: clear + "0",
        lambda clear: clear[:-1] + ("0" if clear[-1] != "0" else "1"),
        lambda clear: clear.replace("_test_", "_live_"),
        lambda clear: clear.upper(),
        lambda clear: clear[:9] + "0" * 12 + clear[21:],
    ],
)
def test_what_is_not_exactly_the_key_is_refused_in_the_same_words(engine, spoilt):
    clear = made(engine).clear
    with pytest.raises(WrongKey, match="inconnue, révoquée ou périmée"):
        recognised(engine, SECRET, spoilt(clear), now=NOON)


def test_another_secret_of_the_installation_opens_nothing(engine):
    clear = made(engine).clear
    with pytest.raises(WrongKey):
        recognised(engine, b"another", clear, now=NOON)


def test_a_key_opens_for_eighteen_months_and_not_a_second_more(engine):
    clear = made(engine).clear
    assert recognised(engine, SECRET, clear, now=NOON + LASTS - timedelta(seconds=1))
    with pytest.raises(WrongKey):
        recognised(engine, SECRET, clear, now=NOON + LASTS)


def test_the_old_key_serves_a_week_beside_the_one_that_takes_over(engine):
    old = made(engine)
    new = turn_over(engine, SECRET, old.key.id, by="system", now=NOON)
    for clear in (old.clear, new.clear):
        assert recognised(engine, SECRET, clear, now=NOON + timedelta(days=6))
    assert recognised(engine, SECRET, new.clear, now=LATER)
    with pytest.raises(WrongKey):
        recognised(engine, SECRET, old.clear, now=LATER)


def test_the_old_key_serves_as_long_as_it_is_told_to_up_to_a_month(engine):
    old, month = made(engine), timedelta(days=30)
    for wrong in (timedelta(), month + timedelta(seconds=1)):
        with pytest.raises(WrongKeyWish, match="de 1 à 30 jours"):
            turn_over(engine, SECRET, old.key.id, by="system", now=NOON, overlap=wrong)
    turn_over(engine, SECRET, old.key.id, by="system", now=NOON, overlap=month)
    assert recognised(engine, SECRET, old.clear, now=NOON + month - timedelta(seconds=1))
    with pytest.raises(WrongKey):
        recognised(engine, SECRET, old.clear, now=NOON + month)


def test_other_origins_are_kept_exact_and_told_before_and_after(engine):
    key = made(engine, replace(PORTAL, origins=("https://a.fr",))).key
    for _ in range(2):
        wanted = ("https://B.fr/", "https://b.fr:443", "http://localhost:5000")
        allow_origins(engine, key.id, wanted, by="user:lea", now=NOON)
    exact = ("https://b.fr", "http://localhost:5000")
    with read(engine) as connection:
        assert load_key(connection, key.id).origins == exact
        told = [line for line in last_lines(connection, 9) if line.action == "key-origins-changed"]
    assert [(line.actor, line.detail) for line in told] == [
        ("user:lea", {"key": key.id, "origins": [["https://a.fr"], list(exact)]})
    ]


def test_the_origins_of_a_key_that_opens_nothing_are_left_alone(engine):
    key = made(engine).key
    revoke(engine, key.id, by="system", now=NOON)
    with pytest.raises(WrongKeyWish, match="n’ouvre plus rien"):
        allow_origins(engine, key.id, ("https://b.fr",), by="system", now=NOON)


def test_a_third_key_of_one_name_waits_until_another_ends(engine):
    first = made(engine)
    turn_over(engine, SECRET, first.key.id, by="system", now=NOON)
    with pytest.raises(WrongKeyWish, match="Deux clés « principale »"):
        made(engine)
    assert made(engine, now=LATER).key.label == "principale"


def test_a_revoked_key_opens_nothing_from_then_on(engine):
    new = made(engine)
    revoke(engine, new.key.id, by="system", now=NOON)
    with pytest.raises(WrongKey):
        recognised(engine, SECRET, new.clear, now=NOON)
    with pytest.raises(WrongKeyWish, match="n’ouvre plus rien"):
        turn_over(engine, SECRET, new.key.id, by="system", now=NOON)


def test_the_day_of_use_is_noted(engine):
    new = made(engine)
    recognised(engine, SECRET, new.clear, now=NOON)
    with read(engine) as connection:
        assert load_key(connection, new.key.id).used_on == NOON.date()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (WantedKey("Portail"), "donnez l’adresse"),
        (WantedKey(" ", "a@b.fr"), "nom du partenaire"),
        (WantedKey("P", "a@b.fr", scopes=("tout",)), "Droit inconnu : « tout ».*needs:read"),
        (WantedKey("P", "a@b.fr", scopes=()), "au moins un droit"),
        (WantedKey("P", "a@b.fr", mode="essai"), "live ou test"),
        (WantedKey("P", "a@b.fr", lasts=timedelta(days=900)), "de 1 à 548 jours"),
        (WantedKey("P", "a@b.fr", origins=("portail.fr",)), "n’est pas une origine"),
        (WantedKey("P" * 121, "a@b.fr"), "nom du partenaire, en 120 caractères"),
        (WantedKey("P\n", "a@b.fr"), "nom du partenaire"),
        (WantedKey("P", "a@b"), "donnez l’adresse e-mail"),
        (WantedKey("P", "a@b.fr", label=" "), "à quoi sert la clé, en 80 caractères"),
        (WantedKey("P", "a@b.fr", origins=SITES[: MOST + 1]), "Au plus 20 origines"),
    ],
)
def test_a_key_that_cannot_be_made_says_why_and_leaves_nothing(engine, wanted, told):
    with pytest.raises((WrongKeyWish, WrongOrigin), match=told):
        made(engine, wanted)
    with read(engine) as connection:
        assert load_keys(connection) == []


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("https://Portail.fr/", "https://portail.fr"),
        ("https://portail.fr:443", "https://portail.fr"),
        ("https://portail.fr:8443", "https://portail.fr:8443"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("https://été.fr", "https://xn--t-9fab.fr"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(text, exact):
    assert origin(text) == exact


@pytest.mark.parametrize(
    "text",
    [
        "http://portail.fr",
        "https://portail.fr/page",
        "https://a:b@portail.fr",
        "https://*",
        "https://*.portail.fr",
        "null",
        "*",
        "https://portail.fr:port",
        "https://portail.fr?x",
        "https://portail .fr",
        "https://portail.fr; frame-ancestors *",
    ],
)
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(WrongOrigin, match="n’est pas une origine"):
        origin(text)


@pytest.fixture
def site(tmp_path):
    app = create_app(settings(tmp_path), tiny_catalogue(tmp_path, offer("une")))
    app.dependency_overrides[clock] = lambda: NOON
    return app


def asked(app, clear, scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {clear}"} if clear is not None else {}
    return TestClient(app).get("/v1/key", headers=headers)


def key_of(app, wanted=PORTAL):
    secret = derived(secret_of(app.state.settings), KEYS)
    return create_key(app.state.catalogue.engine, secret, wanted, by="system", now=NOON)


def test_a_partner_reads_what_its_key_may_do(site):
    new = key_of(site)
    found = asked(site, new.clear)
    assert found.status_code == 200
    assert found.json()["partner"] == "portail-du-nord"
    assert found.json()["scopes"] == ["needs:read", "needs:write"]
    assert new.clear.rsplit("_", 1)[1] not in found.text


@pytest.mark.parametrize(("clear", "kind"), [(None, "cle-absente"), ("aig_live_x", "cle-refusee")])
def test_without_a_key_or_with_a_wrong_one_the_answer_says_how(site, clear, kind):
    refused = asked(site, clear)
    assert refused.status_code == 401
    assert refused.json()["type"] == f"/problems/{kind}"
    assert refused.headers["www-authenticate"] == "Bearer"
    assert asked(site, "abc", scheme="Basic").json()["type"] == "/problems/cle-refusee"


def test_the_secret_is_made_once_and_read_by_its_owner_alone(tmp_path):
    first = secret_of(settings(tmp_path))
    assert secret_of(settings(tmp_path)) == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [f.name for f in tmp_path.iterdir()] == ["secret"]
    assert secret_of(settings(tmp_path, secret="said")) == b"said"
    assert derived(first, "keys") != derived(first, "cursors")


def test_keys_are_made_listed_turned_over_and_revoked_from_the_machine(site, tmp_path, aiguille):
    def key(*words):
        return aiguille("key", *words, at=tmp_path)[1]

    site.dependency_overrides.clear()
    new = json.loads(key("create", "Portail", "--email", "a@b.fr", "--json"))
    assert asked(site, new["key"]).status_code == 200
    turned = json.loads(key("rotate", new["id"], "--json"))
    assert asked(site, turned["key"]).status_code == 200
    key("revoke", new["id"])
    assert asked(site, new["key"]).status_code == 401
    listed = {k["id"]: k["usable"] for k in json.loads(key("list", "--json"))}
    assert listed == {new["id"]: False, turned["id"]: True}
    assert new["key"].rsplit("_", 1)[1] not in key("list")
