"""Every SQL query on sign-in links and sessions. Tokens come in clear and stay as hashes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from data.store_users import User, stored_user
from data.tables_people import sessions, sign_in_links, users
from data.tokens import hashed


def save_link(
    connection: Connection, token: str, user_id: str, *, at: datetime, expires_at: datetime
) -> None:
    row = {"token_hash": hashed(token), "user_id": user_id}
    row_times = {"created_at": at, "expires_at": expires_at}
    connection.execute(insert(sign_in_links).values(**row, **row_times))


def link_user(connection: Connection, token: str, *, at: datetime) -> User | None:
    """Whose link it is, if it may still be used and the account is active. Asking uses nothing."""
    query = select(users).join(sign_in_links, sign_in_links.c.user_id == users.c.id)
    row = connection.execute(query.where(*_open(token, at), users.c.active)).mappings().first()
    return None if row is None else stored_user(row)


def use_link(connection: Connection, token: str, *, at: datetime) -> User | None:
    """Use a link, once and in time: whose it is. Every other link of the account goes with it."""
    user = link_user(connection, token, at=at)
    used = connection.execute(update(sign_in_links).where(*_open(token, at)).values(used_at=at))
    if user is None or used.rowcount != 1:
        return None
    others = (sign_in_links.c.user_id == user.id, sign_in_links.c.used_at.is_(None))
    connection.execute(update(sign_in_links).where(*others).values(used_at=at))
    return user


def _open(token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    links = sign_in_links.c
    return links.token_hash == hashed(token), links.used_at.is_(None), links.expires_at > at


def open_session(
    connection: Connection, token: str, user_id: str, *, at: datetime, expires_at: datetime
) -> None:
    row = {"token_hash": hashed(token), "user_id": user_id}
    times = {"created_at": at, "seen_at": at, "expires_at": expires_at}
    connection.execute(insert(sessions).values(**row, **times))


def session_user(
    connection: Connection, token: str, *, at: datetime, idle: timedelta
) -> tuple[User, datetime] | None:
    """Whose session it is and when it was last seen; None when it ended, idled out or is unknown.

    Its moment is read back in UTC, without its zone.
    """
    query = (
        select(users, sessions.c.seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.token_hash == hashed(token),
            sessions.c.expires_at > at,
            sessions.c.seen_at > at - idle,
            users.c.active,
        )
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else (stored_user(row), row["seen_at"])


def touch_session(connection: Connection, token: str, *, at: datetime) -> None:
    """Note that a session is in use."""
    this = sessions.c.token_hash == hashed(token)
    connection.execute(update(sessions).where(this).values(seen_at=at))


def close_session(connection: Connection, token: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.token_hash == hashed(token)))


def close_access(connection: Connection, user_id: str) -> int:
    """End every session and link of an account; how many sessions there were."""
    connection.execute(delete(sign_in_links).where(sign_in_links.c.user_id == user_id))
    return connection.execute(delete(sessions).where(sessions.c.user_id == user_id)).rowcount


def close_all(connection: Connection) -> None:
    """End every session and link there is."""
    connection.execute(delete(sign_in_links))
    connection.execute(delete(sessions))


def forget_ended(connection: Connection, *, at: datetime, idle: timedelta) -> int:
    """Delete the sessions and links that no longer open anything; how many."""
    ended = (sessions.c.expires_at <= at) | (sessions.c.seen_at <= at - idle)
    count = connection.execute(delete(sessions).where(ended)).rowcount
    past = sign_in_links.c.expires_at <= at
    return count + connection.execute(delete(sign_in_links).where(past)).rowcount
