"""An offer as a plain record (JSON values only) and back, exactly; and the hash of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from operator import attrgetter
from typing import Any

from matching.domain import Offer, Provider, Relay

OFFER_FIELDS = tuple(f.name for f in fields(Offer))

Record = dict[str, Any]

_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    frozenset: sorted,
    tuple: list,
    date: date.isoformat,
    Provider: lambda p: {"id": p.id, "name": p.name},
    Relay: lambda r: {"name": r.name, "offer_id": r.offer_id, "url": r.url},
}
"""How a value that JSON does not know is written; the others are written as they are."""
_VALUE: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("valid_from", "valid_to", "checked_on"), date.fromisoformat),
    **dict.fromkeys(("audiences", "naf_sections", "territories"), frozenset),
    **dict.fromkeys(("temporalities", "need_types", "levers", "conditions"), tuple),
    **dict.fromkeys(("odd", "sources", "expressions"), tuple),
    "provider": lambda facts: Provider(**facts),
    "relay": lambda facts: Relay(**facts),
}
"""How a field that JSON does not hold as it is is read back."""
_all_fields = attrgetter(*OFFER_FIELDS)


def to_record(offer: Offer) -> Record:
    """Every field of an offer as JSON values, in the order of the dataclass."""
    record = dict(zip(OFFER_FIELDS, _all_fields(offer), strict=True))
    for name, value in record.items():
        if (write := _PLAIN.get(type(value))) is not None:
            record[name] = write(value)
    return record


def from_record(record: Mapping[str, Any]) -> Offer:
    """The offer of a record that `to_record` made."""
    values = dict(record)
    for name, read in _VALUE.items():
        if values.get(name) is not None:
            values[name] = read(values[name])
    return Offer(**values)


def content_hash(offer: Offer) -> str:
    """The same for two offers that say the same, 16 hexadecimal digits."""
    return record_hash(to_record(offer))


def record_hash(record: Record) -> str:
    """The content hash of the offer of which this is the whole record."""
    text = json.dumps(record, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]
