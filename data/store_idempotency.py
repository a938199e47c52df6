"""Every SQL query on what was answered under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from data.tables import needs
from data.tables_partners import idempotency

_c = idempotency.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """A key that was met before, and what was answered. `status` None: it is being answered."""

    fingerprint: str
    claimed_at: datetime
    status: int | None
    headers: Mapping[str, str] | None
    body: bytes | None


def load_claimed(connection: Connection, digest: str) -> Claimed | None:
    columns = (_c.fingerprint, _c.claimed_at, _c.status, _c.headers, _c.body)
    row = connection.execute(select(*columns).where(_c.digest == digest)).first()
    return None if row is None else Claimed(*row)


def save_claim(
    connection: Connection, digest: str, fingerprint: str, claim: str, at: datetime
) -> None:
    """Take a key: whoever had it before, and what was answered then, are forgotten."""
    connection.execute(delete(idempotency).where(_c.digest == digest))
    values = {"digest": digest, "fingerprint": fingerprint, "claim": claim, "claimed_at": at}
    connection.execute(insert(idempotency).values(values))


def save_answered(
    connection: Connection,
    claim: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    need_id: str | None,
) -> None:
    """Keep what was answered; without its body if the need that it tells of is already gone."""
    there = select(needs.c.id).where(needs.c.id == need_id, needs.c.text != "")
    gone = need_id is not None and connection.execute(there).first() is None
    values = {"headers": dict(headers), "body": None if gone else body, "need_id": need_id}
    done = update(idempotency).where(_c.claim == claim)
    connection.execute(done.values(status=status, **values))


def free_claim(connection: Connection, claim: str) -> None:
    """Forget that a key was taken: nothing was done under it."""
    connection.execute(delete(idempotency).where(_c.claim == claim, _c.status.is_(None)))


def forget_answers(connection: Connection, need_id: str) -> None:
    """Forget what was answered of a need; its keys stay, so that it does not come back."""
    connection.execute(update(idempotency).where(_c.need_id == need_id).values(body=None))


def forget_keys(connection: Connection, before: datetime) -> int:
    """Delete the keys taken before then; how many."""
    return connection.execute(delete(idempotency).where(_c.claimed_at < before)).rowcount
