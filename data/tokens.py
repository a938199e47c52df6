"""Secrets handed to people in a link or a cookie: only their SHA-256 is ever stored."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_token() -> str:
    """256 bits that nobody can guess, safe in a URL."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token. It is random and long: a slow hash would protect nothing more."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
