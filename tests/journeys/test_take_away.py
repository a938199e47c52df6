"""What people take away, in a real browser: the open data, the paper of their answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from matching.domain import Provider
from service.app import create_app
from service.deps import clock
from service.usecases.dumping import dump
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON
from tests.journeys.conftest import served

LOAN = offer(
    "pret",
    title="Prêt relais",
    provider=Provider("fonds", "Fonds du Nord"),
    need_types=("tresorerie",),
    summary="Pour payer les salaires en attendant une subvention",
    expressions=("la subvention tarde et il faut payer les salaires",),
)
BOARD = offer("bureau", title="Relève du bureau", need_types=("gouvernance",))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """An application over two offers, and two dumps of them."""
    folder = tmp_path_factory.mktemp("take-away")
    catalogue = tiny_catalogue(folder, LOAN, BOARD)
    told = settings(folder)
    dump([LOAN], told.dumps_folder, date(2026, 11, 22))
    dump([LOAN, BOARD], told.dumps_folder, date(2026, 11, 23))
    dump([replace(LOAN, title="Prêt"), BOARD], told.dumps_folder, date(2026, 11, 24))
    app = create_app(told, catalogue)
    app.dependency_overrides[clock] = lambda: NOON
    with served(app) as found:
        yield found


def opened(browser, width, **options):
    return browser.new_context(viewport={"width": width, "height": 900}, **options).new_page()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_open_data_fit_break_no_rule_and_are_downloaded(
    browser, address, violations, width, language
):
    page = opened(browser, width)
    page.goto(f"{address}/donnees?lang={language}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for summary in page.locator("main summary").all():
        summary.click()
    assert violations(page) == []
    with page.expect_download() as download:
        page.locator("main").get_by_role("link", name="offres.jsonl").first.click()
    assert download.value.path().read_text(encoding="utf-8").count("\n") == 2
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_parcours_is_taken_away_on_paper(browser, address, scripts):
    page = opened(browser, 390, java_script_enabled=scripts)
    page.goto(address)
    page.get_by_label("Votre besoin").fill(
        "La subvention tarde, on ne peut plus payer les salaires."
    )
    page.get_by_label("Votre commune").fill("Mende")
    page.locator("form .btn-primary").click()
    page.wait_for_url("**/besoins/*")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le parcours (PDF)").click()
    assert download.value.suggested_filename == "parcours.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.context.close()
