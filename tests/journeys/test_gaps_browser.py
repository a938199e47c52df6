"""The gaps in a real browser: on a phone and on a desk, with a keyboard alone, without scripts."""

from __future__ import annotations

import pytest

from data.engine import write
from service.app import create_app
from service.auth import COOKIE
from service.deps import clock
from service.usecases.weekly_counts import count_week
from tests.builders import offer, settings, tiny_catalogue
from tests.builders_people import seeded_needs
from tests.desk import NOON, client_of, keep_users, user
from tests.journeys.conftest import served

LEA = user("lea", "network-lead", "FR")
GAP = "/bureau/raquette/trou?territoire=DEP-59&theme=tresorerie"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The address of an application over many needs, and Léa's session."""
    folder = tmp_path_factory.mktemp("gaps")
    catalogue = tiny_catalogue(folder, offer("appui", need_types=("juridique", "tresorerie")))
    with write(catalogue.engine) as connection:
        seeded_needs(connection, 600, seed=2)
    count_week(catalogue.engine, NOON)
    keep_users(catalogue.engine, LEA)
    app = create_app(settings(folder), catalogue)
    app.dependency_overrides[clock] = lambda: NOON
    session = client_of(app, LEA).cookies[COOKIE]
    with served(app) as address:
        yield address, session


def opened(browser, desk, width, **options):
    address, session = desk
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    return context.new_page()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "path", ["/bureau/raquette", "/bureau/raquette?territoire=REG-84", GAP, "/raquette"]
)
def test_a_page_of_gaps_fits_and_breaks_no_rule(browser, desk, violations, width, path):
    page = opened(browser, desk, width)
    page.goto(desk[0] + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for summary in page.locator("main summary").all():
        summary.click()
    assert violations(page) == []
    page.context.close()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_with_nothing_to_tell_the_public_page_says_what_will_be_there(
    browser, tmp_path, violations, width, language
):
    catalogue = tiny_catalogue(tmp_path)
    count_week(catalogue.engine, NOON)
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    with served(create_app(settings(tmp_path), catalogue)) as address:
        page.goto(f"{address}/raquette?lang={language}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("svg.picture, table").count() == 0
        page.locator("main summary").click()
        assert violations(page) == []
        page.locator("main .btn-primary").click()
        page.wait_for_url(f"{address}/")
    context.close()


def test_a_gap_is_found_and_taken_with_a_keyboard_and_no_script(browser, desk):
    page = opened(browser, desk, 390, java_script_enabled=False)
    page.goto(desk[0] + "/bureau/raquette")
    page.get_by_label("Thème", exact=True).select_option("tresorerie")
    # Each page is waited for: a key pressed in one that is leaving is lost.
    with page.expect_navigation(url="**theme=tresorerie**"):
        page.get_by_role("button", name="Afficher").press("Enter")
    with page.expect_navigation(url="**/raquette/trou**"):
        page.locator(".gap-list a").first.press("Enter")
    page.get_by_label("Note pour vos collègues").fill("Réunion avec la région")
    with page.expect_navigation():
        page.get_by_role("button", name="Je le prends en charge").press("Enter")
    assert page.get_by_role("status").inner_text() == "C’est enregistré."
    assert page.locator("main .tag").first.inner_text() == "Pris en charge"
    page.context.close()
