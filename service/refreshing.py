"""The catalogue a process serves follows the database: derived again when its offers or its areas
changed.
"""

from __future__ import annotations

import threading

import structlog
from fastapi import FastAPI

from data.engine import read
from data.store import catalogue_hash, load_areas
from service.catalogue import Catalogue, open_catalogue
from service.settings import Settings

EVERY_S = 2.0
"""An import is seen within five seconds: those, then the time to derive an index again."""


def refreshed(settings: Settings, current: Catalogue) -> Catalogue:
    """The same catalogue while its offers and areas are the same, else one derived from those of
    now.
    """
    with read(current.engine) as connection:
        stored, areas = catalogue_hash(connection), load_areas(connection)
    if stored == current.matcher.versions.get("index") and areas == current.areas:
        return current
    return open_catalogue(settings, engine=current.engine)


class Refresher(threading.Thread):
    """Looks at the database every few seconds; swaps the application's catalogue at once.

    A request keeps the catalogue that it began with. A failure is logged and tried again.
    """

    def __init__(self, app: FastAPI, settings: Settings, every_s: float = EVERY_S) -> None:
        super().__init__(name="refresher", daemon=True)
        self._app = app
        self._settings = settings
        self._every_s = every_s
        self._stopped = threading.Event()
        self._one = threading.Lock()
        self._log = structlog.get_logger("aiguille.catalogue")

    def run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                # The names of places are read once: beside, before somebody types a first one.
                self.catalogue().gazetteer.complete("Paris")
            except Exception as error:  # Whatever it is, what is served goes on being served.
                self._log.warning("refresh failed", error=type(error).__name__)

    def catalogue(self) -> Catalogue:
        """That of the offers of now, swapped in if they changed; derived by one at a time."""
        with self._one:
            current: Catalogue = self._app.state.catalogue
            fresh = refreshed(self._settings, current)
            if fresh is not current:
                self._app.state.catalogue = fresh
                self._log.info("catalogue refreshed", offers=len(fresh.matcher.index.offers))
        return fresh

    def stop(self) -> None:
        self._stopped.set()
        self.join()
