"""`/vie-privee`: what is kept of people, for whom, how long, and how to have it erased."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.deps import SettingsDep
from service.pages.rendering import render
from service.schemas.contact_in import is_email
from service.wording_privacy import LEGAL_BASIS, Kept, retention

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """`controller` and `contact` are empty as long as the operator did not say them.

    `ours`: is the legal basis the one that we propose, or the operator's own words?
    """

    controller: str
    contact: str
    by_mail: bool
    legal_basis: str
    ours: bool
    kept: tuple[Kept, ...]


@router.get("/vie-privee")
def privacy(request: Request, settings: SettingsDep) -> Response:
    """Ce qui est gardé de vous, pour qui, combien de temps."""
    page = PrivacyPage(
        controller=settings.controller,
        contact=settings.contact,
        by_mail=is_email(settings.contact),
        legal_basis=settings.legal_basis or LEGAL_BASIS,
        ours=not settings.legal_basis,
        kept=retention(settings),
    )
    return render(request, "privacy.html", page)
