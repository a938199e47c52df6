"""Signing in by a link sent by mail, and the session that follows: no password exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from data import audit
from data.engine import read, write
from data.outbox import queue
from data.store_sessions import (
    close_session,
    forget_ended,
    link_user,
    open_session,
    save_link,
    session_user,
    touch_session,
    use_link,
)
from data.store_users import User, user_of_email
from data.tokens import new_token
from matching.errors import AiguilleError
from service.typography import marked

LINK_LASTS = timedelta(minutes=15)
IDLE = timedelta(hours=8)
"""A session unused for as long ends."""
SESSION_LASTS = timedelta(days=7)
"""A session ends then, however used."""
_TOUCHED_EVERY = timedelta(minutes=5)


class LinkPast(AiguilleError):
    """The sign-in link is used, too old, or was never given."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Ce lien de connexion a déjà servi ou a plus de quinze minutes : demandez-en un "
                "autre."
            )
        )


class NoAccount(AiguilleError):
    """No active account has this address."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Aucun compte actif n’a cette adresse : demandez à l’administrateur de votre "
                "réseau de vous inviter."
            )
        )


def send_link(engine: Engine, email: str, *, now: datetime) -> None:
    """Queue a sign-in mail if an active account has this address; say nothing either way."""
    with write(engine) as connection:
        user = user_of_email(connection, email)
        if user is None or not user.active:
            return
        token = new_token()
        save_link(connection, token, user.id, at=now, expires_at=now + LINK_LASTS)
        queue(connection, "sign-in", at=now, user_id=user.id, token=token)


def make_link(engine: Engine, email: str, *, now: datetime) -> str:
    """The token of a sign-in link, for an operator to hand over."""
    with write(engine) as connection:
        user = user_of_email(connection, email)
        if user is None or not user.active:
            raise NoAccount
        token = new_token()
        save_link(connection, token, user.id, at=now, expires_at=now + LINK_LASTS)
        audit.append(connection, at=now, actor="system", action="link-made", user_id=user.id)
    return token


def check_link(engine: Engine, token: str, *, now: datetime) -> User:
    """Whose link it is, without using it; refuse one that no longer opens anything."""
    with read(engine) as connection:
        user = link_user(connection, token, at=now)
    if user is None:
        raise LinkPast
    return user


def sign_in(engine: Engine, token: str, *, now: datetime, previous: str = "") -> str:
    """Use a link once; the token of a new session. The `previous` session of the browser ends."""
    with write(engine) as connection:
        user = use_link(connection, token, at=now)
    if user is None:  # outside: a link of a closed account is used up all the same
        raise LinkPast
    return _open(engine, user, "link", now, previous)


def sign_in_verified(engine: Engine, email: str, *, now: datetime, previous: str = "") -> str:
    """A session for an address that an identity provider vouches for."""
    with read(engine) as connection:
        user = user_of_email(connection, email)
    if user is None or not user.active:
        raise NoAccount
    return _open(engine, user, "oidc", now, previous)


def _open(engine: Engine, user: User, by: str, now: datetime, previous: str) -> str:
    token = new_token()
    with write(engine) as connection:
        forget_ended(connection, at=now, idle=IDLE)
        close_session(connection, previous)
        open_session(connection, token, user.id, at=now, expires_at=now + SESSION_LASTS)
        audit.append(connection, at=now, actor=f"user:{user.id}", action="signed-in", by=by)
    return token


def user_of_session(engine: Engine, token: str, *, now: datetime) -> User | None:
    """Whose session it is, if it lives; that it was used is noted every few minutes."""
    with read(engine) as connection:
        found = session_user(connection, token, at=now, idle=IDLE)
    if found is None:
        return None
    user, seen_at = found
    if now - seen_at.replace(tzinfo=UTC) >= _TOUCHED_EVERY:
        with write(engine) as connection:
            touch_session(connection, token, at=now)
    return user


def sign_out(engine: Engine, token: str, *, now: datetime) -> None:
    """End a session; nothing to do if it already ended."""
    user = user_of_session(engine, token, now=now)
    with write(engine) as connection:
        close_session(connection, token)
        if user is not None:
            audit.append(connection, at=now, actor=f"user:{user.id}", action="signed-out")
