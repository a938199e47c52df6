"""Where a test's database is: a file of its folder, or a database of the session's PostgreSQL.

`AIGUILLE_TEST_DATABASE=postgresql` runs the whole suite on PostgreSQL (`make test-postgresql`), and
`sqlite` on SQLite alone. Unset, tests are on SQLite, and those of what the two may do otherwise on
both.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from data.engine import migrate, open_engine

WANTED = os.environ.get("AIGUILLE_TEST_DATABASE", "")
KINDS = tuple(kind for kind in ("sqlite", "postgresql") if WANTED in ("", kind))
"""On each of which a test of both runs."""
KIND = WANTED or "sqlite"
"""On which the others run."""
ON_POSTGRESQL = KIND == "postgresql"

if not KINDS:
    raise ValueError(f"AIGUILLE_TEST_DATABASE={WANTED}: sqlite, postgresql, or nothing for both")


def about_sqlite(what: str) -> pytest.MarkDecorator:
    """Marks a test of something that SQLite alone has: skipped where all is on PostgreSQL."""
    return pytest.mark.skipif(ON_POSTGRESQL, reason=f"about SQLite: {what}")


class Server:
    """A PostgreSQL server, and the databases that were made on it: copies of one, migrated once."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._of: dict[Path, str] = {}
        self._engines: set[Engine] = set()
        self._count = 0
        self._do(
            # Power cuts are not what is tested.
            *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")),
            "SELECT pg_reload_conf()",
            "CREATE DATABASE model",
        )
        # An engine that a command or an application leaves open is known, and closed by `rest`.
        event.listen(Engine, "engine_connect", self._know)
        migrate(open_engine(self._at("model")))
        self.rest()

    def new(self, model: str = "model") -> str:
        """The URL of a new database, a copy of that one: migrated, unless told otherwise."""
        self._count += 1
        name = f"aiguille_{self._count}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {model} STRATEGY file_copy")
        return self._at(name)

    def of(self, file: Path) -> str:
        """The URL of the database that stands for a file, made when it is first asked for."""
        if file not in self._of:
            self._of[file] = self.new()
        return self._of[file]

    def rest(self) -> None:
        """Close the connections that nobody uses; who needs one again opens it."""
        known, self._engines = self._engines, set()
        for engine in known:
            engine.dispose()

    def drop(self, folder: Path) -> None:
        """Drop the databases that stand for files of a folder."""
        gone = [file for file in self._of if file.is_relative_to(folder)]
        if gone:
            self.rest()
        for file in gone:
            self._do(f"DROP DATABASE {make_url(self._of.pop(file)).database} WITH (FORCE)")

    def close(self) -> None:
        event.remove(Engine, "engine_connect", self._know)
        self.rest()
        self._admin.dispose()

    def _know(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            self._engines.add(connection.engine)

    def _at(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _do(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


serving: list[Server] = []
"""The server of the session, once it is started."""


def database_of(folder: Path, name: str = "aiguille") -> str:
    """The URL of the database of a folder, on the kind that is tested."""
    file = folder / f"{name}.db"
    return serving[0].of(file) if ON_POSTGRESQL else f"sqlite:///{file}"


def told(folder: Path) -> dict[str, str]:
    """What is set for the databases of a folder to be of the kind that is tested."""
    if not ON_POSTGRESQL:
        return {}
    return {"database_url": database_of(folder), "sandbox_url": database_of(folder, "sandbox")}


def environment(folder: Path) -> dict[str, str]:
    """The same, as a process of its own is told it."""
    return {f"AIGUILLE_{name.upper()}": url for name, url in told(folder).items()}
