"""Feeds on the catalogue desk: how fresh each is, and the run that waits for a person's word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from data.store_feeds import Feed
from data.store_users import User
from service.auth import CsrfDep, require
from service.days import instant
from service.deps import CatalogueDep, NowDep
from service.statuses import see_other
from service.triage.feeds import is_late
from service.usecases.feeds import accept
from service.wording import Wording
from service.wording_desk import moment

router = APIRouter(prefix="/bureau/catalogue/flux", dependencies=[CsrfDep], include_in_schema=False)
LARGEST_ID = 2**31 - 1
"""What a database counts rows up to."""


@dataclass(frozen=True, slots=True)
class FeedShown:
    """A feed as the desk reads it; moments are said, None when there was none.

    `held`: how many of its offers were absent, of how many, from a run that waits.
    """

    id: int
    name: str
    format: str
    url: str
    offers: int
    read: str | None
    late: bool
    failed: str | None
    failure: str | None
    due: str
    held: tuple[int, int] | None
    accepted: bool


def feeds_shown(
    feeds: Iterable[tuple[Feed, int]], wording: Wording, now: datetime
) -> tuple[FeedShown, ...]:
    """Feeds with their live offers, as the page shows them."""
    return tuple(_shown(feed, offers, wording, now) for feed, offers in feeds)


def _shown(feed: Feed, offers: int, wording: Wording, now: datetime) -> FeedShown:
    def said(at: datetime | None) -> str | None:
        return moment(at, wording) if at else None

    last = instant(feed.succeeded_at or feed.created_at)
    return FeedShown(
        feed.id,
        feed.name,
        feed.format,
        feed.url,
        offers,
        said(feed.succeeded_at),
        is_late(last, feed.every, now),
        said(feed.failed_at) if feed.failure else None,
        feed.failure,
        moment(feed.due_at, wording),
        (feed.held["absent"], feed.held["of"]) if feed.held else None,
        feed.accepted,
    )


@router.post("/{feed_id}/accepter")
def accept_run(
    user: Annotated[User, Depends(require("edit-catalogue"))],
    feed_id: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    catalogue: CatalogueDep,
    now: NowDep,
) -> Response:
    accept(catalogue.engine, feed_id, by=f"user:{user.id}", now=now)
    return see_other("/bureau/catalogue#flux")
