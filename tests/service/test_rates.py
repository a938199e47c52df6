"""How often one may ask: whoever writes too fast is told when to come back, and others are not."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic, sleep

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from service.app import create_app
from service.callers import KEYS
from service.deps import clock
from service.rates import Counter, TooManyRequests, network_of
from service.secret import derived, secret_of
from service.settings import Rates, Settings
from service.usecases.keys import WantedKey, create_key
from tests.builders import settings, tiny_catalogue
from tests.desk import client_of, keep_users, proof, user
from tests.journeys.conftest import served
from tests.service.test_who_may import EVERYONE, EXAMPLES, WHO

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME, OFFICE = "203.0.113.7", "203.0.113.8"
PAGE = {"accept": "text/html"}
NEED = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
MATCH = {"text": NEED["text"]}
TWO = Rates(pages="2/day", api="2/day", key="3/day")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rates")


@pytest.fixture(scope="module")
def catalogue(folder):
    return tiny_catalogue(folder)


@pytest.fixture
def app(folder, catalogue):
    made = create_app(settings(folder, rates=TWO), catalogue)
    made.dependency_overrides[clock] = lambda: NOON
    return made


def asking(app, address=HOME):
    return TestClient(app, client=(address, 5_000), headers=PAGE, follow_redirects=False)


def statuses(times, ask):
    return [ask().status_code for _ in range(times)]


def test_who_writes_too_often_reads_when_to_come_back_and_another_network_writes_on(app):
    client = asking(app)
    assert statuses(3, lambda: client.post("/", data=NEED)) == [303, 303, 429]
    refused = client.post("/", data=NEED)
    assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
    assert "au plus 2 en 86400 s depuis un même réseau" in refused.text
    assert "<html" in refused.text
    assert asking(app, OFFICE).post("/", data=NEED).status_code == 303


def test_a_program_gets_a_problem(app):
    calls = [asking(app).post("/v1/match", json=MATCH) for _ in range(3)]
    assert [c.status_code for c in calls] == [200, 200, 429]
    refused = calls[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (problem["type"], problem["title"]) == (
        "/problems/trop-de-demandes",
        "Trop de demandes",
    )
    assert f"Recommencez dans {refused.headers['retry-after']} s." in problem["detail"]


def test_pages_and_calls_are_counted_apart_and_reading_a_page_is_not(app):
    client = asking(app)
    statuses(3, lambda: client.post("/", data=NEED))
    assert client.get("/v1/frame").status_code == 200
    assert statuses(5, lambda: client.get("/")) == [200] * 5


PUBLIC_WRITES = [p for (m, p), who in WHO.items() if m == "POST" and who == EVERYONE]


@pytest.mark.parametrize("path", [p for p in PUBLIC_WRITES if p != "/relire"])
def test_all_that_anybody_may_write_is_counted(app, path):
    address, client = path.format(**EXAMPLES), asking(app)
    if path.startswith("/v1/"):
        client.headers["accept"] = "application/json"
    assert 429 not in statuses(2, lambda: client.post(address))
    assert statuses(1, lambda: client.post(address)) == [429]


def test_what_is_asked_while_typing_is_not_counted(app):
    client = asking(app)
    assert statuses(9, lambda: client.post("/relire", data=NEED)) == [200] * 9
    assert client.post("/", data=NEED).status_code == 303


def test_the_signed_in_are_not_counted(app):
    lea = user("lea", "catalyst", "FR")
    keep_users(app.state.catalogue.engine, lea)
    client = client_of(app, lea)
    assert statuses(5, lambda: client.post("/bureau/raccourcis", data=proof(client))) == [303] * 5


def test_an_ipv6_subscriber_is_a_64_and_is_counted_as_one(app):
    near, same, far = "2001:db8:1:2::3", "2001:db8:1:2:ffff::9", "2001:db8:1:3::3"
    assert statuses(2, lambda: asking(app, near).post("/", data=NEED)) == [303, 303]
    assert asking(app, same).post("/", data=NEED).status_code == 429
    assert asking(app, far).post("/", data=NEED).status_code == 303


@pytest.mark.parametrize(
    ("machine", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_the_network_of_a_machine(machine, network):
    assert network_of(machine) == network


@pytest.mark.parametrize("key_first", [True, False])
def test_a_key_is_counted_by_itself_whatever_its_network(app, folder, key_first):
    secret = derived(secret_of(app.state.settings), KEYS)
    wanted = WantedKey(f"Portail {key_first}", "api@portail.example")
    made = create_key(app.state.catalogue.engine, secret, wanted, by="system", now=NOON)
    keyed = {"authorization": f"Bearer {made.clear}"}

    def with_key(address=HOME):
        return asking(app, address).post("/v1/match", json=MATCH, headers=keyed)

    def without():
        return asking(app).post("/v1/match", json=MATCH)

    if key_first:
        assert statuses(3, with_key) == [200] * 3
        assert with_key(OFFICE).status_code == 429
        assert without().status_code == 200
    else:
        assert statuses(3, without) == [200, 200, 429]
        assert with_key().status_code == 200


@pytest.mark.parametrize("said", ["Bearer aig_test_" + "0" * 12 + "_" + "0" * 40, "Basic x", "x"])
def test_trying_keys_is_counted_for_the_network(app, said):
    calls = [asking(app).get("/v1/frame", headers={"authorization": said}) for _ in range(3)]
    assert [c.status_code for c in calls] == [401, 401, 429]
    assert calls[0].headers["www-authenticate"] == "Bearer"


def test_nought_or_nothing_is_as_often_as_one_likes(folder, catalogue):
    free = settings(folder, rates=Rates(pages="0", api=""))
    client = asking(create_app(free, catalogue))
    assert statuses(9, lambda: client.post("/", data=NEED)) == [303] * 9
    assert statuses(9, lambda: client.get("/v1/frame")) == [200] * 9


def test_rates_are_read_from_the_environment_and_what_is_not_said_stays(monkeypatch):
    monkeypatch.setenv("AIGUILLE_RATES", '{"pages": "1000/15 minute"}')
    read = Settings().rates
    assert (read.pages, read.api) == ("1000/15 minute", Rates().api)
    Counter(read)


@pytest.mark.parametrize(
    "said", ["often", "5", "0/minute", "-1/minute", "5/fortnight", "5 /minute"]
)
def test_a_rate_that_cannot_be_read_is_refused_at_the_start(said):
    with pytest.raises(ValidationError):
        Rates(pages=said)


def test_a_town_hall_behind_one_address_is_not_locked_out():
    """Fifty agents of a workshop, each of whom writes, corrects and sends within a minute."""
    counter = Counter(Rates())
    for _ in range(50 * 6):
        counter.count("pages", HOME)


def test_a_window_that_is_over_is_forgotten_and_so_is_who_was_in_it():
    counter = Counter(Rates(pages="1/second"))
    for n in range(1_000):
        counter.count("pages", network_of(f"2001:db8:{n:x}::1"))
    with pytest.raises(TooManyRequests) as told:
        counter.count("pages", network_of("2001:db8:3e7::1"))
    assert told.value.wait_s == 1
    sleep(1.1)
    counter.count("pages", HOME)  # it tidies beside
    kept, end = counter._limiter.storage, monotonic() + 30
    while len(kept.storage) > 1 and monotonic() < end:
        sleep(0.01)
    assert {len(kept.storage), len(kept.expirations), len(kept.locks), len(kept.events)} <= {0, 1}


def test_behind_a_proxy_who_asks_is_who_the_proxy_says_and_nobody_else_is_believed(
    folder, catalogue
):
    app = create_app(settings(folder, rates=TWO), catalogue)
    with served(app) as address:

        def post(said):
            return httpx.post(address, data=NEED, headers={**PAGE, "x-forwarded-for": said})

        assert statuses(3, lambda: post(HOME)) == [303, 303, 429]
        # A proxy adds whom it saw at the end: what came before is anybody's word.
        assert post(f"198.51.100.1, {HOME}").status_code == 429
        assert post(OFFICE).status_code == 303
