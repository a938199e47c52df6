"""GET /v1/key: what the key that calls may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from service.callers import Caller, known_caller
from service.errors import responses
from service.schemas.keys import KeyOut

router = APIRouter(tags=["keys"])


@router.get("/key", responses=responses(401))
def read_key(who: Annotated[Caller, Depends(known_caller)]) -> KeyOut:
    """La clé qui appelle : son partenaire, son mode, ses droits, son échéance."""
    key = who.key
    return KeyOut(
        id=key.id,
        partner=key.partner_id,
        label=key.label,
        mode=key.mode,
        scopes=list(key.scopes),
        origins=list(key.origins),
        expires_at=key.ends_at,
        used_on=key.used_on,
    )
