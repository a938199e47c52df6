"""A small honest identity provider over loopback HTTP: real keys, real signatures, PKCE checked."""

from __future__ import annotations

import json
import secrets
import threading
from base64 import b64decode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT, SECRET = "aiguille", "un secret & demi"


@dataclass
class Provider:
    """`says`: claims put in place of the true ones; `told`: what only its user page tells."""

    now: int
    says: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    signs: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1"}))
    shows: ECKey | None = None
    address: str = ""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/entrer",
            "token_endpoint": f"{self.address}/jeton",
            "userinfo_endpoint": f"{self.address}/moi",
            "jwks_uri": f"{self.address}/cles",
            **self.published,
        }

    def entered(self, query: dict[str, str]) -> str:
        """The person has proved who they are: where the browser is sent."""
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.asked[code] = query
        back = {"code": code, "state": query["state"], "iss": self.address}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """A token for a code, once, to the client that knows its secret and the verifier."""
        given = b64decode(authorization.removeprefix("Basic ")).decode()
        if [unquote(part) for part in given.split(":")] != [CLIENT, SECRET]:
            return {"error": "invalid_client"}
        query = self.asked.pop(form["code"], {})
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if challenge.decode().rstrip("=") != query.get("code_challenge"):
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "42",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": query["nonce"],
            "email": "lea@exemple.org",
            "email_verified": True,
        }
        claims = {k: v for k, v in {**claims, **self.says}.items() if v is not None}
        signed = jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.signs)
        return {"access_token": "acces", "token_type": "Bearer", "id_token": signed}


@contextmanager
def identity_provider(now: int):
    """A provider that listens while the test lasts."""
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def _json(self, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(400 if "error" in value else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/entrer":
                self.send_response(302)
                query = {k: v[0] for k, v in parse_qs(url.query).items()}
                self.send_header("Location", provider.entered(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif url.path == "/cles":
                key = provider.shows or provider.signs
                self._json({"keys": [key.as_dict(private=False)]})
            elif url.path == "/moi":
                assert self.headers["Authorization"] == "Bearer acces"
                self._json({"sub": "42", **provider.told})
            else:
                self._json(provider.metadata())

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {k: v[0] for k, v in parse_qs(form).items()}
            self._json(provider.token(fields, self.headers.get("Authorization", "")))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
