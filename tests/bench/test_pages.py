"""What the pages of one need cost over the whole inventory, in CPU of the process."""

from __future__ import annotations

import gc
import statistics
import time

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.deps import clock
from tests.builders import settings, small_catalogue
from tests.desk import NOON

WORDS = "On n’arrive plus à payer les salaires. Et plus personne ne veut reprendre le bureau."
SAID = {"text": WORDS, "commune": "Mende", "kind": "association", "employees": "2"}
BAR_S = 0.1


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    """Somebody who wrote a need, and sent another."""
    folder = tmp_path_factory.mktemp("pages")
    app = create_app(settings(folder), small_catalogue(folder))
    app.dependency_overrides[clock] = lambda: NOON
    client = TestClient(app, follow_redirects=False, headers={"accept": "text/html"})
    draft, sent = (client.post("/", data=SAID).headers["location"] for _ in range(2))
    contact = {"email": "camille@exemple.org", "accord": ["catalyst"]}
    assert client.post(f"{sent}/envoyer", data=contact).status_code == 303
    return client, {"draft": draft, "sent": sent}


@pytest.mark.parametrize("path", ["{draft}", "{draft}/envoyer", "{sent}/suivi"])
def test_a_page_of_a_need_costs_less_than_a_tenth_of_a_second(benchmark, person, path):
    client, needs = person
    address = path.format(**needs)
    client.get(address)
    gc.collect()
    gc.freeze()  # as the server does
    spent = []

    def get():
        started = time.process_time()
        assert client.get(address).status_code == 200
        spent.append(time.process_time() - started)

    benchmark.pedantic(get, rounds=21)
    gc.unfreeze()
    median = statistics.median(spent)
    print(f"\n{path}: {1000 * median:.0f} ms of CPU")
    assert median < BAR_S
