"""Every SQL query on accounts: who may sign in, in what role, over which territories."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from data.store import listed
from data.tables_people import users
from matching.text import fold


@dataclass(frozen=True, slots=True)
class User:
    """`territories`: typed codes (`FR` is everywhere, none is nowhere); `need_types`: none is all.

    `shortcuts`: whether the keyboard's single keys act at the desk. `language`: of their mails.
    `notices`: how often they asked to be told what waits. `listed`: the codes that the ad-hoc areas
    among the territories list now; it is read with the account, never kept.
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
    listed: tuple[str, ...] = ()

    @property
    def reach(self) -> frozenset[str]:
        """The codes that a need must be within one of."""
        return frozenset((*self.territories, *self.listed))


_LISTS = ("territories", "need_types")
_KEPT = tuple(f.name for f in fields(User) if f.name != "listed")


def save_user(connection: Connection, user: User, *, at: datetime) -> None:
    row = {name: getattr(user, name) for name in _KEPT}
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
    rows = connection.execute(select(users)).mappings().all()
    found = [stored_user(connection, row) for row in rows]
    # Databases sort letters each in its own way, accents above all.
    return sorted(found, key=lambda u: (not u.active, fold(u.name), u.email))


def plain_email(email: str) -> str:
    """An address as it is kept and compared."""
    return email.strip().lower()


def stored_user(connection: Connection, row: RowMapping) -> User:
    """A row of `users` as a value."""
    values: dict[str, Any] = {name: row[name] for name in _KEPT}
    values |= {name: tuple(row[name]) for name in _LISTS}
    return User(**values, listed=listed(connection, values["territories"]))


def _one(connection: Connection, where: ColumnElement[bool]) -> User | None:
    row = connection.execute(select(users).where(where)).mappings().first()
    return None if row is None else stored_user(connection, row)
