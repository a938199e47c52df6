"""A person types a need in a real browser, on a phone and on a desk, with a keyboard alone."""

from __future__ import annotations

import shutil
import socket
import threading

import pytest
import uvicorn

from service.app import create_app
from tests.builders import settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium n’est pas installé")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEED = "Plus personne ne veut reprendre le bureau du club, le président part"


@pytest.fixture(scope="module")
def address(catalogue, tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(settings(tmp_path_factory.mktemp("web")), catalogue)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    return [v["id"] for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_a_need_is_answered_at_any_width_with_or_without_scripts(browser, address, width, scripts):
    page = browser.new_page(viewport={"width": width, "height": 900}, java_script_enabled=scripts)
    page.goto(address)
    page.get_by_label("Votre besoin").fill(NEED)
    page.get_by_label("Votre commune").fill("Mende")
    page.get_by_label("Vous êtes").select_option("association")
    page.get_by_label("Nombre de salariés").fill("0")
    page.get_by_role("button", name="Chercher de l’aide").click()
    page.get_by_role("heading", name="Ce que nous avons trouvé").wait_for()
    assert page.locator("article h3").count() == 10
    assert page.get_by_label("Votre besoin").input_value() == NEED
    if scripts:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
    page.close()


def test_the_first_page_is_light_and_accessible(browser, address):
    page = browser.new_page()
    weights = []
    page.on("response", lambda r: weights.append(len(r.body())))
    page.goto(address, wait_until="networkidle")
    assert sum(weights) < 150_000
    assert violations(page) == []
    page.close()


def test_an_error_is_told_beside_its_field_and_read_with_it(browser, address):
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("Votre commune").fill("Zzyzx")
    page.get_by_label("Votre besoin").fill(NEED)
    page.keyboard.press("Tab")
    page.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.locator("#commune-error").wait_for()
    field = page.get_by_label("Votre commune")
    assert field.get_attribute("aria-invalid") == "true"
    assert "commune-error" in field.get_attribute("aria-describedby")
    assert "Lieu inconnu" in page.locator("#commune-error").inner_text()
    assert violations(page) == []
    page.close()
