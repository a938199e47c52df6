"""Two offers that are one: one is kept, the other leads to it, imports leave that, it is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from data.audit import broken_at, last_lines
from data.engine import read, write
from data.outbox import undone
from data.store import correct, load_offer, load_overrides, withdraw
from service.app import create_app
from service.catalogue import import_offers
from service.events import event_of
from service.triage.freshness import lookalikes
from service.usecases.browsing import UnknownOffer
from service.usecases.merging import CannotMerge, merge_offers, part_offers
from tests.builders import TODAY, matcher, offer, settings, tiny_catalogue
from tests.desk import NOON, client_of, keep_users, proof, user

KEPT = offer("avance-region", title="Avance de trésorerie")
TWICE = offer("avance-portail", title="Avance de trésorerie", status="unknown")
OVER = offer("passee", title="Prime", status="closed")
BY = {"by": "user:u", "now": NOON}
LEAD, CATALYST = user("ana", "network-lead", "FR"), user("lea", "catalyst", "FR")


@pytest.fixture
def catalogue(tmp_path, database):
    made = tiny_catalogue(tmp_path, KEPT, TWICE, OVER, database_url=database)
    yield made
    made.engine.dispose()


def stored(catalogue, offer_id=TWICE.id):
    with read(catalogue.engine) as connection:
        return load_offer(connection, offer_id)


def imported(catalogue, *offers):
    import_offers(catalogue.engine, offers, catalogue.reading, source="test", now=NOON)


def test_the_other_is_closed_and_tells_of_the_one_that_is_kept(catalogue):
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    assert stored(catalogue) == replace(TWICE, status="closed", successor=KEPT.id)
    assert stored(catalogue, KEPT.id) == KEPT
    assert list(lookalikes([KEPT, stored(catalogue)])) == []
    with read(catalogue.engine) as connection:
        line = last_lines(connection, 1)[0]
        assert broken_at(connection) is None
    assert (line.action, line.actor) == ("offer-merged", "user:u")
    assert line.detail == {"offer": TWICE.id, "into": KEPT.id}
    assert event_of(line).data["updated"] == [TWICE.id]


def test_an_import_changes_its_words_and_leaves_it_merged(catalogue):
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    imported(catalogue, KEPT, replace(TWICE, summary="Neuf", status="open"))
    assert stored(catalogue) == replace(TWICE, summary="Neuf", status="closed", successor=KEPT.id)


def test_parted_it_is_what_it_was_and_imports_say_it_again(catalogue):
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    part_offers(catalogue, TWICE.id, **BY)
    assert stored(catalogue) == TWICE
    with read(catalogue.engine) as connection:
        assert load_overrides(connection) == {}
        assert [r.payload for r in undone(connection)] == [{"offers": [TWICE.id]}]
    imported(catalogue, replace(TWICE, status="open"))
    assert stored(catalogue).status == "open"
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    assert stored(catalogue).successor == KEPT.id


def test_what_a_hand_had_corrected_before_stays_corrected_once_parted(catalogue):
    with write(catalogue.engine) as connection:
        correct(connection, TWICE.id, "status", "open", NOON)
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    part_offers(catalogue, TWICE.id, **BY)
    part_offers(catalogue, TWICE.id, **BY)
    imported(catalogue, TWICE)
    assert stored(catalogue).status == "open"


@pytest.mark.parametrize(
    ("closed", "kept", "error"),
    [
        (TWICE.id, TWICE.id, CannotMerge),
        (TWICE.id, OVER.id, CannotMerge),
        (OVER.id, KEPT.id, CannotMerge),
        ("absente", KEPT.id, UnknownOffer),
        (KEPT.id, "absente", UnknownOffer),
    ],
)
def test_only_two_live_offers_become_one(catalogue, closed, kept, error):
    with pytest.raises(error):
        merge_offers(catalogue, closed, kept, **BY)
    assert [stored(catalogue, o.id) for o in (KEPT, TWICE, OVER)] == [KEPT, TWICE, OVER]


def test_of_two_people_who_keep_one_each_the_second_is_refused(catalogue):
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    with pytest.raises(CannotMerge):
        merge_offers(catalogue, KEPT.id, TWICE.id, **BY)
    assert stored(catalogue, KEPT.id) == KEPT


def site(catalogue, folder, *offers):
    """A site that serves these offers, as those of now."""
    return create_app(settings(folder), replace(catalogue, matcher=matcher(*offers)))


def test_old_links_lead_to_the_kept_one_even_when_its_source_drops_the_other(tmp_path):
    catalogue = tiny_catalogue(tmp_path, KEPT, TWICE)
    merge_offers(catalogue, TWICE.id, KEPT.id, **BY)
    page = client_of(site(catalogue, tmp_path, KEPT, stored(catalogue))).get(f"/offres/{TWICE.id}")
    assert f'Elle est remplacée par <a href="/offres/{KEPT.id}">' in page.text
    with write(catalogue.engine) as connection:
        withdraw(connection, [TWICE.id], TODAY)
    client = client_of(site(catalogue, tmp_path, KEPT))
    gone = client.get(f"/offres/{TWICE.id}")
    assert (gone.status_code, gone.headers["location"]) == (303, f"/offres/{KEPT.id}")
    assert client.get("/offres/absente").status_code == 404


def test_the_desk_merges_a_pair_that_it_shows_and_parts_it(tmp_path):
    catalogue = tiny_catalogue(tmp_path, KEPT, TWICE)
    app = site(catalogue, tmp_path, KEPT, TWICE)
    keep_users(catalogue.engine, LEAD, CATALYST)
    lead = client_of(app, LEAD)
    assert "Garder celle-ci" not in client_of(app, CATALYST).get("/bureau/catalogue").text
    assert lead.get("/bureau/catalogue").text.count("Garder celle-ci") == 2
    wanted = {"garder": KEPT.id, "fermer": TWICE.id, **proof(lead)}
    assert lead.post("/bureau/catalogue/doublons/reunir", data=wanted).status_code == 303
    page = lead.get("/bureau/catalogue").text
    assert ("Garder celle-ci" in page, page.count("Les séparer")) == (False, 1)
    again = lead.post("/bureau/catalogue/doublons/reunir", data=wanted)
    assert (again.status_code, "Rechargez la page" in again.text) == (422, True)
    parted = {"offre": TWICE.id, **proof(lead)}
    assert lead.post("/bureau/catalogue/doublons/separer", data=parted).status_code == 303
    assert lead.get("/bureau/catalogue").text.count("Garder celle-ci") == 2
    assert stored(catalogue) == TWICE
