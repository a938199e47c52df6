"""A catalyst works by the keyboard alone, in a real browser; nothing is lost without scripts."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from data.engine import write
from data.store_users import change_user
from service.app import create_app
from service.usecases.answering import read_need
from service.usecases.signing_in import make_link
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import keep_users, user
from tests.journeys.conftest import served
from tests.sent_needs import sent

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium n’est pas installé")
LEA = user("lea", "catalyst", "FR")
TEXTS = (
    "plus personne ne veut du bureau",
    "le toit de la salle fuit",
    "on n’arrive plus à payer les salaires",
)


class Site:
    """The application served, with three needs of which the first sent is the most pressed."""

    def __init__(self, folder):
        known = (offer("aide", need_types=("tresorerie",)), offer("bureau"))
        self.catalogue = tiny_catalogue(folder, *known)
        now = datetime.now(UTC)
        keep_users(self.catalogue.engine, LEA, now=now)
        self.needs = [
            sent(self.catalogue, f"AIG-{n}", text, at=now - timedelta(hours=9 - n))
            for n, text in enumerate(TEXTS)
        ]
        self.app = create_app(settings(folder), self.catalogue)

    def read(self, number):
        return read_need(self.catalogue, self.needs[number].id)


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    with served(made.app) as made.address:
        yield made


def signed_in(browser, site, **options):
    page = browser.new_page(**options)
    link = make_link(site.catalogue.engine, LEA.email, now=datetime.now(UTC))
    page.goto(f"{site.address}/connexion/{link}")
    page.locator("main form button").first.click()
    page.wait_for_url("**/bureau")
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_needs_are_walked_marked_and_closed_by_keys(browser, site):
    page = signed_in(browser, site)
    current = page.locator(".inbox-row.current .ref")
    press(page, "j")
    assert current.inner_text() == "AIG-0"
    press(page, "j", "j", "j", "k")
    assert current.inner_text() == "AIG-1"
    press(page, "x")
    assert page.locator("#coches").inner_text() == "(1)"
    press(page, "e")
    assert page.locator("#geste").evaluate("e => document.activeElement === e")
    assert page.locator("#geste").input_value() == "close:helped"
    press(page, "Tab")
    page.locator("#raison").select_option("news")
    page.locator("#gestes button").press("Enter")
    page.get_by_role("button", name=re.compile("^Annuler")).wait_for()
    assert site.read(1).outcome == "helped"
    page.get_by_role("button", name=re.compile("^Annuler")).press("Enter")
    page.get_by_text("remis en l’état").wait_for()
    assert site.read(1).state == "new"


def test_a_need_is_opened_assigned_and_joined_by_keys(browser, site):
    page = signed_in(browser, site)
    press(page, "j", "Enter")
    page.wait_for_url(f"**/bureau/besoins/{site.needs[0].key}")
    press(page, "s")
    assert page.locator("#geste").input_value() == "move:qualifying"
    page.locator("#retour").focus()
    press(page, "a")
    assert page.locator("#geste").input_value() == "assign:moi"
    page.locator("#raison").select_option("sorting")
    page.get_by_role("button", name="Appliquer").press("Enter")
    page.get_by_text("Attribué à Lea").wait_for()
    page.goto(f"{site.address}/bureau")
    press(page, "j", "m")
    page.wait_for_url("**#fusionner")
    page.locator("#reference:focus").wait_for()


def test_keys_do_not_act_while_typing_nor_when_switched_off(browser, site):
    page = signed_in(browser, site)
    press(page, "/")
    page.keyboard.type("jxe?a")
    assert page.locator("#q").input_value() == "jxe?a"
    assert page.locator(".inbox-row.current").count() == 0
    page.keyboard.press("Tab")
    press(page, "?")
    assert page.locator("#aide-clavier").is_visible()
    page.get_by_role("button", name="Fermer").press("Enter")
    with write(site.catalogue.engine) as connection:
        change_user(connection, LEA.id, shortcuts=False)
    page.reload()
    press(page, "j", "?")
    assert page.locator(".inbox-row.current").count() == 0
    assert not page.locator("#aide-clavier").is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_desk_fits_any_width_and_works_without_scripts(browser, site, width):
    options = {"viewport": {"width": width, "height": 900}, "java_script_enabled": False}
    page = signed_in(browser, site, **options)
    page.get_by_label("Choisir AIG-2").check()
    page.get_by_label("Faire").select_option("assign:moi")
    page.get_by_label("Raison").select_option("sorting")
    page.get_by_role("button", name="Appliquer").click()
    page.get_by_role("button", name=re.compile("^Annuler")).wait_for()
    assert site.read(2).assignee == "lea"
    page.get_by_role("link", name=TEXTS[2]).click()
    page.get_by_role("button", name=re.compile("^Proposer")).first.click()
    page.get_by_role("heading", name="Proposées, dans cet ordre").wait_for()
    assert site.read(2).state == "proposed"
    with_scripts = signed_in(browser, site, viewport={"width": width, "height": 900})
    for path in ("/bureau", f"/bureau/besoins/{site.needs[2].key}"):
        with_scripts.goto(site.address + path)
        assert with_scripts.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("width", "height", "stays"), [(390, 844, True), (1280, 900, True), (320, 256, False)]
)
def test_what_is_done_with_marked_needs_stays_in_sight_and_hides_no_list(
    browser, site, width, height, stays
):
    """A screen of 320 by 256 is one of 1,280 by 1,024 at 400 %."""
    page = signed_in(browser, site, viewport={"width": width, "height": height})
    page.locator("input[name=besoin]").first.check()
    bar = page.locator("#gestes")
    assert bar.evaluate("e => getComputedStyle(e).position") == ("sticky" if stays else "static")
    if stays:
        assert bar.bounding_box()["height"] < height / 3
