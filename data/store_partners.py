"""Every SQL query on partners and their keys."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update

from data.tables_partners import keys, partners


@dataclass(frozen=True, slots=True)
class Partner:
    """A portal that sends needs; `email` is where it is told of what concerns its keys."""

    id: str
    name: str
    email: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """What a partner proves itself with. `id` may be shown; the secret half is kept as `digest`.

    `mode`: "live", or "test" for the sandbox. `origins`: the exact web origins it serves from.
    """

    id: str
    partner_id: str
    label: str
    mode: Literal["live", "test"]
    scopes: tuple[str, ...]
    origins: tuple[str, ...]
    digest: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    used_on: date | None = None

    @property
    def ends_at(self) -> datetime:
        """When it opens nothing any more: a key may be revoked from a moment to come."""
        return min(self.expires_at, self.revoked_at or self.expires_at)

    def usable(self, now: datetime) -> bool:
        return now.astimezone(UTC).replace(tzinfo=None) < self.ends_at


_LISTS = ("scopes", "origins")


def save_partner(connection: Connection, partner: Partner) -> None:
    connection.execute(insert(partners).values(**_row(partner)))


def load_partners(connection: Connection) -> list[Partner]:
    """All of them, by name."""
    rows = connection.execute(select(partners).order_by(partners.c.name)).mappings()
    return [Partner(**row) for row in rows]


def load_partner(connection: Connection, partner_id: str) -> Partner | None:
    return _partner(connection, partners.c.id == partner_id)


def partner_named(connection: Connection, name: str) -> Partner | None:
    return _partner(connection, partners.c.name == name)


def change_email(connection: Connection, partner_id: str, email: str) -> None:
    connection.execute(update(partners).where(partners.c.id == partner_id).values(email=email))


def save_key(connection: Connection, key: Key) -> None:
    connection.execute(insert(keys).values(**_row(key)))


def load_key(connection: Connection, key_id: str) -> Key | None:
    row = connection.execute(select(keys).where(keys.c.id == key_id)).mappings().first()
    return None if row is None else _key(row)


def load_keys(connection: Connection, partner_id: str | None = None) -> list[Key]:
    """The keys of a partner, or of all, the newest first."""
    query = select(keys).order_by(keys.c.created_at.desc(), keys.c.id)
    if partner_id is not None:
        query = query.where(keys.c.partner_id == partner_id)
    return [_key(row) for row in connection.execute(query).mappings()]


def revoke_key(connection: Connection, key_id: str, at: datetime) -> None:
    connection.execute(update(keys).where(keys.c.id == key_id).values(revoked_at=at))


def change_origins(connection: Connection, key_id: str, origins: tuple[str, ...]) -> None:
    connection.execute(update(keys).where(keys.c.id == key_id).values(origins=list(origins)))


def key_used(connection: Connection, key_id: str, day: date) -> None:
    connection.execute(update(keys).where(keys.c.id == key_id).values(used_on=day))


def _partner(connection: Connection, where: ColumnElement[bool]) -> Partner | None:
    row = connection.execute(select(partners).where(where)).mappings().first()
    return None if row is None else Partner(**row)


def _row(value: Partner | Key) -> dict[str, Any]:
    row = {f.name: getattr(value, f.name) for f in fields(value)}
    return {name: list(v) if name in _LISTS else v for name, v in row.items()}


def _key(row: RowMapping) -> Key:
    return Key(**{**row, **{name: tuple(row[name]) for name in _LISTS}})
