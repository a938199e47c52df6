"""What a start does not wait for: the names of places are read once it answers."""

from __future__ import annotations

from dataclasses import replace

from data.geography import shipped_rows
from data.territories import Gazetteer
from service.app import create_app
from service.catalogue import open_catalogue
from service.refreshing import Refresher
from tests.builders import settings, tiny_catalogue
from tests.faults.processes import wait_until


def test_the_names_of_places_are_read_beside_what_answers(few, tmp_path):
    made, unread = settings(tmp_path), Gazetteer(shipped_rows())
    tiny_catalogue(tmp_path).engine.dispose()
    app = create_app(made, replace(open_catalogue(made), gazetteer=unread))
    assert "_names" not in vars(unread)
    refresher = Refresher(app, made, every_s=0.01)
    refresher.start()
    wait_until(lambda: "_names" in vars(unread))
    refresher.stop()
    app.state.catalogue.engine.dispose()
