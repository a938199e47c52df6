"""An offer as a plain record (JSON values only) and back, exactly; and the hash of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import Any

from matching.domain import Offer, Provider, Relay

_DATES = frozenset({"valid_from", "valid_to", "checked_on"})
_SETS = frozenset({"audiences", "naf_sections", "territories"})
_TUPLES = frozenset({"temporalities", "need_types", "levers", "odd", "sources", "expressions"})
OFFER_FIELDS = tuple(f.name for f in fields(Offer))

Record = dict[str, Any]


def to_record(offer: Offer) -> Record:
    """Every field of an offer as JSON values, in the order of the dataclass."""
    return {name: _plain(getattr(offer, name)) for name in OFFER_FIELDS}


def from_record(record: Mapping[str, Any]) -> Offer:
    """The offer of a record that `to_record` made."""
    return Offer(**{name: _value(name, record[name]) for name in record})


def content_hash(offer: Offer) -> str:
    """The same for two offers that say the same, 16 hexadecimal digits."""
    text = json.dumps(to_record(offer), ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]


def _plain(value: object) -> object:
    match value:
        case frozenset():
            return sorted(value)
        case tuple():
            return list(value)
        case date():
            return value.isoformat()
        case Provider():
            return {"id": value.id, "name": value.name}
        case Relay():
            return {"name": value.name, "offer_id": value.offer_id, "url": value.url}
    return value


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _DATES:
        return date.fromisoformat(value)
    if name in _SETS:
        return frozenset(value)
    if name in _TUPLES:
        return tuple(value)
    if name == "provider":
        return Provider(**value)
    return Relay(**value) if name == "relay" else value
