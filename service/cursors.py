"""Cursors that only we can make: signed for one list, so that none is forged nor carried over."""

from __future__ import annotations

import base64
import binascii
import hmac
import json

from service.secret import derived, secret_of
from service.settings import Settings
from service.usecases.browsing import BadCursor

_SIGNED = 12
"""Bytes of the signature: enough that nobody guesses one."""


def signed(settings: Settings, name: str, *parts: str) -> str:
    """The cursor of the list `name` that resumes after these parts."""
    said = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(settings, name, said) + said).decode().rstrip("=")


def opened(settings: Settings, name: str, cursor: str) -> tuple[str, ...]:
    """The parts that `signed` was given for this list."""
    try:
        whole = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        whole = b""
    signature, said = whole[:_SIGNED], whole[_SIGNED:]
    if not hmac.compare_digest(signature, _signature(settings, name, said)):
        raise BadCursor(
            "Curseur illisible : reprenez « next_cursor » d’une page précédente, tel quel.",
            field="cursor",
        )
    return tuple(json.loads(said))


def _signature(settings: Settings, name: str, said: bytes) -> bytes:
    key = derived(secret_of(settings), f"cursor {name}")
    return hmac.digest(key, said, "sha256")[:_SIGNED]
