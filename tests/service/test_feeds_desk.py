"""Feeds on the catalogue desk: how fresh they are, what failed, and a run that waits for a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data.engine import read, write
from data.store_feeds import add_feed, load_feed, record_run
from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user

DAY = timedelta(days=1)
LEAD, CATALYST = user("ana", "network-lead", "FR"), user("lea", "catalyst", "FR")
ACCEPT = "/bureau/catalogue/flux/{}/accepter"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feeds")
    catalogue = tiny_catalogue(folder, offer("a", title="Avance"))
    keep_users(catalogue.engine, LEAD, CATALYST)
    return create_app(settings(folder), catalogue)


@pytest.fixture
def feed(world):
    """A feed read two days ago, that failed since and whose run is held; its id."""
    with write(world.state.catalogue.engine) as connection:
        connection.exec_driver_sql("delete from feeds")
        told = {"name": "test", "url": "https://exemple.fr/<b>x", "format_name": "jsonl"}
        made = add_feed(connection, **told, every=DAY, local=False, now=NOON - 9 * DAY)
        facts = {"succeeded_at": NOON - 2 * DAY, "failed_at": NOON - DAY, "failures": 1}
        facts |= {"failure": "en panne (503)", "held": {"absent": 3, "of": 4}}
        record_run(connection, made, NOON + DAY, **facts)
    return made


def test_the_desk_tells_when_a_feed_was_read_what_failed_and_when_it_is_due(world, feed):
    page = client_of(world, LEAD).get("/bureau/catalogue").text
    assert "22 novembre 2026 à 13 h 00" in page.replace("\u00a0", " ")
    assert "en panne (503)" in page
    assert "25\u00a0novembre\u00a02026" in page
    assert "3 offres sur 4 n’étaient plus" in page
    assert "https://exemple.fr/&lt;b&gt;x" in page
    assert "en retard" not in page
    assert "<td>1</td>" in page  # the offers of source "test"


def test_a_feed_not_read_for_twice_its_rhythm_is_late(world, feed):
    with write(world.state.catalogue.engine) as connection:
        record_run(connection, feed, NOON, succeeded_at=NOON - 3 * DAY, failure=None, held=None)
    page = client_of(world, CATALYST).get("/bureau/catalogue").text
    assert "en retard" in page
    assert "n’étaient plus" not in page


def test_a_lead_alone_may_say_that_the_offers_are_right_to_go(world, feed):
    accept = ACCEPT.format(feed)
    assert accept not in client_of(world, CATALYST).get("/bureau/catalogue").text
    lead = client_of(world, LEAD)
    assert accept in lead.get("/bureau/catalogue").text
    assert lead.post(accept, data=proof(lead)).headers["location"] == "/bureau/catalogue#flux"
    with read(world.state.catalogue.engine) as connection:
        assert load_feed(connection, feed).accepted
    page = lead.get("/bureau/catalogue").text
    assert "La prochaine lecture les retirera." in page
    assert accept not in page
    assert lead.post(ACCEPT.format(feed + 1), data=proof(lead)).status_code == 404


def test_the_desk_reads_in_english_but_for_what_a_source_said(world, feed):
    client = client_of(world, LEAD)
    page = client.get("/bureau/catalogue?lang=en").text
    assert "3 offers out of 4 were missing" in page
    assert '<span lang="fr">en panne (503)</span>' in page
