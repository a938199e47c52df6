"""The widget in a partner's page, on another origin, in a real browser."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from service.app import create_app
from service.callers import KEYS
from service.deps import clock
from service.secret import derived, secret_of
from service.usecases.keys import WantedKey, create_key
from tests.builders import offer, settings, tiny_catalogue
from tests.desk import NOON
from tests.journeys.conftest import served

WORDS = "On n’arrive plus à payer les salaires depuis deux mois."


class Host(BaseHTTPRequestHandler):
    """A partner's page: a title, the script tag, nothing else of ours."""

    page = ""

    def do_GET(self):
        body = self.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def partner():
    """Two sites that serve the same page: the first is known to the key, the other is not."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Host) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, partner):
    """The application's address, and the key of a widget in live mode."""
    folder = tmp_path_factory.mktemp("widget")
    one = offer("aide", title="Aide à la trésorerie", need_types=("tresorerie",))
    app = create_app(settings(folder), tiny_catalogue(folder, one))
    app.dependency_overrides[clock] = lambda: NOON
    wanted = WantedKey("Portail", "a@b.fr", mode="live", scopes=("widget",), origins=(partner[0],))
    secret = derived(secret_of(app.state.settings), KEYS)
    key = create_key(app.state.catalogue.engine, secret, wanted, by="system", now=NOON).key
    with served(app) as address:
        Host.page = (
            "<!doctype html><html lang='fr'><title>Portail</title><h1>Portail</h1>"
            f"<script src='{address}/widget.js' data-cle='{key.id}' data-couleur='#7a1f3d' async>"
            "</script>"
        )
        yield address, key


@pytest.mark.parametrize("width", [390, 1280])
def test_a_person_is_answered_in_the_partner_s_page(browser, partner, site, width):
    address, _ = site
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(partner[0])
    frame = page.frame_locator("iframe")
    frame.get_by_label("Votre besoin").fill(WORDS)
    frame.get_by_label("Votre commune").fill("Mende")
    before = page.locator("iframe").bounding_box()["height"]
    frame.get_by_role("button", name="Chercher de l’aide").press("Enter")
    frame.get_by_role("link", name="Aide à la trésorerie").first.wait_for()
    page.wait_for_function(
        "least => document.querySelector('iframe').getBoundingClientRect().height > least",
        arg=before,
    )
    inner = page.frames[1]
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inner.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")
    colour = inner.evaluate(
        "getComputedStyle(document.querySelector('.btn-primary')).backgroundColor"
    )
    assert colour == "rgb(122, 31, 61)"
    assert context.cookies() == []
    with context.expect_page() as opened:
        frame.get_by_role("link", name="Corriger, comparer").click()
    assert opened.value.url.startswith(f"{address}/besoins/")
    context.close()


def test_a_page_of_another_origin_may_not_hold_the_frame(browser, partner, site):
    address, _ = site
    page = browser.new_page()
    page.goto(partner[1])
    page.wait_for_timeout(500)
    assert not page.frames[1].url.startswith(address)
    page.close()


@pytest.mark.parametrize("more", ["", "&langue=en", "&couleur=ffd400&fond=14213d&rayon=0"])
def test_the_frame_breaks_no_rule_of_accessibility(browser, site, violations, more):
    address, key = site
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{address}/widget?cle={key.id}{more}")
    page.locator("#text").fill(WORDS)
    page.locator("#commune").fill("Mende")
    with page.expect_navigation():
        page.locator("button[type=submit]").press("Enter")
    assert page.locator("article.answer").count() == 1
    assert violations(page) == []
    page.close()
