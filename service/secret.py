"""The installation's secret, and one key a purpose derived from it."""

from __future__ import annotations

import hmac
import os
import secrets
from contextlib import suppress

from service.settings import Settings

_NAME = "secret"


def secret_of(settings: Settings) -> bytes:
    """The setting, else the file `secret` of the folder, made at first and read by us alone.

    Processes on several machines must be given the same by the setting.
    """
    if said := settings.secret.get_secret_value():
        return said.encode()
    path = settings.folder / _NAME
    if not path.exists():
        # Written aside, then linked: who reads it reads it whole, and the first one stays.
        aside = path.with_name(f"{_NAME}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_hex(32).encode())
        with suppress(FileExistsError):
            path.hardlink_to(aside)
        aside.unlink()
    return path.read_bytes()


def derived(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose: what is learnt of one says nothing of another."""
    return hmac.digest(secret, f"aiguille {purpose}".encode(), "sha256")
