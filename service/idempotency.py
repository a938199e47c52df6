"""Idempotency-Key: who sends a creation again, unsure that it arrived, creates nothing more.

A route that creates says so twice: its router has `route_class=Once`, and it has
`dependencies=[ONCE]`. The key is taken before the route runs and, once it has answered, keeps what
was answered for `KEPT`: the same body gets it again. What failed or was refused frees the key.

What was answered is sealed with the key itself, of which only a digest is kept: at rest, nobody
reads a need's words in it, nor a secret that is shown once.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from cryptography.fernet import Fernet
from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from data.engine import write
from data.store_idempotency import (
    free_claim,
    load_claimed,
    save_answered,
    save_claim,
)
from matching.errors import AiguilleError
from service.callers import AnyCallerDep
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.secret import derived, secret_of
from service.usecases.answering import ErasedNeed

KEPT = timedelta(hours=48)
"""How long a key is kept."""
LEASE = timedelta(minutes=1)
"""After how long a key that was taken and never answered is free: its process died."""
_NEEDS = "/v1/needs/"
_KEPT_HEADERS = ("content-type", "location", "etag")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Choisie par vous, une par création (un UUID) : renvoyée avec le même corps "
        "dans les 48 heures, la demande ne crée rien de plus et reçoit la même réponse.",
    ),
]


class KeyReused(AiguilleError):
    """The key served for something else."""

    def __init__(self) -> None:
        super().__init__(
            "Cette Idempotency-Key a déjà servi pour un autre corps : prenez-en une nouvelle pour "
            "une nouvelle demande.",
            field="Idempotency-Key",
        )


class UnderWay(AiguilleError):
    """The same request is being answered; `wait_s`: seconds before it may be sent again."""

    wait_s = 1

    def __init__(self) -> None:
        super().__init__(
            "La même demande est en cours sous cette Idempotency-Key : recommencez dans un instant."
        )


class _Answered(Exception):
    """Not an error: the request was answered before."""

    def __init__(self, response: Response) -> None:
        self.response = response


@dataclass(frozen=True, slots=True)
class Claim:
    """A key taken by a request; `seal` hides what is answered."""

    engine: Engine
    id: str
    seal: Fernet

    def keep(self, response: Response, need_id: str | None) -> None:
        headers = {n: v for n, v in response.headers.items() if n in _KEPT_HEADERS}
        body = self.seal.encrypt(bytes(response.body))
        with write(self.engine) as connection:
            save_answered(connection, self.id, response.status_code, headers, body, need_id)

    def free(self) -> None:
        with write(self.engine) as connection:
            free_claim(connection, self.id)


async def _body(request: Request) -> bytes:
    return await request.body()


def _claimed(
    request: Request,
    who: AnyCallerDep,
    catalogue: CatalogueDep,
    settings: SettingsDep,
    now: NowDep,
    body: Annotated[bytes, Depends(_body)],
    key: IdempotencyKey = None,
) -> None:
    """Take the key that came, or answer as before."""
    if key is None:
        return
    secret = derived(secret_of(settings), "idempotency")
    address = request.client.host if request.client else ""
    by = f"address {address}" if who is None else f"partner {who.partner_id}"
    scope = "\n".join((by, request.method, request.url.path, key)).encode()
    engine = catalogue.engine if who is None else who.catalogue.engine
    seal = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"seal\n" + scope, "sha256")))
    claim = Claim(engine, secrets.token_hex(16), seal)
    answered = _take(
        claim,
        digest=hmac.digest(secret, b"key\n" + scope, "sha256").hex(),
        fingerprint=hmac.digest(secret, b"body\n" + body, "sha256").hex(),
        now=now,
    )
    if answered is not None:
        raise _Answered(answered)
    request.state.claim = claim


ONCE = Depends(_claimed)
"""Of a route that creates, in a router of `Once` routes."""


def _take(claim: Claim, *, digest: str, fingerprint: str, now: datetime) -> Response | None:
    """What was answered under this key; None when it was free, and is the claim's from now on."""
    with write(claim.engine) as connection:
        found = load_claimed(connection, digest)
        age = timedelta.max if found is None else _naive(now) - found.claimed_at
        if found is None or age > (LEASE if found.status is None else KEPT):
            save_claim(connection, digest, fingerprint, claim.id, now)
            return None
    if found.fingerprint != fingerprint:
        raise KeyReused
    if found.status is None:
        raise UnderWay
    if found.body is None:
        raise ErasedNeed("Ce que cette demande avait créé a été effacé : rien n’est recréé.")
    headers = {**(found.headers or {}), "Idempotency-Replayed": "true"}
    return Response(claim.seal.decrypt(found.body), found.status, headers)


def _naive(moment: datetime) -> datetime:
    """In UTC without its zone, as the store keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class Once(APIRoute):
    """A route that may be asked for again under the same key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return partial(_once, super().get_route_handler())


async def _once(
    handle: Callable[[Request], Coroutine[Any, Any, Response]], request: Request
) -> Response:
    try:
        response = await handle(request)
    except _Answered as before:
        return before.response
    except Exception:
        # Refused or failed: nothing was done, and the key may serve once it is put right.
        if claim := _claim_of(request):
            await run_in_threadpool(claim.free)
        raise
    if claim := _claim_of(request):
        await run_in_threadpool(claim.keep, response, _need_of(request, response))
    return response


def _claim_of(request: Request) -> Claim | None:
    return getattr(request.state, "claim", None)


def _need_of(request: Request, response: Response) -> str | None:
    """The need that the answer tells of, with which it must go."""
    made = response.headers.get("location", "")
    named: str | None = request.path_params.get("need_id")
    return named or (made.removeprefix(_NEEDS) if made.startswith(_NEEDS) else None)
