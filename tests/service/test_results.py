"""The person's own page: understood, corrected, filtered, compared, taken away, refused."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from data.audit import broken_at, lines_of
from data.engine import read
from data.store_needs import load_need
from data.tables_people import corrections
from matching.domain import Provider, Relay
from matching.eligibility import RULES
from service.app import create_app
from service.deps import clock
from service.pages.cards import FACTS
from tests.builders import offer, settings, tiny_catalogue

PAY = "On n’arrive plus à payer les salaires, la subvention de la ville n’est pas versée."
OTHER = "Le président part, qui prend la suite ?"
OFFERS = (
    offer(
        "avance",
        title="Avance de trésorerie",
        summary="=Une avance pour payer les salaires.",
        need_types=("tresorerie",),
        cost="pret",
        kind="pret",
        channel="numerique",
        url="https://exemple.fr/avance",
        checked_on=date(2026, 11, 2),
        provenance="Inventaire d’essai",
        relay=Relay("Maison des associations"),
        expressions=("on n’arrive plus à payer les salaires",),
    ),
    offer(
        "diagnostic",
        title="Diagnostic de trésorerie",
        need_types=("tresorerie",),
        cost="gratuit",
        kind="conseil",
        employees_min=3,
        expressions=("payer les salaires, la subvention n’est pas versée",),
    ),
    offer("bureau", title="Relève du bureau", need_types=("gouvernance",), cost="gratuit"),
    offer("point", title="Point d’accueil", provider=Provider("p", "Accueil"), generalist=True),
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return tiny_catalogue(tmp_path_factory.mktemp("results"), *OFFERS)


@pytest.fixture
def client(catalogue, tmp_path):
    app = create_app(settings(tmp_path), catalogue)
    app.dependency_overrides[clock] = lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)
    with TestClient(app) as made:
        yield made


@pytest.fixture
def need(client):
    """The address of a need that was just asked."""
    made = client.post(
        "/",
        data={"text": PAY, "commune": "Mende", "profile": "association"},
        follow_redirects=False,
    )
    return made.headers["location"]


def stored(catalogue, need):
    with read(catalogue.engine) as connection:
        return load_need(connection, need.rpartition("/")[2])


def plain(page):
    return page.text.replace("\u00a0", " ")


def test_every_rule_that_may_doubt_says_what_would_settle_it():
    assert {rule.code for rule in RULES} - {"not_yet", "over"} == set(FACTS)


def test_a_card_says_all_that_is_needed_to_act(client, need):
    page = plain(client.get(need))
    for told in (
        "Avance de trésorerie",
        "Somme à rembourser",
        "À distance",
        "Vous convient",
        "À vérifier : votre effectif",
        "Maison des associations",
        "https://exemple.fr/avance",
        "Fiche vérifiée le 2 novembre 2026",
        "Inventaire d’essai",
        "Pourquoi cette réponse",
    ):
        assert told in page, told


def test_the_page_is_private_and_kept_by_nobody(client, need):
    headers = client.get(need).headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert "noindex" in headers["x-robots-tag"]


def test_a_correction_ranks_again_and_is_kept_to_learn_from(client, need, catalogue):
    corrected = client.post(f"{need}/comprendre", data={"theme": "gouvernance"})
    assert corrected.url.path == need
    assert 'id="theme-gouvernance" checked' in corrected.text
    assert 'id="theme-tresorerie"' not in corrected.text
    kept = stored(catalogue, need)
    assert kept.correction.need_types == {"gouvernance"}
    assert not kept.correction.urgent
    with read(catalogue.engine) as connection:
        before = connection.scalar(
            select(corrections.c.before).where(corrections.c.need_id == kept.id)
        )
        assert "tresorerie" in before["need_types"]
        assert [line.action for line in lines_of(connection, kept.id)] == ["corrected"]
        assert broken_at(connection) is None


def test_htmx_gets_the_answers_alone_and_the_rest_of_the_page_stays(client, need):
    fragment = client.post(
        f"{need}/comprendre",
        data={"theme": ["tresorerie"], "ajouter": "gouvernance", "urgent": "1"},
        headers={"HX-Request": "true"},
    ).text
    assert "<html" not in fragment
    assert 'id="theme-gouvernance" checked' in fragment
    assert 'hx-swap-oob="innerHTML"' in fragment


def test_a_need_about_nothing_is_refused_beside_its_field(client, need, catalogue):
    refused = client.post(f"{need}/comprendre", data={"theme": "martien"})
    assert refused.status_code == 422
    assert "Gardez au moins un thème" in refused.text
    assert stored(catalogue, need).correction is None


def test_filters_are_in_the_address_and_keep_the_list_to_them(client, need):
    assert "?cout=gratuit#reponses" in client.get(need).text
    free = client.get(f"{need}?cout=gratuit").text
    assert 'id="offre-diagnostic"' in free
    assert 'id="offre-avance"' not in free
    nothing = plain(client.get(f"{need}?cout=gratuit&forme=pret"))
    assert "Aucune réponse ne passe ces filtres" in nothing
    assert "&lt;b&gt;" in client.get(f"{need}?cout=<b>").text


def test_no_answer_suits_is_counted_and_somebody_is_named(client, need, catalogue):
    noted = client.post(f"{need}/aucune", data={"raison": "too-far"})
    page = plain(noted)
    assert "C’est noté" in page
    assert "trous dans la raquette" in page
    assert "Point d’accueil" in page
    assert stored(catalogue, need).unmet == "too-far"
    with read(catalogue.engine) as connection:
        (line,) = lines_of(connection, stored(catalogue, need).id)
    assert (line.action, line.detail) == ("unmet", {"reason": "too-far"})


def test_no_answer_suits_asks_for_a_reason_of_the_table(client, need, catalogue):
    for wrong in ({}, {"raison": "parce que"}):
        refused = client.post(f"{need}/aucune", data=wrong)
        assert refused.status_code == 422
        assert "choisissez une des raisons" in refused.text
    assert stored(catalogue, need).unmet is None


def test_an_offer_that_one_rule_excludes_is_told_with_it(client):
    alone = client.post(
        "/",
        data={"text": PAY, "commune": "Mende", "profile": "association", "employees": "0"},
    )
    page = plain(alone)
    assert "Écartées de peu" in page
    assert "À partir de 3 salariés ; vous n’en avez aucun" in page


def test_two_offers_are_compared_side_by_side(client, need):
    page = plain(client.get(f"{need}/comparer?offre=avance&offre=diagnostic"))
    assert "Avance de trésorerie" in page
    assert "Diagnostic de trésorerie" in page
    assert "Relève du bureau" not in page
    assert "Retenez deux ou trois" in plain(client.get(f"{need}/comparer?offre=avance"))


def test_a_spreadsheet_opens_it_and_runs_nothing(client, need):
    table = client.get(f"{need}/reponses.csv")
    assert table.content.startswith(b"\xef\xbb\xbf")
    assert table.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0]["Rang"] == "1"
    assert "'=Une avance pour payer les salaires." in {row["En une phrase"] for row in rows}


def test_the_printed_page_has_every_answer_and_no_form(client, need):
    page = client.get(f"{need}/imprimer").text
    assert "Avance de trésorerie" in page
    assert "<form" not in page


def test_words_place_and_facts_may_be_changed_until_they_are_sent(client, need, catalogue):
    form = client.get(f"{need}/modifier")
    assert PAY in form.text
    assert 'value="Mende (48)"' in form.text
    client.post(f"{need}/comprendre", data={"theme": "gouvernance"})
    changed = {"text": PAY, "commune": "Lille", "profile": "association", "employees": "4"}
    client.post(f"{need}/modifier", data=changed)
    kept = stored(catalogue, need)
    assert (kept.place_code, kept.departement, kept.actor.employees) == ("COM-59350", "DEP-59", 4)
    assert kept.correction.need_types == {"gouvernance"}
    client.post(
        f"{need}/modifier", data={**changed, "text": "Le président part, qui le remplace ?"}
    )
    assert stored(catalogue, need).correction is None
    wrong = client.post(f"{need}/modifier", data={**changed, "commune": "Zzyzx"})
    assert wrong.status_code == 422
    assert f'action="{need}/modifier"' in wrong.text


def test_what_is_personal_is_masked_in_what_is_kept(client, catalogue):
    asked = client.post("/", data={"text": f"{PAY} Tél. 06 12 34 56 78", "commune": "Mende"})
    assert "un numéro de téléphone" in asked.text
    client.post(f"{asked.url.path}/masquer")
    assert stored(catalogue, asked.url.path).text == f"{PAY} Tél. […]"


def test_an_unsure_answer_says_so_and_names_somebody(client):
    asked = client.post("/", data={"text": "xyzzy plugh foobar qwerty zork", "commune": "Mende"})
    page = plain(asked)
    assert "À qui parler" in page
    assert "Point d’accueil" in page


@pytest.mark.parametrize("path", ["", "/modifier", "/comparer", "/imprimer", "/reponses.csv"])
def test_an_address_that_leads_nowhere_is_a_page_that_says_so(client, path):
    page = client.get(f"/besoins/absent{path}", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "Introuvable" in page.text
