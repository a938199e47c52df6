"""Rows of every table, whatever tables there are: seeded values of the type of each column."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import JSON, Connection, Engine, Table, func, insert, select

from data.engine import read
from data.schema import metadata

FIRST = datetime(2026, 1, 1)
WORDS = "ça va, “loyer” à 100 % ; l’été <b>\t=1+1 🙂".split(" ")


def fill(connection: Connection, seed: int, count: int) -> None:
    """`count` rows more in each table, fewer where a key joins tables; keys lead somewhere."""
    random = Random(seed)
    for table in metadata.sorted_tables:
        start = connection.scalar(select(func.count()).select_from(table))
        parents = {
            column.name: [*connection.scalars(select(key.column).limit(5_000))]
            for column in table.columns
            for key in column.foreign_keys
        }
        keys = [column.name for column in table.primary_key.columns]
        if start and set(keys) <= set(parents):
            continue  # One row a parent at most, and the first ones may have theirs.
        rows = [_row(table, number, parents, random) for number in range(start, start + count)]
        once = {tuple(map(row.get, keys)): row for row in rows}
        json = {c.name for c in table.columns if isinstance(c.type, JSON) and c.nullable}
        # A JSON that is left out is null; one that is None is written so.
        whole, bare = list(once.values())[::2], list(once.values())[1::2]
        for part in (whole, [{k: v for k, v in row.items() if k not in json} for row in bare]):
            if part:
                connection.execute(insert(table), part)


def _row(table: Table, number: int, parents, random: Random):
    return {
        column.name: random.choice(parents[column.name])
        if column.name in parents
        else _value(column, number, random)
        for column in table.columns
        if column.computed is None
    }


def _value(column, number: int, random: Random):
    if isinstance(column.type, JSON):
        held = [{}, ["1", "é"], {"mots": WORDS, "n": random.random()}]
        return random.choice([*held, None] if column.nullable else held)
    if column.nullable and random.random() < 0.3:
        return None
    kind = getattr(column.type, "impl_instance", column.type).python_type
    if kind is int:
        return number + 1 if column.primary_key or column.unique else random.randrange(1_000)
    if kind is str:
        told = f"{number}-{random.choice(WORDS)}{random.randrange(10**6)}"
        return told[: column.type.length or 99]
    return {
        bool: lambda: random.random() < 0.5,
        float: random.random,
        bytes: lambda: random.randbytes(9),
        date: (FIRST + timedelta(days=number)).date,
        datetime: lambda: FIRST + timedelta(seconds=number, microseconds=random.randrange(10**6)),
    }[kind]()


def held(engine: Engine) -> bytes:
    """All that a database holds: the bytes of its file, or the rows that a server gives."""
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    with read(engine) as connection:
        rows = [connection.execute(select(table)).all() for table in metadata.sorted_tables]
    return repr(rows).encode()
