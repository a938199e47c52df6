"""Opening a database: SQLite by default, PostgreSQL by the same code."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, OperationalError

logger = logging.getLogger(__name__)

BUSY_MS = 10_000
"""How long a writer waits for the one before it, and anybody for a connection."""
CONNECTIONS = 44
"""At most, at once, of one engine."""
_DISK_FULL, _NO_TABLE = "53100", "42P01"
"""Those of PostgreSQL."""
_WRITERS = 0x4169_6775
"""The lock of PostgreSQL that writers take; its name is ours alone: "Aigu"."""


def wal_is_sound(version: tuple[int, int, int]) -> bool:
    """False for the SQLite versions whose write-ahead log may be reset while it is read.

    Fixed in 3.51.3, and in 3.50.7 and 3.44.6 for those branches (https://sqlite.org/wal.html).
    """
    patched = {(3, 50): 7, (3, 44): 6}
    return version >= (3, 51, 3) or version[2] >= patched.get(version[:2], 1_000)


def open_engine(
    url: str,
    *,
    connections: int = CONNECTIONS,
    sqlite_version: tuple[int, int, int] | None = None,
) -> Engine:
    """An engine whose `write` transactions take the lock at once and whose keys are enforced.

    Its errors tell no value: they go to logs, and values are people's words. A connection is opened
    when one is needed, and kept.
    """
    wait_s = BUSY_MS / 1000
    pool = {"pool_size": connections, "max_overflow": 0, "pool_timeout": wait_s}
    if not url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, **pool)
        event.listen(engine, "handle_error", _say_no_value)
        return engine
    timeout = {"timeout": wait_s}
    engine = create_engine(url, connect_args=timeout, hide_parameters=True, **pool)
    sound = wal_is_sound(sqlite_version or sqlite3.sqlite_version_info[:3])
    journal = "WAL" if sound else "TRUNCATE"
    if not sound:
        logger.info("sqlite journal=TRUNCATE version=%s", sqlite3.sqlite_version)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        # None: transactions are begun below, not by the driver.
        connection.isolation_level = None
        for pragma in (
            f"journal_mode={journal}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            "synchronous=FULL",
            # What a person erases is written over, not only forgotten.
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _say_no_value(context: ExceptionContext) -> None:
    """A server quotes the row at fault ("Key (email)=(…) already exists"): keep the rule alone."""
    refused: Any = context.original_exception
    if getattr(refused, "sqlstate", None) and context.sqlalchemy_exception is not None:
        told = (type(refused).__name__, refused.sqlstate, refused.diag.constraint_name or "")
        said = " ".join(told).rstrip()
        refused.args = (said,)
        context.sqlalchemy_exception.args = (said,)


def is_full(error: DBAPIError) -> bool:
    """Is it that the disk of the database has no room left?"""
    raised = error.orig
    # The low byte is the kind; the rest says in which way.
    kind = getattr(raised, "sqlite_errorcode", 0) & 0xFF
    return kind == sqlite3.SQLITE_FULL or getattr(raised, "sqlstate", "") == _DISK_FULL


def is_away(error: DBAPIError) -> bool:
    """Is it that no connection could be opened?"""
    return isinstance(error, OperationalError) and error.statement is None


def is_unmade(error: DBAPIError) -> bool:
    """Is it that a server's database has none of our tables, or not yet one of them?"""
    return getattr(error.orig, "sqlstate", "") == _NO_TABLE


def damage(file: Path) -> str:
    """What is wrong with a file of SQLite, in its words; nothing when it is whole."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as opened:
            (said,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == "ok" else str(said)


def snapshot(engine: Engine, file: Path) -> None:
    """One state of a database of SQLite in a file: pages, not rows, so that writers hardly wait."""
    with closing(sqlite3.connect(file)) as target, closing(engine.raw_connection()) as source:
        opened: Any = source.driver_connection
        opened.backup(target)


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever is written meanwhile."""
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name != "sqlite" else {}
    connection = engine.connect().execution_options(**options)
    with connection, connection.begin():
        yield connection


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """One transaction, all or nothing, and one at a time: it takes the lock before it reads.

    So what it read stands until it writes, and no two wait for each other.
    """
    options = {"begin": "BEGIN IMMEDIATE"} if engine.dialect.name == "sqlite" else {}
    connection = engine.connect().execution_options(**options)
    with connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {BUSY_MS}"))
            connection.execute(select(func.pg_advisory_xact_lock(_WRITERS)))
        yield connection


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision (`head`, `base`, or one by its name)."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    with as_file(files("data").joinpath("migrations")) as scripts, write(engine) as connection:
        config = Config()
        # configparser reads "%" as the start of a reference.
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        order = [s.revision for s in ScriptDirectory.from_config(config).walk_revisions()]
        down = revision == "base" or revision in order[1:]
        (command.downgrade if down else command.upgrade)(config, revision)
