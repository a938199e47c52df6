"""Two offers that are one, from the desk to the link that somebody had kept, in a real browser."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.engine import read
from data.store import load_offers
from service.app import create_app
from service.catalogue import Catalogue
from service.usecases.signing_in import make_link
from tests.builders import matcher, offer, settings, tiny_catalogue
from tests.desk import keep_users, user
from tests.journeys.conftest import served

ANA = user("ana", "network-lead", "FR")
KEPT = offer("avance-region", title="Avance de trésorerie aux associations de la région")
TWICE = offer("avance-portail", title="Avance de trésorerie aux associations de la région")


def of_now(catalogue):
    """The catalogue over the offers that the database holds, as a process that serves reads it."""
    with read(catalogue.engine) as connection:
        offers = load_offers(connection)
    known = (catalogue.engine, catalogue.frame, catalogue.gazetteer)
    return Catalogue(*known, matcher(*offers))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_pair_is_merged_then_parted_and_old_links_lead_to_the_kept_one(
    tmp_path, browser, violations, width, scripts
):
    catalogue = tiny_catalogue(tmp_path, KEPT, TWICE)
    keep_users(catalogue.engine, ANA, now=datetime.now(UTC))
    app = create_app(settings(tmp_path), catalogue)
    with served(app) as address:
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, java_script_enabled=scripts)
        link = make_link(catalogue.engine, ANA.email, now=datetime.now(UTC))
        page.goto(f"{address}/connexion/{link}")
        page.locator("main form button").first.click()
        page.goto(f"{address}/bureau/catalogue")
        if scripts:
            assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.get_by_role("button", name="Garder celle-ci (avance-region)").click()
        assert page.get_by_role("button", name="Garder celle-ci").count() == 0
        if scripts:
            assert violations(page) == []
        app.state.catalogue = of_now(catalogue)
        page.goto(f"{address}/offres/avance-portail")
        page.get_by_text("Elle est remplacée par").get_by_role("link").click()
        assert page.url.endswith("/offres/avance-region")
        page.goto(f"{address}/bureau/catalogue")
        page.get_by_role("button", name="Les séparer").click()
        app.state.catalogue = of_now(catalogue)
        page.goto(f"{address}/bureau/catalogue")
        assert page.get_by_role("button", name="Garder celle-ci").count() == 2
        page.close()
