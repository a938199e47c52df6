"""Every SQL query on accounts: who may sign in, in what role, over which territories."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from data.tables_people import users


@dataclass(frozen=True, slots=True)
class User:
    """`territories`: typed codes (`FR` is everywhere, none is nowhere); `need_types`: none is all.

    `shortcuts`: whether the keyboard's single keys act at the desk. `language`: of their mails.
    `notices`: how often they asked to be told what waits.
    """

    id: str
    email: str
    name: str
    role: str
    territories: tuple[str, ...] = ()
    need_types: tuple[str, ...] = ()
    active: bool = True
    shortcuts: bool = True
    language: str = "fr"
    notices: str | None = None


_LISTS = ("territories", "need_types")


def save_user(connection: Connection, user: User, *, at: datetime) -> None:
    row = {f.name: getattr(user, f.name) for f in fields(User)}
    row |= {name: list(row[name]) for name in _LISTS}
    connection.execute(insert(users).values(created_at=at, **row))


def change_user(connection: Connection, user_id: str, **values: Any) -> None:
    """Change columns of an account."""
    kept = {name: list(v) if name in _LISTS else v for name, v in values.items()}
    connection.execute(update(users).where(users.c.id == user_id).values(**kept))


def load_user(connection: Connection, user_id: str) -> User | None:
    return _one(connection, users.c.id == user_id)


def user_of_email(connection: Connection, email: str) -> User | None:
    """The account of an address, however its letters are cased."""
    return _one(connection, users.c.email == plain_email(email))


def load_users(connection: Connection) -> list[User]:
    """Every account, by name; those who no longer may sign in come last."""
    query = select(users).order_by(users.c.active.desc(), users.c.name, users.c.email)
    return [stored_user(row) for row in connection.execute(query).mappings()]


def plain_email(email: str) -> str:
    """An address as it is kept and compared."""
    return email.strip().lower()


def stored_user(row: RowMapping) -> User:
    """A row of `users` as a value."""
    values: dict[str, Any] = {f.name: row[f.name] for f in fields(User)}
    return User(**{**values, **{name: tuple(row[name]) for name in _LISTS}})


def _one(connection: Connection, where: ColumnElement[bool]) -> User | None:
    row = connection.execute(select(users).where(where)).mappings().first()
    return None if row is None else stored_user(row)
