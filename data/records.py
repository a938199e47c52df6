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

_DAYS = ("valid_from", "valid_to", "checked_on")
_SETS = ("audiences", "naf_sections", "territories")
_LISTS = ("temporalities", "need_types", "levers", "conditions", "odd", "sources", "expressions")
_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_DAYS, date.isoformat),
    **dict.fromkeys(_SETS, sorted),
    **dict.fromkeys(_LISTS, list),
    "provider": lambda p: {"id": p.id, "name": p.name},
    "relay": lambda r: {"name": r.name, "offer_id": r.offer_id, "url": r.url},
}
"""How a field that JSON does not hold as it is is written."""
_VALUE: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_DAYS, date.fromisoformat),
    **dict.fromkeys(_SETS, frozenset),
    **dict.fromkeys(_LISTS, tuple),
    "provider": lambda facts: Provider(**facts),
    "relay": lambda facts: Relay(**facts),
}
"""How it is read back."""
_all_fields = attrgetter(*OFFER_FIELDS)


def to_record(offer: Offer) -> Record:
    """Every field of an offer as JSON values, in the order of the dataclass."""
    record = dict(zip(OFFER_FIELDS, _all_fields(offer), strict=True))
    for name, write in _PLAIN.items():
        if record[name] is not None:
            record[name] = write(record[name])
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
