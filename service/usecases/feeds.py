"""The feeds that operators keep: added, listed, removed, and a held run that somebody accepts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine

from data import audit
from data.engine import write
from data.importers import importer
from data.inventory import SOURCE
from data.store import load_offers, withdraw
from data.store_feeds import Feed, accept_held, add_feed, load_feed, load_feeds, remove_feed
from data.values import url as web_address
from matching.errors import AiguilleError

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(days=30)
LONGEST_NAME = 120
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "j": "days"}
_EVERY = re.compile(r"(\d{1,5})\s*([mhdj])")


class WrongFeed(AiguilleError):
    """A feed that cannot be kept as it is described."""


class UnknownFeed(AiguilleError):
    """No feed of that number."""


def read_every(text: str) -> timedelta:
    """How often, as an operator writes it: 30m, 12h, 1d (or 1j)."""
    found = _EVERY.fullmatch(text.strip().lower())
    every = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not SHORTEST <= every <= LONGEST:
        raise WrongFeed(
            f"« {text} » : un rythme de 15 minutes à 30 jours était attendu, comme 30m, 12h ou 1d.",
            field="every",
        )
    return every


def open_feed(
    engine: Engine,
    *,
    name: str,
    url: str,
    format_name: str,
    every: timedelta,
    local: bool,
    by: str,
    now: datetime,
) -> int:
    """Keep a feed, whose first run is due at once; its number. Its name is its offers' source."""
    importer(format_name)
    if not 0 < len(name.strip()) <= LONGEST_NAME or name.strip() == SOURCE:
        raise WrongFeed(
            f"Donnez au flux un nom, de {LONGEST_NAME} caractères au plus, autre que « {SOURCE} ».",
            field="name",
        )
    try:
        address = web_address(url)
    except ValueError as error:
        raise WrongFeed(f"Adresse du flux : {error}.", field="url") from None
    if "@" in urlsplit(address).netloc:
        raise WrongFeed(
            "Adresse du flux : retirez-en l’identifiant et le mot de passe, elle se voit.",
            field="url",
        )
    with write(engine) as connection:
        if any(feed.name == name.strip() for feed in load_feeds(connection)):
            raise WrongFeed(f"Il y a déjà un flux « {name.strip()} ».", field="name")
        feed_id = add_feed(
            connection,
            name=name.strip(),
            url=address,
            format_name=format_name,
            every=every,
            local=local,
            now=now,
        )
        audit.append(connection, at=now, actor=by, action="feed-added", feed=feed_id)
    return feed_id


def close_feed(engine: Engine, feed_id: int, *, and_offers: bool, by: str, now: datetime) -> int:
    """Forget a feed; how many offers of it were withdrawn. The others stay, as they are."""
    with write(engine) as connection:
        feed = known(load_feed(connection, feed_id), feed_id)
        gone = [o.id for o in load_offers(connection, feed.name)] if and_offers else []
        withdraw(connection, gone, now.date())
        remove_feed(connection, feed_id)
        told: dict[str, Any] = {"feed": feed_id, "withdrawn": len(gone)}
        audit.append(connection, at=now, actor=by, action="feed-removed", **told)
    return len(gone)


def accept(engine: Engine, feed_id: int, *, by: str, now: datetime) -> bool:
    """Say that the offers absent from the run that is held are right to go; False if none is."""
    with write(engine) as connection:
        known(load_feed(connection, feed_id), feed_id)
        accepted = accept_held(connection, feed_id, now)
        if accepted:
            audit.append(connection, at=now, actor=by, action="feed-accepted", feed=feed_id)
    return accepted


def known(feed: Feed | None, feed_id: int) -> Feed:
    if feed is None:
        raise UnknownFeed(
            "Aucun flux n° {number} : « aiguille feed list » les donne.",
            field="feed",
            number=feed_id,
        )
    return feed
