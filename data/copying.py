"""One database to another, SQLite or PostgreSQL, row by row, counted and hashed on both sides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    Cast,
    Column,
    Connection,
    Engine,
    Insert,
    Integer,
    Table,
    Text,
    TypeDecorator,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    inspect,
    select,
    table,
    text,
    type_coerce,
)

from data.engine import read, write
from data.schema import metadata
from data.tables_webhooks import marks
from matching.errors import AiguilleError

AT_ONCE = 1_000
ROOM = 1 << 256

Told = Callable[[str, int, int], None]


class CannotCopy(AiguilleError):
    """The target is not empty, or one of the two is of another version."""


@dataclass(frozen=True, slots=True)
class Copied:
    """`digest`: the sum of the SHA-256 of the rows, in whatever order they come."""

    table: str
    rows: int
    digest: str


def copy(source: Engine, target: Engine, told: Told = lambda *_: None) -> list[Copied]:
    """All the rows of one state of `source` into `target`, migrated and empty; all or nothing.

    `told` is given a table, the rows copied and those to copy. Raises CannotCopy.
    """
    with read(source) as giving, write(target) as taking:
        _check(giving, taking)
        given = [_copy_table(giving, taking, one, told) for one in metadata.sorted_tables]
        for left, arrived in zip(given, digest_of(taking), strict=True):
            if left != arrived:
                raise CannotCopy(
                    f"La table « {left.table} » n’est pas arrivée telle quelle ({left} au départ, "
                    f"{arrived} à l’arrivée) : rien n’a été copié. Signalez-le, avec les versions "
                    "des deux bases.",
                    field="to",
                )
        return given


def digest_of(connection: Connection) -> list[Copied]:
    """The count and the digest of each table, as they are now."""
    return [_digested(connection, one) for one in metadata.sorted_tables]


def _check(giving: Connection, taking: Connection) -> None:
    given, taken = _version(giving), _version(taking)
    if given is None:
        raise CannotCopy(
            "Il n’y a pas de base d’Aiguille à l’adresse à copier : vérifiez-la.", field="from"
        )
    if given != taken:
        raise CannotCopy(
            f"La base à copier est à la version {given}, celle qui reçoit à la version {taken} : "
            "lancez d’abord « aiguille init » sur la première.",
            field="from",
        )
    taking.execute(delete(marks))  # Migrations alone write those of a new database.
    tables = metadata.sorted_tables
    full = [one.name for one in tables if taking.scalar(select(exists().select_from(one)))]
    if full:
        raise CannotCopy(
            f"La base qui reçoit n’est pas vide ({', '.join(full)}) : donnez-en une neuve.",
            field="to",
        )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("select version_num from alembic_version"))
    return version


def _copy_table(giving: Connection, taking: Connection, one: Table, told: Told) -> Copied:
    total = giving.scalar(select(func.count()).select_from(one)) or 0
    summed = count = 0
    for rows in _rows(giving, one):
        taking.execute(_insertion(taking, one), rows)
        count += len(rows)
        summed += _summed(rows)
        told(one.name, count, total)
    _count_on(taking, one)
    return Copied(one.name, count, _shown(summed))


def _digested(connection: Connection, one: Table) -> Copied:
    counted = [(len(rows), _summed(rows)) for rows in _rows(connection, one)]
    return Copied(one.name, sum(n for n, _ in counted), _shown(sum(s for _, s in counted)))


def _rows(connection: Connection, one: Table) -> Iterable[list[dict[str, Any]]]:
    """JSON as its text: a null that was written, and one that was not, stay two things."""
    held = [
        cast(kept, Text).label(kept.name) if isinstance(kept.type, JSON) else kept
        for kept in _stored(one)
    ]
    found = connection.execute(select(*held), execution_options={"yield_per": AT_ONCE})
    for part in found.mappings().partitions():
        yield [dict(row) for row in part]


def _insertion(connection: Connection, one: Table) -> Insert:
    """The text of a JSON goes in as it is: the type would write it as the JSON of a text."""
    json_text = _JsonText() if connection.dialect.name == "postgresql" else Text()
    kept = {c.name: json_text if isinstance(c.type, JSON) else c.type for c in _stored(one)}
    return insert(table(one.name, *(column(name, kind) for name, kind in kept.items())))


class _JsonText(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def bind_expression(self, bindvalue: BindParameter[str]) -> Cast[Any]:
        return cast(type_coerce(bindvalue, Text), JSON)


def _stored(one: Table) -> list[Column[Any]]:
    return [kept for kept in one.columns if kept.computed is None]


def _count_on(connection: Connection, one: Table) -> None:
    """PostgreSQL numbers rows by a counter of its own: it goes on after the last number copied."""
    (first, *more) = one.primary_key.columns
    if connection.dialect.name == "postgresql" and not more and isinstance(first.type, Integer):
        counter = func.pg_get_serial_sequence(one.name, first.name)
        last = select(func.max(first)).scalar_subquery()
        connection.execute(select(func.setval(counter, func.coalesce(last, 1), last.is_not(None))))


def _summed(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(int.from_bytes(sha256(_canonical(row)).digest()) for row in rows)


def _canonical(row: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(row), sort_keys=True, default=_plain).encode()


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _shown(summed: int) -> str:
    return f"{summed % ROOM:064x}"
