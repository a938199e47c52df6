"""Signing in through an identity provider: OpenID Connect's code flow, with PKCE.

authlib speaks OAuth, joserfc checks the signed identity; both are imported only when a provider
is set. What the flow must remember goes in a cookie of the browser that began it.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from math import inf
from time import monotonic
from typing import Any

import structlog

from matching.errors import AiguilleError
from service.settings import Settings
from service.typography import marked

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures by a key pair: "none" and shared secrets are refused."""
SCOPE = "openid email"
_SECONDS = 10
_LEEWAY = 60
"""Seconds by which the provider's clock may differ from ours."""
_ASKED_EVERY_S = 60


class NoProvider(AiguilleError):
    """No identity provider is set."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "La connexion par un fournisseur d’identité n’est pas réglée ici : demandez un "
                "lien."
            )
        )


class ProviderRefused(AiguilleError):
    """The provider said no, or what it said does not hold. `reason` is for the log, in English."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            marked(
                "Le fournisseur d’identité ne nous a pas confirmé votre adresse : recommencez, ou "
                "demandez un lien de connexion."
            )
        )
        structlog.get_logger("aiguille.oidc").warning("refused", reason=reason)


@dataclass(frozen=True, slots=True)
class Handshake:
    """What ties the return to the departure: in the browser's cookie alone."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Handshake:
        return cls(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))

    @classmethod
    def read(cls, text: str) -> Handshake:
        try:
            return cls(**{name: str(value) for name, value in json.loads(text).items()})
        except (ValueError, TypeError, AttributeError):
            raise ProviderRefused("no handshake in this browser") from None

    def written(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class IdentityProvider:
    """The provider of the settings; each sign-in reads anew what it publishes of itself."""

    issuer: str
    client_id: str
    client_secret: str
    back: str
    """Our address to which it sends the browser back."""

    @classmethod
    def of(cls, settings: Settings) -> IdentityProvider:
        if not settings.oidc_issuer:
            raise NoProvider
        return cls(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret.get_secret_value(),
            f"{settings.public_url.rstrip('/')}/connexion/oidc/retour",
        )

    def departure(self, handshake: Handshake) -> str:
        """The address of the provider where the person proves who they are."""
        url, _ = self._client.create_authorization_url(
            self._published("authorization_endpoint"),
            state=handshake.state,
            nonce=handshake.nonce,
            code_verifier=handshake.verifier,
        )
        return str(url)

    def email(self, handshake: Handshake, said: Mapping[str, str], *, now: datetime) -> str:
        """The verified address of who comes back; `said` are the parameters of the return."""
        if not hmac.compare_digest(said.get("state", "").encode(), handshake.state.encode()):
            raise ProviderRefused("state differs")
        if said.get("iss", self.issuer) != self.issuer:
            raise ProviderRefused("another issuer")
        if "code" not in said:
            raise ProviderRefused(f"no code: {said.get('error', 'no error either')[:40]}")
        token = self._token(said["code"], handshake.verifier)
        claims = self._claims(str(token.get("id_token", "")), handshake.nonce, now)
        if "email" not in claims and {"userinfo_endpoint", "access_token"} <= {
            *self._metadata,
            *token,
        }:
            told = self._get(self._published("userinfo_endpoint"), token["access_token"])
            claims = {**told, **claims} if told.get("sub") == claims["sub"] else claims
        if claims.get("email_verified") is not True or not claims.get("email"):
            raise ProviderRefused("no verified email")
        return str(claims["email"])

    def answers(self) -> bool:
        """Does it say what it publishes of itself?"""
        try:
            return bool(self._metadata)
        except ProviderRefused:
            return False

    def _token(self, code: str, verifier: str) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        endpoint = self._published("token_endpoint")
        try:
            token = self._client.fetch_token(endpoint, code=code, code_verifier=verifier)
        except (AuthlibBaseError, HTTPError, ValueError) as error:
            raise ProviderRefused(f"no token: {type(error).__name__}") from error
        return dict(token)

    def _claims(self, id_token: str, nonce: str, now: datetime) -> dict[str, Any]:
        """What the signed identity says, once its signature, audience, dates and nonce hold."""
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            keys = KeySet.import_key_set(self._get(self._published("jwks_uri")))  # type: ignore[arg-type]
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise ProviderRefused(f"identity: {type(error).__name__}") from error
        if claims.get("azp", self.client_id) != self.client_id:
            raise ProviderRefused("identity meant for another client")
        return claims

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        found = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderRefused("the issuer calls itself otherwise")
        return found

    def _published(self, name: str) -> str:
        """An address that the provider publishes, as safe as that of the provider itself."""
        url = str(self._metadata.get(name, ""))
        if not url.startswith("https://" if self.issuer.startswith("https://") else "http"):
            raise ProviderRefused(f"{name} is missing, or not over TLS")
        return url

    def _get(self, url: str, bearer: str = "") -> dict[str, Any]:
        import httpx

        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            response = httpx.get(url, headers=headers, timeout=_SECONDS).raise_for_status()
            return dict(response.json())
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise ProviderRefused(f"unreadable: {type(error).__name__}") from error

    @cached_property
    def _client(self) -> Any:
        from authlib.integrations.httpx_client import OAuth2Client

        methods = self._metadata.get("token_endpoint_auth_methods_supported", [])
        basic = not methods or "client_secret_basic" in methods
        return OAuth2Client(
            self.client_id,
            self.client_secret,
            scope=SCOPE,
            redirect_uri=self.back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            timeout=_SECONDS,
        )


class IdentityWatch:
    """Whether the identity provider answers, if there is one: asked beside, once a minute at most,
    so that who wants to know never waits for it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._said = "unknown"
        self._again = -inf

    def parts(self) -> Mapping[str, str]:
        """What was last known: "ok", "unreachable", or "unknown" at first."""
        if not self._settings.oidc_issuer:
            return {}
        if monotonic() >= self._again:
            self._again = monotonic() + _ASKED_EVERY_S
            threading.Thread(target=self._ask, name="identity", daemon=True).start()
        return {"identity": self._said}

    def _ask(self) -> None:
        answers = IdentityProvider.of(self._settings).answers()
        self._said = "ok" if answers else "unreachable"
