"""Is the process alive, is it ready, and what has it been doing."""

from __future__ import annotations

import hmac
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from data.engine import read
from data.outbox import backlog, unsent
from data.store_deliveries import unanswering
from matching.errors import AiguilleError
from service.addresses import of_this_machine
from service.catalogue import Catalogue
from service.deps import NowDep, SettingsDep
from service.schemas.problems import Health, MailBacklog, Readiness
from service.statuses import NOT_NOW, OK

router = APIRouter(tags=["health"])

_NEEDED = ("database", "index")
"""Without which nothing can be served."""
_RELAYED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

_OUTBOX = {
    "pending": "Rows not done, that will be tried",
    "late": "Rows due now",
    "given_up": "Rows tried for days, in vain",
}
"""The figures of the outbox, by field of `Backlog`."""


@router.get("/health")
async def health() -> Health:
    """Le processus répond, même quand tous ses fils sont pris."""
    return Health(status="ok")


@router.get("/ready", responses={NOT_NOW: {"model": Readiness, "description": "Pas encore prêt"}})
def ready(request: Request, response: Response, now: NowDep) -> Readiness:
    """La base répond et l’index est chargé ; sinon 503, avec ce qui manque.

    `parts` nomme aussi ce qui est en panne chez d’autres (courrier, webhooks, fournisseur
    d’identité) et `mail` dit le courrier en attente : rien de cela n’empêche de servir.
    """
    catalogue: Catalogue = request.app.state.catalogue
    parts, mail = {"database": "ok", "index": "ok"}, None
    try:
        with read(catalogue.engine) as connection:
            mail = MailBacklog(**asdict(backlog(connection, now)))
            parts["mail"] = unsent(connection) or "ok"
            parts["webhooks"] = _told(unanswering(connection))
    except SQLAlchemyError as error:
        parts["database"] = type(error).__name__
    parts |= request.app.state.identity.parts()
    is_ready = all(parts[name] == "ok" for name in _NEEDED)
    response.status_code = OK if is_ready else NOT_NOW
    return Readiness(status="ready" if is_ready else "unready", parts=parts, mail=mail)


def _told(unanswering_webhooks: int) -> str:
    return f"{unanswering_webhooks} unanswering" if unanswering_webhooks else "ok"


def _outbox(catalogue: Catalogue, now: datetime) -> CollectorRegistry:
    """What waits in the outbox; nothing, rather than what waited once, of a database that is down.

    A registry of its own: a gauge of the process would keep its last value.
    """
    registry = CollectorRegistry()
    with suppress(SQLAlchemyError), read(catalogue.engine) as connection:
        found = asdict(backlog(connection, now))
        for name, told in _OUTBOX.items():
            Gauge(f"aiguille_outbox_{name}", told, registry=registry).set(found[name])
    return registry


class TokenNeeded(AiguilleError):
    """The measures are for who has their token."""

    def __init__(self) -> None:
        super().__init__(
            "Cette adresse demande le jeton des mesures : en-tête « Authorization: Bearer … »."
        )


class NotFromHere(AiguilleError):
    """The measures are for this machine alone: for others, there are none."""

    def __init__(self) -> None:
        super().__init__("Aucune page à cette adresse.")


def _may_measure(request: Request, settings: SettingsDep) -> None:
    token = settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise TokenNeeded
    elif not _asked_here(request):
        raise NotFromHere


def _asked_here(request: Request) -> bool:
    """Did this machine itself ask? A proxy on it asks for others, and mostly says so."""
    relayed = any(name in request.headers for name in _RELAYED)
    return request.client is not None and not relayed and of_this_machine(request.client.host)


@router.get("/metrics", include_in_schema=False, dependencies=[Depends(_may_measure)])
def metrics(request: Request, now: NowDep) -> Response:
    outbox = _outbox(request.app.state.catalogue, now)
    return Response(generate_latest() + generate_latest(outbox), media_type=CONTENT_TYPE_LATEST)
