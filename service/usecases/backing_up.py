"""A database kept in one file, and brought back: counted and hashed, and what was erased erased."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine

from data import audit
from data.copying import Copied, Told, copy
from data.engine import damage, migrate, open_engine, snapshot, write
from data.erased import Noted
from data.erasing import erase
from data.store_needs import need_ids
from data.store_sessions import close_all
from matching.errors import AiguilleError
from service.usecases.accounts import SYSTEM


class BadBackup(AiguilleError):
    """There is no backup there, it is damaged, or the place is taken."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`erased`: needs that were erased since the backup, and are again. `broken_at`: see audit."""

    tables: list[Copied]
    erased: int
    broken_at: int | None


def back_up(engine: Engine, file: Path, told: Told = lambda *_: None) -> list[Copied]:
    """One state of the database, of SQLite or PostgreSQL, in an SQLite file, while it serves.

    The file is there whole or not at all, readable by its owner alone. Raises BadBackup.
    """
    if file.exists():
        raise BadBackup(f"« {file} » existe déjà : donnez un autre nom.", field="file")
    with TemporaryDirectory(dir=file.parent, prefix=".sauvegarde-") as folder:
        made = Path(folder, "part.db")
        with _still(engine, Path(folder, "state.db")) as source, _opened(made) as target:
            migrate(target)
            copied = copy(source, target, told)
        made.chmod(0o600)
        _flush(made)
        made.rename(file)
        _flush(file.parent)
    return copied


def restore(
    file: Path, engine: Engine, journal: Path, *, now: datetime, told: Told = lambda *_: None
) -> Restored:
    """A backup, of this version or an older one, into an empty database, migrated.

    Everybody signs in again: a session that was closed since must not come back.
    Raises BadBackup, or data.copying.CannotCopy.
    """
    if not file.is_file():
        raise BadBackup(
            f"Pas de sauvegarde « {file} » : donnez le chemin du fichier.", field="file"
        )
    if found := damage(file):
        raise BadBackup(
            f"La sauvegarde « {file} » est abîmée ({found}) : prenez-en une autre.", field="file"
        )
    with TemporaryDirectory(prefix="aiguille-") as folder, _opened(Path(folder, "kept.db")) as kept:
        shutil.copy(file, Path(folder, "kept.db"))
        migrate(kept)
        migrate(engine)
        with write(kept) as connection:
            close_all(connection)
            erased = _erase_again(connection, Noted.read(journal), now)
            broken = audit.broken_at(connection)
        return Restored(copy(kept, engine, told), erased, broken)


def _erase_again(connection: Connection, noted: Noted, now: datetime) -> int:
    again = [need_id for need_id in need_ids(connection) if need_id in noted]
    for need_id in again:
        gone = {table: n for table, n in erase(connection, need_id).items() if n}
        audit.append(connection, at=now, actor=SYSTEM, action="erased", need_id=need_id, **gone)
    return len(again)


@contextmanager
def _still(engine: Engine, file: Path) -> Iterator[Engine]:
    """One state of the database to read from, which keeps no writer waiting."""
    if engine.dialect.name != "sqlite":
        yield engine  # A reader of PostgreSQL keeps nobody waiting.
        return
    snapshot(engine, file)
    with _opened(file) as state:
        yield state


@contextmanager
def _opened(file: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{file}")
    try:
        yield engine
    finally:
        engine.dispose()


def _flush(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
