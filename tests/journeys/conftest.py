"""A real browser, and the application served over the whole inventory."""

from __future__ import annotations

import re
import shutil
import socket
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest
import uvicorn

from service.app import create_app
from tests.builders import settings, small_catalogue, tiny_catalogue
from tests.desk import keep_users, user

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


LEA = user("lea", "administrator", "FR")
"""Who may do all that the desk does."""


@contextmanager
def served(app, port=0):
    """The address of an application that a thread serves, on a free port unless one is given."""
    if not port:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def links_in(mails, to, pattern):
    """What mails left in a folder hold of that form, those to somebody, the latest last."""
    found = []
    for file in sorted(mails.glob("*.eml"), key=lambda f: f.stat().st_mtime):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        if to in mail["To"]:
            found += re.findall(pattern, mail.get_content())
    return found


@pytest.fixture(scope="session")
def application(tmp_path_factory):
    """The application over the whole inventory; its needs are of these journeys alone."""
    folder = tmp_path_factory.mktemp("journeys")
    return create_app(settings(folder), small_catalogue(folder))


@pytest.fixture(scope="session")
def address(application):
    """Where the application is served."""
    with served(application) as found:
        yield found


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The database and the address of a small site whose one account is Léa's."""
    folder = tmp_path_factory.mktemp("desk")
    app = create_app(settings(folder), tiny_catalogue(folder))
    keep_users(app.state.catalogue.engine, LEA)
    with served(app) as found:
        yield app.state.catalogue.engine, found


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium n’est pas installé")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield opened
        opened.close()


@pytest.fixture
def violations():
    """A function: the rules of WCAG 2.2 AA, and good practice, that a page breaks."""
    from axe_playwright_python.sync_playwright import Axe

    def found(page):
        broken = Axe().run(page).response["violations"]
        return [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in broken]

    return found
