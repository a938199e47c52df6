"""What partners are told of: which lines of the audit log are events, and what each says.

An event holds ids, states, times and codes: never anybody's words nor contact.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.audit import Line
from service.days import instant

EVENTS: Mapping[str, str] = {
    "qualified": "need.qualified",
    "accepted": "need.matched",
    "added": "need.matched",
    "rematched": "need.matched",
    "transmitted": "need.transmitted",
    "provider-accepted": "need.answered",
    "provider-refused": "need.answered",
    "provider-not-yet": "need.answered",
    "closed": "need.closed",
    "merged": "need.closed",
    "expired": "need.closed",
    "erased": "need.closed",
    "offers-imported": "offer.changed",
    "offer-edited": "offer.changed",
    "offer-merged": "offer.changed",
    "offer-parted": "offer.changed",
    "gap-opened": "gap.opened",
}
"""Action of the audit log -> type of the event that it is."""

TYPES = tuple(dict.fromkeys(EVENTS.values()))
PING = "ping"
"""The type of an event that tells of nothing: it tries whether events arrive."""

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """`need_id` is None when it concerns no need: it is then for whoever asks for its type."""

    id: str
    type: str
    at: datetime
    need_id: str | None = None
    data: Data = field(default_factory=dict)

    def body(self) -> str:
        """As it is sent, and signed: JSON in the form of Standard Webhooks."""
        at = instant(self.at).astimezone(UTC).isoformat(timespec="milliseconds")
        told = {"type": self.type, "timestamp": at.replace("+00:00", "Z"), "data": self.data}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def event_of(line: Line) -> Event:
    """The event that a line is; its id is the same each time it is asked for."""
    kind = EVENTS[line.action]
    return Event(f"evt_{line.hash[:24]}", kind, line.at, line.need_id, _SAYS[kind](line))


def _qualified(line: Line) -> Data:
    return {"state": _after(line)["state"]}


def _matched(line: Line) -> Data:
    detail = line.detail
    return {"offers": detail["offers"] if "offers" in detail else [detail["offer"]]}


def _transmitted(line: Line) -> Data:
    return {"offer": line.detail["offer"]}


def _answered(line: Line) -> Data:
    detail = line.detail
    return {
        "offer": detail["offer"],
        "answer": line.action.removeprefix("provider-"),
        "reason": detail.get("reason"),
        "contact_on": detail.get("contact_on"),
    }


def _closed(line: Line) -> Data:
    after = _after(line)
    return {"state": after.get("state", line.action), "outcome": after.get("outcome")}


def _offers(line: Line) -> Data:
    edited = [line.detail["offer"]] if "offer" in line.detail else []
    found = {"created": [], "updated": edited, "withdrawn": []}
    return {change: line.detail.get(change, offers) for change, offers in found.items()}


def _gap(line: Line) -> Data:
    return {name: line.detail[name] for name in ("territory", "need_type")}


def _after(line: Line) -> Mapping[str, Any]:
    found: Mapping[str, Any] = line.detail.get("after", {})
    return found


_SAYS: Mapping[str, Callable[[Line], Data]] = {
    "need.qualified": _qualified,
    "need.matched": _matched,
    "need.transmitted": _transmitted,
    "need.answered": _answered,
    "need.closed": _closed,
    "offer.changed": _offers,
    "gap.opened": _gap,
}
"""Type -> what an event of it says."""
