"""Partners and their keys: opened, turned over, revoked, and recognised.

A key reads `aig_live_<id>_<secret>`. The id may be shown; of the secret we keep an HMAC alone, so
that neither the database nor a copy of it opens anything.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from data import audit
from data.engine import read, write
from data.store_partners import (
    Key,
    Partner,
    key_used,
    load_key,
    load_keys,
    load_partner,
    partner_named,
    revoke_key,
    save_key,
    save_partner,
)
from data.values import slug
from matching.errors import AiguilleError
from service.typography import marked

Mode = Literal["live", "test"]
TEST: Mode = "test"
MODES: tuple[Mode, ...] = get_args(Mode)

SCOPES: Mapping[str, str] = {
    "needs:read": marked("lire l’état des besoins que le partenaire a envoyés"),
    "needs:write": marked("envoyer des besoins, y ajouter un fait, les retirer"),
    "webhooks": marked("recevoir des événements signés et régler où ils arrivent"),
    "widget": marked("afficher le formulaire dans ses propres pages"),
}
"""Scope -> what it allows, in words."""

LASTS = timedelta(days=548)
"""18 months."""
OVERLAP = timedelta(days=7)
"""How long the old key still opens after it was turned over."""
MOST_AT_ONCE = 2
"""Usable keys of one label: the one in service and the one that takes over."""

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_LOCAL = ("localhost", "127.0.0.1")
_PORTS: Mapping[str, int] = {"https": 443, "http": 80}
_FORM = re.compile(r"aig_(live|test)_([0-9a-f]{12})_([0-9a-f]{40})")


class WrongKey(AiguilleError):
    """No key of ours, or one that was revoked or is past: nothing tells which."""

    def __init__(self) -> None:
        super().__init__(
            "Clé inconnue, révoquée ou périmée : vérifiez l’en-tête "
            "« Authorization: Bearer aig_… », ou demandez une autre clé."
        )


class UnknownKey(AiguilleError):
    """No key of that id, in the hands of who keeps keys."""


class WrongKeyWish(AiguilleError):
    """A key that cannot be made so."""


@dataclass(frozen=True, slots=True)
class WantedKey:
    """What is asked of a new key. `partner` is a name: it is opened if nobody has it."""

    partner: str
    email: str = ""
    label: str = "principale"
    mode: Mode = TEST
    scopes: tuple[str, ...] = ("needs:read", "needs:write")
    origins: tuple[str, ...] = ()
    lasts: timedelta = LASTS


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key just made: `clear` is shown once, and kept nowhere."""

    key: Key
    clear: str


def create_key(
    engine: Engine, secret: bytes, wanted: WantedKey, *, by: str, now: datetime
) -> MadeKey:
    """Make a key, and open its partner if need be."""
    _checked(wanted)
    with write(engine) as connection:
        partner = partner_named(connection, wanted.partner) or _opened(connection, wanted, now)
        return _made(
            connection,
            secret,
            Key(
                id=secrets.token_hex(6),
                partner_id=partner.id,
                label=wanted.label,
                mode=wanted.mode,
                scopes=tuple(s for s in SCOPES if s in wanted.scopes),
                origins=tuple(dict.fromkeys(map(origin, wanted.origins))),
                digest="",
                created_at=now,
                expires_at=now + wanted.lasts,
            ),
            by=by,
            now=now,
        )


def turn_over(engine: Engine, secret: bytes, key_id: str, *, by: str, now: datetime) -> MadeKey:
    """A key like that one, which still opens for `OVERLAP`: time to change it where it serves."""
    with write(engine) as connection:
        old = known_key(connection, key_id)
        if not old.usable(now):
            raise WrongKeyWish(
                "Cette clé n’ouvre plus rien : créez-en une nouvelle.", field="key_id"
            )
        fresh = replace(
            old,
            id=secrets.token_hex(6),
            created_at=now,
            expires_at=now + LASTS,
            revoked_at=None,
            used_on=None,
        )
        made = _made(connection, secret, fresh, by=by, now=now)
        if old.revoked_at is None:
            revoke_key(connection, old.id, now + OVERLAP)
    return made


def revoke(engine: Engine, key_id: str, *, by: str, now: datetime) -> None:
    """The key opens nothing from now on."""
    with write(engine) as connection:
        key = known_key(connection, key_id)
        if key.usable(now):
            revoke_key(connection, key.id, now)
            audit.append(connection, at=now, actor=by, action="key-revoked", key=key.id)


def known_key(connection: Connection, key_id: str) -> Key:
    key = load_key(connection, key_id)
    if key is None:
        raise UnknownKey("Aucune clé « {id} ».", field="key_id", id=key_id)
    return key


def recognised(engine: Engine, secret: bytes, clear: str, *, now: datetime) -> Key:
    """The usable key that this text is; its day of use is noted, once a day."""
    form = _FORM.fullmatch(clear)
    if form is None:
        raise WrongKey
    mode, key_id, half = form.groups()
    with read(engine) as connection:
        key = load_key(connection, key_id)
    # As much work whether the key exists or not.
    same = hmac.compare_digest(_digest(secret, half), key.digest if key else "0" * 64)
    if key is None or not same or key.mode != mode or not key.usable(now):
        raise WrongKey
    if key.used_on != now.date():
        _note_use(engine, key, now.date())
    return key


def origin(text: str) -> str:
    """A web origin, exactly as browsers send it: scheme, host, and port if it is not the usual."""
    try:
        parts = urlsplit(text.strip().rstrip("/"))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        raise _no_origin(text) from None
    more = parts.path or parts.query or parts.fragment or "@" in parts.netloc
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if more or not safe or not _HOST.fullmatch(host):
        raise _no_origin(text)
    usual = port is None or port == _PORTS[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def _no_origin(text: str) -> WrongKeyWish:
    return WrongKeyWish(
        "« {origin} » n’est pas une origine : attendu https://exemple.fr, sans chemin.",
        field="origins",
        origin=text,
    )


def _checked(wanted: WantedKey) -> None:
    if not wanted.partner.strip():
        raise WrongKeyWish("Donnez le nom du partenaire.", field="partner")
    if wanted.mode not in MODES:
        raise WrongKeyWish(
            "Mode inconnu : « {mode} ». Attendu : live ou test.", field="mode", mode=wanted.mode
        )
    for scope in wanted.scopes:
        if scope not in SCOPES:
            raise WrongKeyWish(
                "Droit inconnu : « {scope} ». Droits possibles : {known}.",
                field="scopes",
                scope=scope,
                known=tuple(SCOPES),
            )
    if not wanted.scopes:
        raise WrongKeyWish("Donnez au moins un droit à la clé.", field="scopes")
    if not timedelta() < wanted.lasts <= LASTS:
        raise WrongKeyWish("Une clé dure de 1 à {most} jours.", field="lasts", most=LASTS.days)


def _opened(connection: Connection, wanted: WantedKey, now: datetime) -> Partner:
    if "@" not in wanted.email:
        raise WrongKeyWish(
            "Ce partenaire est nouveau : donnez l’adresse e-mail de la personne à prévenir.",
            field="email",
        )
    partner_id = slug(wanted.partner)[:40]
    if not partner_id or load_partner(connection, partner_id) is not None:
        raise WrongKeyWish(
            "Un autre partenaire porte presque ce nom : choisissez-en un autre.", field="partner"
        )
    partner = Partner(partner_id, wanted.partner.strip(), wanted.email.strip(), now)
    save_partner(connection, partner)
    return partner


def _made(connection: Connection, secret: bytes, key: Key, *, by: str, now: datetime) -> MadeKey:
    """Give the key its secret half, and keep it unless two of its name serve already."""
    same = [
        k
        for k in load_keys(connection, key.partner_id)
        if (k.mode, k.label) == (key.mode, key.label) and k.usable(now)
    ]
    if len(same) >= MOST_AT_ONCE:
        raise WrongKeyWish(
            "Deux clés « {label} » servent déjà : révoquez-en une, ou changez de nom.",
            field="label",
            label=key.label,
        )
    half = secrets.token_hex(20)
    save_key(connection, replace(key, digest=_digest(secret, half)))
    audit.append(connection, at=now, actor=by, action="key-created", key=key.id)
    return MadeKey(known_key(connection, key.id), f"aig_{key.mode}_{key.id}_{half}")


def _digest(secret: bytes, half: str) -> str:
    return hmac.digest(secret, half.encode(), "sha256").hex()


def _note_use(engine: Engine, key: Key, day: date) -> None:
    with write(engine) as connection:
        key_used(connection, key.id, day)
