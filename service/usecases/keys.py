"""Partners and their keys: opened, turned over, revoked, and recognised.

A key reads `aig_live_<id>_<secret>`. The id may be shown; of the secret we keep an HMAC alone, so
that neither the database nor a copy of it opens anything.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from sqlalchemy import Connection, Engine

from data import audit
from data.engine import read, write
from data.store_partners import (
    Key,
    Partner,
    change_origins,
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
from service.schemas.contact_in import is_email
from service.typography import marked
from service.usecases.origins import exact_origins

Mode = Literal["live", "test"]
LIVE: Mode = "live"
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
OVERLAP, LONGEST_OVERLAP = timedelta(days=7), timedelta(days=30)
"""How long the old key still opens after it was turned over: unless told otherwise, at most."""
LONGEST_NAME, LONGEST_LABEL = 120, 80
MOST_AT_ONCE = 2
"""Usable keys of one label: the one in service and the one that takes over."""

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
        known = partner_named(connection, wanted.partner.strip())
        partner = known or _opened(connection, wanted, now)
        return _made(
            connection,
            secret,
            Key(
                id=secrets.token_hex(6),
                partner_id=partner.id,
                label=wanted.label.strip(),
                mode=wanted.mode,
                scopes=tuple(s for s in SCOPES if s in wanted.scopes),
                origins=exact_origins(wanted.origins),
                digest="",
                created_at=now,
                expires_at=now + wanted.lasts,
            ),
            by=by,
            now=now,
        )


def turn_over(
    engine: Engine,
    secret: bytes,
    key_id: str,
    *,
    by: str,
    now: datetime,
    overlap: timedelta = OVERLAP,
) -> MadeKey:
    """A key like that one, which still opens for `overlap`: time to change it where it serves."""
    if not timedelta() < overlap <= LONGEST_OVERLAP:
        raise WrongKeyWish(
            "L’ancienne clé sert encore de 1 à {most} jours.",
            field="overlap",
            most=LONGEST_OVERLAP.days,
        )
    with write(engine) as connection:
        old = _usable_key(connection, key_id, now)
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
            revoke_key(connection, old.id, now + overlap)
    return made


def allow_origins(
    engine: Engine, key_id: str, origins: Sequence[str], *, by: str, now: datetime
) -> None:
    """From now on these pages, and no others, may hold the widget of the key."""
    exact = exact_origins(origins)
    with write(engine) as connection:
        key = _usable_key(connection, key_id, now)
        if exact != key.origins:
            change_origins(connection, key_id, exact)
            action, changed = "key-origins-changed", [list(key.origins), list(exact)]
            audit.append(connection, at=now, actor=by, action=action, key=key_id, origins=changed)


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


def _usable_key(connection: Connection, key_id: str, now: datetime) -> Key:
    key = known_key(connection, key_id)
    if not key.usable(now):
        raise WrongKeyWish("Cette clé n’ouvre plus rien : créez-en une nouvelle.", field="key_id")
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


def _checked(wanted: WantedKey) -> None:
    if not 0 < len(wanted.partner.strip()) <= LONGEST_NAME or not wanted.partner.isprintable():
        raise WrongKeyWish(
            "Donnez le nom du partenaire, en {most} caractères au plus.",
            field="partner",
            most=LONGEST_NAME,
        )
    if not 0 < len(wanted.label.strip()) <= LONGEST_LABEL or not wanted.label.isprintable():
        raise WrongKeyWish(
            "Dites à quoi sert la clé, en {most} caractères au plus.",
            field="label",
            most=LONGEST_LABEL,
        )
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
    email = wanted.email.strip()
    if not is_email(email):
        raise WrongKeyWish(
            "Ce partenaire est nouveau : donnez l’adresse e-mail de la personne à prévenir, comme "
            "nom@exemple.fr.",
            field="email",
        )
    partner_id = slug(wanted.partner)[:40]
    if not partner_id or load_partner(connection, partner_id) is not None:
        raise WrongKeyWish(
            "Un autre partenaire porte presque ce nom : choisissez-en un autre.", field="partner"
        )
    partner = Partner(partner_id, wanted.partner.strip(), email, now)
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
