"""`make screens`: pictures of the main pages, on a phone and on a desk, for docs/screens.

Over the whole inventory, with needs that a seeded generator made: the same pictures every time.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from data.engine import write
from data.store_gap_counts import GapCounts, save_gap_counts
from service.app import create_app
from service.auth import COOKIE
from service.deps import clock
from service.usecases.weekly_counts import count_week
from tests.builders import settings, small_catalogue
from tests.builders_people import seeded_needs
from tests.desk import client_of, keep_users, user
from tests.journeys.conftest import ARGS, CHROMIUM, served

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LEA = user("lea", "network-lead", "FR")
WORDS = (
    "On n’arrive plus à payer les salaires, la subvention de la ville n’est toujours pas versée. "
    "Et plus personne ne veut reprendre le bureau."
)
PAGES = {
    "besoin": "/",
    "raquette": "/raquette",
    "inventaire": "/inventaire",
    "bureau": "/bureau",
    "bureau-raquette": "/bureau/raquette",
}
WIDTHS = {"telephone": 390, "bureau": 1280}
TALLEST = 1_600
"""Pixels kept of a page: a picture is looked at, not scrolled."""


def main(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary, sync_playwright() as playwright:
        home = Path(temporary)
        catalogue = small_catalogue(home)
        with write(catalogue.engine) as connection:
            seeded_needs(connection, 300, seed=1)
            # What draws is known: the same pictures every time.
            known = GapCounts(date(2026, 11, 16), "pictures", {}, {})
            save_gap_counts(connection, known, at=NOON)
        count_week(catalogue.engine, NOON)
        keep_users(catalogue.engine, LEA)
        app = create_app(settings(home), catalogue)
        app.dependency_overrides[clock] = lambda: NOON
        session = client_of(app, LEA).cookies[COOKIE]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        with served(app) as address:
            for name, width in WIDTHS.items():
                context = opened.new_context(viewport={"width": width, "height": 900})
                context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
                page = context.new_page()
                for title, path in PAGES.items():
                    page.goto(address + path)
                    _shoot(page, folder / f"{title}-{name}.png")
                page.goto(address)
                page.get_by_label("Votre besoin").fill(WORDS)
                page.get_by_label("Votre commune").fill("Mende")
                page.get_by_label("Vous êtes").select_option("association")
                page.get_by_label("Nombre de salariés").fill("2")
                page.locator("form .btn-primary").click()
                page.wait_for_url("**/besoins/*")
                _shoot(page, folder / f"reponses-{name}.png")
                page.goto(f"{address}/bureau")
                page.locator("a.row-words").first.click()
                page.get_by_role("heading", name="Ses mots").wait_for()
                _shoot(page, folder / f"bureau-besoin-{name}.png")
                context.close()
        opened.close()


def _shoot(page, path: Path) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size
    page.screenshot(
        path=path,
        full_page=True,
        clip={"x": 0, "y": 0, "width": size["width"], "height": min(height, TALLEST)},
    )
    print(path)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
