"""Signing in through an identity provider: there, and back. See service/oidc.py."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.auth import (
    forget_handshake,
    handshake_of,
    page_after,
    remember,
    remember_handshake,
    session_token,
)
from service.deps import CatalogueDep, NowDep, SettingsDep
from service.oidc import Handshake, IdentityProvider
from service.statuses import see_other
from service.usecases.signing_in import sign_in_verified

router = APIRouter(include_in_schema=False)


@router.get("/connexion/oidc")
def leave(settings: SettingsDep) -> Response:
    handshake = Handshake.new()
    response = see_other(IdentityProvider.of(settings).departure(handshake))
    remember_handshake(response, handshake.written(), settings)
    return response


@router.get("/connexion/oidc/retour")
def come_back(
    request: Request, catalogue: CatalogueDep, settings: SettingsDep, now: NowDep
) -> Response:
    provider = IdentityProvider.of(settings)
    handshake = Handshake.read(handshake_of(request, settings))
    email = provider.email(handshake, request.query_params, now=now)
    previous = session_token(request, settings)
    session = sign_in_verified(catalogue.engine, email, now=now, previous=previous)
    response = see_other(page_after(request, settings))
    remember(response, session, settings)
    forget_handshake(response, settings)
    return response
