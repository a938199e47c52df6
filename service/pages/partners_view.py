"""Partners, their keys and webhooks, as administrators read them: words and days, no code alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from data.store_deliveries import MOST_TRIES, Delivery
from data.store_partners import Key, Partner
from service.days import day_of
from service.posting import took
from service.triage.partners import (
    FAULTS,
    HOOK_STANDINGS,
    KEY_STANDINGS,
    OURS,
    HookStanding,
    KeyStanding,
    hook_standing,
    key_standing,
)
from service.typography import Say, marked
from service.usecases.keys import LASTS, LIVE, LONGEST_OVERLAP, OVERLAP, SCOPES, TEST
from service.usecases.partners import Hook, Known
from service.wording import Wording
from service.wording_desk import moment

MODES: Mapping[str, str] = {TEST: marked("Bac à sable"), LIVE: marked("Production")}
TONES: Mapping[KeyStanding | HookStanding, str] = {
    "serving": "good",
    "alive": "good",
    "ending": "warn",
    "replaced": "warn",
    "paused": "warn",
    "failing": "bad",
    "disabled": "bad",
}
"""How a standing is shown, when not plainly."""
_DELIVERIES: Mapping[str, str] = {
    "delivered": marked("Reçu"),
    "pending": marked("À envoyer"),
    "failed": marked("Perdu"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a thing stands, in words, and how they are shown."""

    told: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key, with its days said; `used` is None when it never served."""

    key: Key
    mode: str
    standing: Standing
    scopes: Sequence[str]
    created: str
    ends: str
    used: str | None
    opens: bool
    framed: bool


@dataclass(frozen=True, slots=True)
class HookShown:
    """A webhook: when it was last tried, and what was wrong then (a code, and in words)."""

    hook: Hook
    mode: str
    standing: Standing
    since: str | None
    tried: str | None
    code: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """An event told; `when`: it arrived, or is to be tried again."""

    found: Delivery
    standing: Standing
    made: str
    when: str | None
    code: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A partner in the list: how many keys serve, in each mode, how many are about to end, how many
    webhooks it has, and how those stand that somebody should look at.
    """

    partner: Partner
    live: int
    test: int
    ending: int
    used: str | None
    hooks: int
    ailing: Sequence[str]


@dataclass(frozen=True, slots=True)
class PartnersPage:
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """One partner: the keys that open something, those that do not any more, its webhooks.

    `email` is what was typed, or that of the partner.
    """

    partner: Partner
    keys: Sequence[KeyShown]
    past: Sequence[KeyShown]
    hooks: Sequence[HookShown]
    email: str
    errors: Mapping[str, str] = field(default_factory=dict)
    done: str = ""


@dataclass(frozen=True, slots=True)
class NewKeyPage:
    """A key to make, for a partner to open when `partner` is None. `form` is what was typed."""

    partner: Partner | None
    form: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    scopes: ClassVar[Mapping[str, str]] = SCOPES
    modes: ClassVar[Mapping[str, str]] = MODES
    most_days: ClassVar[int] = LASTS.days


@dataclass(frozen=True, slots=True)
class KeyPage:
    """One key: its facts, and what may be done with it. `tag` is the widget's, if it has one."""

    partner: Partner
    shown: KeyShown
    tag: str | None
    site: str
    form: Mapping[str, Any]
    errors: Mapping[str, str] = field(default_factory=dict)
    done: str = ""
    most_overlap: ClassVar[int] = LONGEST_OVERLAP.days


@dataclass(frozen=True, slots=True)
class MadeKeyPage:
    """The one page where the whole key is read; `old` is the one that it takes over from."""

    partner: Partner
    shown: KeyShown
    clear: str
    tag: str | None
    site: str
    old: KeyShown | None


@dataclass(frozen=True, slots=True)
class HookPage:
    """One webhook, with the last events that were told to it, kept so many days."""

    partner: Partner
    shown: HookShown
    deliveries: Sequence[DeliveryShown]
    kept_days: int
    done: str = ""
    most_tries: ClassVar[int] = MOST_TRIES


def new_form(partner: Partner | None) -> Mapping[str, Any]:
    """A key to make, before anything is typed."""
    name = partner.name if partner else ""
    kept = {"partner": name, "email": "", "label": "principale", "mode": TEST, "origins": ""}
    return {**kept, "scopes": ("needs:read", "needs:write"), "lasts": str(LASTS.days)}


def key_form(key: Key) -> Mapping[str, Any]:
    """What may be changed of a key, before anything is typed."""
    return {"origins": "\n".join(key.origins), "overlap": str(OVERLAP.days)}


def row_of(known: Known, wording: Wording, now: datetime) -> Row:
    modes = Counter(key.mode for key in known.keys if key.usable(now))
    used = [key.used_on for key in known.keys if key.used_on]
    hooks = [hook_shown(hook, wording) for hook in known.hooks]
    return Row(
        partner=known.partner,
        live=modes[LIVE],
        test=modes[TEST],
        ending=sum(key_standing(key, now) == "ending" for key in known.keys),
        used=wording.day(max(used)) if used else None,
        hooks=len(hooks),
        ailing=[hook.standing.told for hook in hooks if hook.standing.tone == "bad"],
    )


def partner_page(known: Known, wording: Wording, now: datetime) -> PartnerPage:
    keys = [key_shown(key, wording, now) for key in known.keys]
    return PartnerPage(
        known.partner,
        [key for key in keys if key.opens],
        [key for key in keys if not key.opens],
        [hook_shown(hook, wording) for hook in known.hooks],
        known.partner.email,
    )


def key_shown(key: Key, wording: Wording, now: datetime) -> KeyShown:
    standing = key_standing(key, now)
    return KeyShown(
        key=key,
        mode=wording.say(MODES[key.mode]),
        standing=Standing(wording.say(KEY_STANDINGS[standing]), TONES.get(standing, "")),
        scopes=[wording.say(SCOPES[s]) if s in SCOPES else s for s in key.scopes],
        created=wording.day(day_of(key.created_at)),
        ends=wording.day(day_of(key.ends_at)),
        used=wording.day(key.used_on) if key.used_on else None,
        opens=key.usable(now),
        framed="widget" in key.scopes,
    )


def hook_shown(hook: Hook, wording: Wording) -> HookShown:
    standing, last = hook_standing(hook.webhook, hook.last), hook.last
    since = hook.webhook.disabled_at
    code, fault = fault_of(last, wording.say) if last else (None, None)
    return HookShown(
        hook=hook,
        mode=wording.say(MODES[hook.mode]),
        standing=Standing(wording.say(HOOK_STANDINGS[standing]), TONES.get(standing, "")),
        since=moment(since, wording) if since else None,
        tried=moment(last.tried_at, wording) if last and last.tried_at else None,
        code=code,
        fault=fault,
    )


def delivery_shown(found: Delivery, wording: Wording, now: datetime) -> DeliveryShown:
    stands = found.standing(now)
    tone = {"delivered": "good", "failed": "bad"}.get(stands, "")
    when = found.delivered_at or (found.due_at if stands == "pending" else None)
    code, fault = fault_of(found, wording.say)
    return DeliveryShown(
        found=found,
        standing=Standing(wording.say(_DELIVERIES[stands]), tone),
        made=moment(found.created_at, wording),
        when=moment(when, wording) if when else None,
        code=code,
        fault=fault,
    )


def fault_of(found: Delivery, say: Say) -> tuple[str | None, str | None]:
    """What was wrong with the last try, as a code and in words; (None, None) when all was well."""
    if found.error is not None:
        return found.error, say(FAULTS.get(found.error, OURS))
    if found.status is None or took(found.status):
        return None, None
    return str(found.status), say("la réponse n’est pas un succès")


def widget_tag(key: Key, site: str) -> str | None:
    """What a page holds to show the widget of this key."""
    if "widget" not in key.scopes:
        return None
    return f'<script src="{site}/widget.js" data-cle="{key.id}" async></script>'
