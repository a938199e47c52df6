"""Accounts: opened, changed and closed by an administrator, each change in the audit log."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection, Engine

from data import audit
from data.engine import read, write
from data.fields import Reading
from data.outbox import queue
from data.store_sessions import close_access
from data.store_users import (
    User,
    change_user,
    load_user,
    load_users,
    plain_email,
    save_user,
    user_of_email,
)
from matching.domain import FRANCE
from matching.errors import AiguilleError
from service.triage.roles import ADMINISTRATOR, ROLES
from service.typed_places import code_of

SYSTEM = "system"
"""The actor of what is done from the command line, on the machine itself."""
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_LONGEST_EMAIL, _LONGEST_NAME = 254, 100
_CODES = ("role", "territories", "need_types")
"""What the audit log may hold of an account: never its name or address."""


class BadAccount(AiguilleError):
    """A value of an account is not one that exists."""


class UnknownAccount(AiguilleError):
    """No account of that id or address."""


class OwnAccount(AiguilleError):
    """Somebody would take their own powers away, and maybe leave nobody to give them back."""


class LastAdministrator(AiguilleError):
    """Nobody would be left to open accounts: two administrators closed each other at once."""

    def __init__(self) -> None:
        super().__init__("C’est le dernier administrateur : nommez-en d’abord un autre.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account as it is typed: `territories` are codes or names, of any kind."""

    email: str
    name: str
    role: str
    territories: tuple[str, ...] = ()
    need_types: tuple[str, ...] = ()


def accounts(engine: Engine) -> list[User]:
    with read(engine) as connection:
        return load_users(connection)


def account(engine: Engine, user_id: str) -> User:
    with read(engine) as connection:
        user = load_user(connection, user_id)
    return _known(user)


def account_of(engine: Engine, email: str) -> User:
    """The account of an address."""
    with read(engine) as connection:
        user = user_of_email(connection, email)
    return _known(user)


def open_account(
    engine: Engine, reading: Reading, wanted: Wanted, *, by: str, now: datetime, tell: bool = False
) -> User:
    """Open an account; `tell`: queue the mail that invites its holder."""
    user = User(secrets.token_urlsafe(9), **_checked(wanted, reading))
    with write(engine) as connection:
        if user_of_email(connection, user.email) is not None:
            raise BadAccount("Un compte a déjà cette adresse : modifiez-le.", field="email")
        save_user(connection, user, at=now)
        told: dict[str, Any] = {name: getattr(user, name) for name in _CODES}
        audit.append(connection, at=now, actor=by, action="account-opened", user_id=user.id, **told)
        if tell:
            queue(connection, "invited", at=now, user_id=user.id)
    return user


def change_account(
    engine: Engine, reading: Reading, user_id: str, wanted: Wanted, *, by: str, now: datetime
) -> User:
    """Change what an account is; the audit log tells which fields, and codes before and after."""
    values = _checked(wanted, reading)
    with write(engine) as connection:
        before = _known(load_user(connection, user_id))
        if by == f"user:{user_id}" and values["role"] != before.role:
            raise OwnAccount(
                "Vous ne pouvez pas changer votre propre rôle : demandez-le à un autre "
                "administrateur.",
                field="role",
            )
        same = user_of_email(connection, values["email"])
        if same is not None and same.id != user_id:
            raise BadAccount("Un autre compte a déjà cette adresse.", field="email")
        changed = {n: v for n, v in values.items() if getattr(before, n) != v}
        if changed:
            change_user(connection, user_id, **changed)
            _check_administered(connection, by)
            if "email" in changed:
                close_access(connection, user_id)
            codes = {n: v for n, v in changed.items() if n in _CODES}
            told: dict[str, Any] = {n: [getattr(before, n), v] for n, v in codes.items()}
            audit.append(
                connection,
                at=now,
                actor=by,
                action="account-changed",
                user_id=user_id,
                fields=sorted(changed),
                **told,
            )
    return replace(before, **changed)


def close_account(engine: Engine, user_id: str, *, by: str, now: datetime) -> User:
    """Nobody signs in to it any more: its sessions and links end at once.

    It can be reopened until its name and address are forgotten.
    """
    if by == f"user:{user_id}":
        raise OwnAccount(
            "Vous ne pouvez pas fermer votre propre compte : demandez-le à un autre administrateur."
        )
    with write(engine) as connection:
        user = _known(load_user(connection, user_id))
        if not user.active:
            return user
        change_user(connection, user_id, active=False, closed_at=now)
        _check_administered(connection, by)
        ended = close_access(connection, user_id)
        audit.append(
            connection,
            at=now,
            actor=by,
            action="account-closed",
            user_id=user_id,
            sessions=ended,
        )
    return replace(user, active=False)


def reopen_account(engine: Engine, user_id: str, *, by: str, now: datetime) -> User:
    with write(engine) as connection:
        user = _known(load_user(connection, user_id))
        change_user(connection, user_id, active=True, closed_at=None)
        audit.append(connection, at=now, actor=by, action="account-reopened", user_id=user_id)
    return replace(user, active=True)


def _check_administered(connection: Connection, by: str) -> None:
    """Refuse to leave no administrator, but to who has the command line to make one."""
    left = (u for u in load_users(connection) if u.active and u.role == ADMINISTRATOR)
    if by != SYSTEM and not any(left):
        raise LastAdministrator


def _known(user: User | None) -> User:
    if user is None:
        raise UnknownAccount("Aucun compte de ce nom : vérifiez l’adresse.", field="email")
    return user


def checked_email(typed: str) -> str:
    """An address as it is kept, if it looks like one."""
    email = plain_email(typed)
    if not _EMAIL.fullmatch(email) or len(email) > _LONGEST_EMAIL:
        raise BadAccount(
            "« {email} » n’est pas une adresse e-mail : donnez-en une comme lea@exemple.org.",
            field="email",
            email=shorten(email, 60, placeholder="…"),
        )
    return email


def _checked(wanted: Wanted, reading: Reading) -> dict[str, Any]:
    email, name = checked_email(wanted.email), wanted.name.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise BadAccount(
            "Donnez le nom de la personne, en {most} caractères au plus.",
            field="name",
            most=_LONGEST_NAME,
        )
    if wanted.role not in ROLES:
        raise BadAccount(
            "Rôle inconnu : « {role} ». Attendu : {known}.",
            field="role",
            role=wanted.role,
            known=tuple(ROLES),
        )
    known = reading.frame.codes("need_types")
    if unknown := [t for t in wanted.need_types if t not in known]:
        raise BadAccount(
            "Type de besoin inconnu : « {unknown} ». Attendu : {known}.",
            field="need_types",
            unknown=unknown[0],
            known=tuple(known),
        )
    return {
        "email": email,
        "name": name,
        "role": wanted.role,
        "territories": _territories(wanted.territories, reading),
        "need_types": tuple(sorted(set(wanted.need_types))),
    }


def _territories(said: Iterable[str], reading: Reading) -> tuple[str, ...]:
    """Codes of today; the whole country makes the others pointless."""
    codes = {code_of(text.strip(), reading.gazetteer) for text in said if text.strip()}
    return (FRANCE,) if FRANCE in codes else tuple(sorted(codes))
