"""Who asks too often reads it, where a part of the page alone was asked for too."""

from __future__ import annotations

import pytest

from service.app import create_app
from service.settings import Rates
from tests.builders import offer, settings, tiny_catalogue
from tests.journeys.conftest import served

WORDS = "On n’arrive plus à payer les salaires, et plus personne ne veut reprendre le bureau."
OFFERS = [offer(theme, need_types=(theme,)) for theme in ("tresorerie", "gouvernance")]


@pytest.fixture
def address(tmp_path):
    """Where one may write twice: ask, and correct once."""
    made = settings(tmp_path, rates=Rates(pages="2/day"))
    with served(create_app(made, tiny_catalogue(tmp_path, *OFFERS))) as found:
        yield found


def test_a_correction_too_many_says_so_and_the_answers_are_a_step_back(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("Votre besoin").fill(WORDS)
    page.get_by_label("Votre commune").fill("Mende")
    page.locator("form .btn-primary").click()
    page.wait_for_url("**/besoins/*")
    urgent = page.locator("[name=urgent]")
    with page.expect_response("**/comprendre") as corrected:
        urgent.click()
    assert corrected.value.status == 200
    urgent.click()
    page.get_by_role("heading", name="Trop de demandes").wait_for()
    page.go_back()
    assert page.locator("#reponses").is_visible()
    page.close()
