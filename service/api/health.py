"""Is the process alive, is it ready, and what has it been doing."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from data.engine import read
from service.catalogue import Catalogue
from service.schemas.problems import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> Health:
    """Le processus répond."""
    return Health(status="ok")


@router.get("/ready", responses={503: {"model": Readiness, "description": "Pas encore prêt"}})
def ready(request: Request, response: Response) -> Readiness:
    """La base répond et l’index est chargé ; sinon 503, avec ce qui manque."""
    catalogue: Catalogue = request.app.state.catalogue
    parts = {"database": _database(catalogue), "index": "ok"}
    is_ready = set(parts.values()) == {"ok"}
    response.status_code = 200 if is_ready else 503
    return Readiness(status="ready" if is_ready else "unready", parts=parts)


def _database(catalogue: Catalogue) -> str:
    try:
        with read(catalogue.engine) as connection:
            connection.execute(text("select 1"))
    except SQLAlchemyError as error:
        return type(error).__name__
    return "ok"


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
