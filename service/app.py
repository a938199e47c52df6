"""The web application: API v1, pages, health."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.resources import files

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.gzip import GZipMiddleware

from service.api import (
    answers,
    events,
    health,
    keys,
    matching,
    need_moves,
    needs,
    offers,
    reference,
    sandbox,
    webhooks,
)
from service.auth import csrf
from service.caching import Fresh
from service.callers import Sandbox, called_with
from service.catalogue import Catalogue, open_catalogue
from service.crowds import Crowd
from service.errors import responses
from service.failures import install
from service.middleware import Answered, BodyLimit, Observed, SameOrigin, Utf8
from service.oidc import IdentityWatch
from service.openapi import describe
from service.pages import (
    accounts,
    desk,
    desk_need,
    erasing,
    feeds,
    following,
    gaps,
    inventory,
    need_edit,
    need_form,
    oidc,
    open_data,
    own_account,
    partners,
    privacy,
    problems,
    public_gaps,
    replying,
    results,
    sending,
    signing_in,
    takeaway,
    widget,
)
from service.pages import catalogue as catalogue_desk
from service.pages.rendering import GLOBALS
from service.rates import Counter, writing_counted
from service.retiring import DEPRECATED, Retiring
from service.settings import Settings
from service.static_files import KeptFiles
from service.triage.roles import may

VERSION = "0.1.0"

PUBLIC_PAGES = (
    need_form,
    results,
    takeaway,
    need_edit,
    sending,
    following,
    erasing,
    replying,
    inventory,
    open_data,
    widget,
    public_gaps,
    oidc,
    signing_in,
    privacy,
    problems,
)
DESK_PAGES = (accounts, partners, own_account, desk, desk_need, catalogue_desk, feeds, gaps)


def _name(route: APIRoute) -> str:
    """What clients that are made from the description call an operation."""
    return route.name


@asynccontextmanager
async def _threads(count: int, _: FastAPI) -> AsyncIterator[None]:
    """As many threads as connections: none that has its turn waits for one.

    A crowd takes those of the settings; a few are left for who asks how the process is.
    """
    current_default_thread_limiter().total_tokens = count
    yield


def create_app(settings: Settings, catalogue: Catalogue | None = None) -> FastAPI:
    """The application over an open catalogue (opened from the settings unless it is given)."""
    app = FastAPI(
        title="Aiguille",
        version=VERSION,
        summary="Du besoin de terrain aux appuis qui existent",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        lifespan=partial(_threads, settings.connections),
    )
    app.state.settings = settings
    app.state.catalogue = catalogue or open_catalogue(settings)
    app.state.sandbox = Sandbox(settings)
    app.state.identity = IdentityWatch(settings)
    app.state.counter = Counter(settings.rates)
    GLOBALS.update(csrf=csrf, may=may)
    # The names of places are read once: now, rather than while somebody types the first.
    app.state.catalogue.gazetteer.complete("Paris")
    known = responses(401, 429)
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(called_with)], responses=known)
    for part in (
        matching,
        need_moves,
        needs,
        answers,
        offers,
        reference,
        keys,
        sandbox,
        webhooks,
    ):
        v1.include_router(part.router)
    app.include_router(v1)
    events.describe(app)
    app.include_router(health.router)
    for page in PUBLIC_PAGES:
        app.include_router(page.router, dependencies=[Depends(writing_counted)])
    for page in DESK_PAGES:
        app.include_router(page.router)
    app.mount("/static", KeptFiles(directory=str(files("service").joinpath("static"))))
    install(app)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=6)
    app.add_middleware(Fresh)
    app.add_middleware(Retiring, table=DEPRECATED)
    app.add_middleware(BodyLimit, most_bytes=settings.max_body_bytes)
    app.add_middleware(Utf8)
    app.add_middleware(SameOrigin, public_url=settings.public_url)
    app.add_middleware(Crowd, threads=settings.threads, most=settings.under_way)
    app.add_middleware(Answered)
    app.add_middleware(Observed, https=settings.https)
    describe(app)
    return app
