"""Which partner calls: its key, what the key allows, and the database that it sees."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from sqlalchemy import Engine

from data.engine import migrate, open_engine
from data.store_partners import Key
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.rates import count_call
from service.secret import derived, secret_of
from service.settings import Settings
from service.usecases.keys import SCOPES, TEST, WrongKey, recognised
from service.usecases.sandbox import seed

KEYS = "keys"
"""The purpose of the secret that digests keys."""

_bearer = HTTPBearer(
    auto_error=False, bearerFormat="aig_live_… ou aig_test_…", description="Clé d’un partenaire"
)


class KeyNeeded(AiguilleError):
    """The route is for partners."""

    def __init__(self) -> None:
        super().__init__("Cette adresse demande une clé : en-tête « Authorization: Bearer aig_… ».")


class ScopeMissing(AiguilleError):
    """The key does not allow it."""

    def __init__(self, scope: str) -> None:
        super().__init__(
            "Cette clé n’a pas le droit « {scope} » : demandez à l’administrateur de l’y ajouter.",
            scope=scope,
        )


class TestKeyNeeded(AiguilleError):
    """The route is for the sandbox."""

    def __init__(self) -> None:
        super().__init__("Cette adresse ne sert qu’au bac à sable : prenez une clé « aig_test_… ».")


class Sandbox:
    """The database that test keys see, made the first time one is used.

    A partner finds a few needs there, the first time it looks.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._seeded: set[str] = set()
        self._lock = threading.Lock()

    def of(self, partner_id: str, catalogue: Catalogue, now: datetime) -> Catalogue:
        """The catalogue, over the sandbox's database."""
        with self._lock:
            found = replace(catalogue, engine=self._opened())
            if partner_id not in self._seeded:
                seed(found, partner_id, now=now, link_days=self._settings.link_days)
                self._seeded.add(partner_id)
        return found

    def if_made(self) -> Engine | None:
        """Its database; None as long as no test key was used here."""
        file = self._settings.sandbox_file
        if file is not None and not file.exists():
            return None
        with self._lock:
            return self._opened()

    def _opened(self) -> Engine:
        if self._engine is None:
            engine = open_engine(self._settings.sandbox, connections=self._settings.connections)
            migrate(engine)
            self._engine = engine
        return self._engine


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner, by its key. `catalogue` is over the database of its mode: never the other's."""

    key: Key
    catalogue: Catalogue

    @property
    def partner_id(self) -> str:
        return self.key.partner_id

    @property
    def is_test(self) -> bool:
        return self.key.mode == TEST


def called_with(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep
) -> Key | None:
    """The key that came with the request; None without any; a wrong one is refused.

    The call is counted, whichever: for the key, if it is a good one.
    """
    try:
        return _key(request, catalogue, settings, now)
    finally:
        count_call(request)


def _key(request: Request, catalogue: Catalogue, settings: Settings, now: datetime) -> Key | None:
    said = request.headers.get("authorization")
    if said is None:
        return None
    scheme, clear = get_authorization_scheme_param(said)
    if scheme.lower() != "bearer":
        raise WrongKey
    secret = derived(secret_of(settings), KEYS)
    key = recognised(catalogue.engine, secret, clear, now=now)
    request.state.key_id = key.id
    return key


def caller(
    request: Request,
    catalogue: CatalogueDep,
    now: NowDep,
    key: Annotated[Key | None, Depends(called_with)],
    _: Annotated[object, Security(_bearer)],
) -> Caller | None:
    """The partner whose key came with the request; None without any."""
    if key is None:
        return None
    if key.mode == TEST:
        sandbox: Sandbox = request.app.state.sandbox
        catalogue = sandbox.of(key.partner_id, catalogue, now)
    return Caller(key, catalogue)


AnyCallerDep = Annotated[Caller | None, Depends(caller)]
"""A partner, or anybody."""


ANYBODY: dict[str, Any] = {"security": [{}]}
"""`openapi_extra` of a route that goes without a key too."""


def known_caller(found: AnyCallerDep) -> Caller:
    """The partner whose key came, whatever it allows."""
    if found is None:
        raise KeyNeeded
    return found


def partner(scope: str) -> Callable[[Caller], Caller]:
    """A dependency: the partner whose key has the scope."""
    if scope not in SCOPES:
        raise KeyError(f"« {scope} » : attendu {', '.join(SCOPES)}")

    def allowed(found: Annotated[Caller, Depends(known_caller)]) -> Caller:
        if scope not in found.key.scopes:
            raise ScopeMissing(scope)
        return found

    return allowed
