"""Partners, for administrators: their keys, their widget, and where they are told of events.

The secret of a key is on the answer to the form that makes it, and nowhere else: no address leads
there again, and no browser keeps that page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from data.store_users import User
from matching.errors import AiguilleError
from service.auth import CsrfDep, require
from service.callers import KEYS, Sandbox
from service.deps import CatalogueDep, NowDep, PageWordingDep, SettingsDep
from service.errors import status_of
from service.pages.partners_view import (
    HookPage,
    KeyPage,
    MadeKeyPage,
    NewKeyPage,
    PartnerPage,
    PartnersPage,
    delivery_shown,
    hook_shown,
    key_form,
    key_shown,
    new_form,
    partner_page,
    row_of,
    widget_tag,
)
from service.pages.rendering import render
from service.posting import Poster
from service.secret import derived, secret_of
from service.settings import Settings
from service.signing import WEBHOOKS
from service.statuses import CREATED, OK, see_other
from service.typography import marked
from service.usecases.keys import (
    MadeKey,
    Mode,
    WantedKey,
    allow_origins,
    create_key,
    revoke,
    turn_over,
)
from service.usecases.partners import Hook, Partners, WrongAddress
from service.usecases.webhooks import PartnerWebhooks
from service.wording import Wording

BASE = "/bureau/partenaires"
_administrator = require("manage-partners")
router = APIRouter(
    prefix=BASE, include_in_schema=False, dependencies=[CsrfDep, Depends(_administrator)]
)

DONE: Mapping[str, str] = {
    "adresse": marked("Adresse enregistrée."),
    "origines": marked("Origines enregistrées."),
    "revoquee": marked("Clé révoquée : elle n’ouvre plus rien."),
    "renvoi": marked("C’est noté : l’envoi part dans un instant."),
    "reprise": marked("Envois repris : ce qui n’était pas arrivé part dans un instant."),
}
"""What was just done, by the code that the address carries."""
UNCONFIRMED = marked("Cochez la case pour confirmer : une clé révoquée ne revient pas.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What each of these pages is made with: who asks, when, in which words, over what."""

    request: Request
    me: User
    partners: Partners
    settings: Settings
    wording: Wording
    now: datetime

    @property
    def by(self) -> str:
        return f"user:{self.me.id}"

    @property
    def secret(self) -> bytes:
        return derived(secret_of(self.settings), KEYS)

    def told(self, error: AiguilleError) -> str:
        return error.said(self.wording.say)

    def page(self, template: str, page: object, status: int = OK) -> Response:
        return render(self.request, template, page, status=status, private=True)

    def webhooks(self, hook: Hook) -> PartnerWebhooks:
        key, poster = secret_of(self.settings), Poster(self.settings.webhooks_local)
        owner = hook.webhook.partner_id
        return PartnerWebhooks(hook.engine, owner, derived(key, WEBHOOKS), poster, self.by)


def _desk(
    request: Request,
    me: Annotated[User, Depends(_administrator)],
    catalogue: CatalogueDep,
    settings: SettingsDep,
    wording: PageWordingDep,
    now: NowDep,
) -> Desk:
    sandbox: Sandbox = request.app.state.sandbox
    return Desk(request, me, Partners(catalogue.engine, sandbox.if_made), settings, wording, now)


DeskDep = Annotated[Desk, Depends(_desk)]
Text = Annotated[str, Form()]


@router.get("")
def show(desk: DeskDep) -> Response:
    rows = [row_of(known, desk.wording, desk.now) for known in desk.partners.all(desk.now)]
    return desk.page("partners.html", PartnersPage(rows))


@router.get("/cles/nouvelle")
def blank(desk: DeskDep, partner_id: Annotated[str, Query(alias="partenaire")] = "") -> Response:
    partner = desk.partners.partner(partner_id) if partner_id else None
    return desk.page("partner_key_new.html", NewKeyPage(partner, new_form(partner)))


@router.post("/cles/nouvelle")
def create(
    desk: DeskDep,
    partner: Text = "",
    email: Text = "",
    label: Text = "",
    mode: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    origins: Text = "",
    lasts: Text = "",
) -> Response:
    said = cast(Mode, mode)  # Whether there is such a mode, `create_key` tells.
    rights = tuple(scopes or ())
    wanted = WantedKey(partner, email, label, said, rights, _listed(origins), _days(lasts))
    try:
        made = create_key(desk.partners.engine, desk.secret, wanted, by=desk.by, now=desk.now)
    except AiguilleError as error:
        typed = {"partner": partner, "email": email, "label": label, "mode": mode}
        typed |= {"origins": origins, "lasts": lasts}
        errors = {error.field or "partner": desk.told(error)}
        known = desk.partners.named(partner)
        page = NewKeyPage(known, {**typed, "scopes": rights}, errors)
        return desk.page("partner_key_new.html", page, status_of(error))
    return _made(desk, made)


@router.get("/cles/{key_id}")
def key(desk: DeskDep, key_id: str, fait: str = "") -> Response:
    return _key(desk, key_id, done=DONE.get(fait, ""))


@router.post("/cles/{key_id}/origines")
def origins(desk: DeskDep, key_id: str, origins: Text = "") -> Response:
    wanted = _listed(origins)
    try:
        allow_origins(desk.partners.engine, key_id, wanted, by=desk.by, now=desk.now)
    except AiguilleError as error:
        return _key(desk, key_id, error, origins=origins)
    return see_other(f"{BASE}/cles/{key_id}?fait=origines")


@router.post("/cles/{key_id}/renouveler")
def turn(desk: DeskDep, key_id: str, overlap: Text = "") -> Response:
    engine, days = desk.partners.engine, _days(overlap)
    try:
        made = turn_over(engine, desk.secret, key_id, by=desk.by, now=desk.now, overlap=days)
    except AiguilleError as error:
        return _key(desk, key_id, error, overlap=overlap)
    return _made(desk, made, key_id)


@router.post("/cles/{key_id}/revoquer")
def end(desk: DeskDep, key_id: str, confirm: Text = "") -> Response:
    if not confirm:
        return _key(desk, key_id, AiguilleError(UNCONFIRMED, field="confirm"))
    revoke(desk.partners.engine, key_id, by=desk.by, now=desk.now)
    return see_other(f"{BASE}/cles/{key_id}?fait=revoquee")


@router.get("/webhooks/{webhook_id}")
def hook(desk: DeskDep, webhook_id: str, fait: str = "") -> Response:
    found = desk.partners.hook(webhook_id, desk.now)
    told = desk.webhooks(found).deliveries(webhook_id)
    page = HookPage(
        desk.partners.partner(found.webhook.partner_id),
        hook_shown(found, desk.wording),
        [delivery_shown(one, desk.wording, desk.now) for one in told],
        desk.settings.keep_sent_days,
        done=DONE.get(fait, ""),
    )
    return desk.page("partner_webhook.html", page)


@router.post("/webhooks/{webhook_id}/renvoyer")
def replay(desk: DeskDep, webhook_id: str, envoi: Text = "") -> Response:
    """One event again, arrived or not; all that did not arrive when none is named."""
    webhooks = desk.webhooks(desk.partners.hook(webhook_id, desk.now))
    if envoi:
        webhooks.replay(webhook_id, envoi, now=desk.now)
    else:
        webhooks.replay_undelivered(webhook_id, now=desk.now)
    return see_other(f"{BASE}/webhooks/{webhook_id}?fait=renvoi")


@router.post("/webhooks/{webhook_id}/reprendre")
def resume(desk: DeskDep, webhook_id: str) -> Response:
    found = desk.partners.hook(webhook_id, desk.now)
    desk.webhooks(found).change(webhook_id, active=True, now=desk.now)
    return see_other(f"{BASE}/webhooks/{webhook_id}?fait=reprise")


@router.get("/{partner_id}")
def one(desk: DeskDep, partner_id: str, fait: str = "") -> Response:
    page = replace(_partner(desk, partner_id), done=DONE.get(fait, ""))
    return desk.page("partner.html", page)


@router.post("/{partner_id}/adresse")
def readdress(desk: DeskDep, partner_id: str, email: Text = "") -> Response:
    try:
        desk.partners.write_to(partner_id, email, by=desk.by, now=desk.now)
    except WrongAddress as error:
        told = {"email": desk.told(error)}
        page = replace(_partner(desk, partner_id), email=email, errors=told)
        return desk.page("partner.html", page, status_of(error))
    return see_other(f"{BASE}/{partner_id}?fait=adresse")


def _partner(desk: Desk, partner_id: str) -> PartnerPage:
    return partner_page(desk.partners.one(partner_id, desk.now), desk.wording, desk.now)


def _made(desk: Desk, made: MadeKey, old_id: str | None = None) -> Response:
    """The secret, this once: to load the page again would be to ask for another key."""
    site, shown = desk.settings.public_url, key_shown(made.key, desk.wording, desk.now)
    partner, tag = desk.partners.partner(made.key.partner_id), widget_tag(made.key, site)
    old = key_shown(desk.partners.key(old_id)[1], desk.wording, desk.now) if old_id else None
    page = MadeKeyPage(partner, shown, made.clear, tag, site, old)
    return desk.page("partner_key_made.html", page, CREATED)


def _key(
    desk: Desk, key_id: str, error: AiguilleError | None = None, *, done: str = "", **typed: Any
) -> Response:
    partner, found = desk.partners.key(key_id)
    site, form = desk.settings.public_url, {**key_form(found), **typed}
    shown, tag = key_shown(found, desk.wording, desk.now), widget_tag(found, site)
    errors = {error.field or "key_id": desk.told(error)} if error else {}
    page = KeyPage(partner, shown, tag, site, form, errors, done=done)
    return desk.page("partner_key.html", page, status_of(error) if error else OK)


def _listed(text: str) -> tuple[str, ...]:
    """Origins, a line each, or apart by spaces or commas."""
    return tuple(re.split(r"[\s,;]+", text.strip())) if text.strip() else ()


def _days(text: str) -> timedelta:
    """A number of days; none, which is refused wherever days are asked, for what is no number."""
    digits = text.strip()
    return timedelta(days=int(digits) if re.fullmatch(r"[0-9]{1,4}", digits) else 0)
