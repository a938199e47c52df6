"""A catalyst chooses among the offers of a need; each choice is a judgement to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from data import audit
from data.engine import write
from data.store_needs import StoredNeed, forget_judgement, save_judgement
from data.store_triage import (
    Decision,
    decisions_of,
    forget_decision,
    place_decisions,
    save_decision,
)
from data.store_users import User
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.reasons import (
    ACCEPTED,
    ADDED,
    GRADES,
    REJECTED,
    REJECTIONS,
    known_reason,
)
from service.triage.states import TO_QUALIFY
from service.usecases.browsing import read_offer
from service.usecases.desk_need import need_at, touch
from service.usecases.moving import tell_move


class NotChosen(AiguilleError):
    """The offer is not among those that were chosen for the need."""


def accept(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    offer_id: str,
    *,
    version: int,
    now: datetime,
    added: bool = False,
) -> None:
    """Propose an offer to the person, after those chosen before; `added`: it was not answered."""
    read_offer(catalogue, offer_id)
    decision = ADDED if added else ACCEPTED
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        chosen = _chosen(connection, need_id)
        position = (chosen.index(offer_id) if offer_id in chosen else len(chosen)) + 1
        made = Decision(offer_id, decision, None, position, user.id, now)
        to = "proposed" if stored.state in TO_QUALIFY else None
        _decide(connection, user, stored, made, GRADES[decision], to=to)


def reject(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    offer_id: str,
    reason: str,
    *,
    version: int,
    now: datetime,
) -> None:
    """Leave an offer aside, and say why."""
    known_reason(reason, REJECTIONS)
    read_offer(catalogue, offer_id)
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        made = Decision(offer_id, REJECTED, reason, 0, user.id, now)
        _decide(connection, user, stored, made, REJECTIONS[reason].grade)
        place_decisions(connection, need_id, _chosen(connection, need_id))


def undecide(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    offer_id: str,
    *,
    version: int,
    now: datetime,
) -> None:
    """Take back what was decided of an offer, and the judgement with it."""
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        for decided in decisions_of(connection, need_id):
            if decided.offer_id == offer_id:
                source = f"user:{decided.user_id}"
                forget_judgement(connection, need_id, offer_id, source=source)
        forget_decision(connection, need_id, offer_id)
        place_decisions(connection, need_id, _chosen(connection, need_id))
        touch(connection, stored, now)
        _tell(connection, user, stored, "undecided", offer_id, now)


def reorder(
    catalogue: Catalogue,
    user: User,
    need_id: str,
    offer_id: str,
    step: int,
    *,
    version: int,
    now: datetime,
) -> None:
    """Move a chosen offer one place up (-1) or down (+1); beyond the ends it stays."""
    with write(catalogue.engine) as connection:
        stored = need_at(connection, user, need_id, version)
        chosen = _chosen(connection, need_id)
        if offer_id not in chosen:
            raise NotChosen("Cette offre n’est pas parmi celles que vous proposez.", field="offer")
        at = chosen.index(offer_id)
        to = min(max(at + step, 0), len(chosen) - 1)
        chosen.insert(to, chosen.pop(at))
        place_decisions(connection, need_id, chosen)
        touch(connection, stored, now)
        _tell(connection, user, stored, "reordered", offer_id, now, position=to + 1)


def _chosen(connection: Connection, need_id: str) -> list[str]:
    found: Sequence[Decision] = decisions_of(connection, need_id)
    return [decided.offer_id for decided in found if decided.chosen]


def _decide(
    connection: Connection,
    user: User,
    stored: StoredNeed,
    made: Decision,
    grade: int,
    *,
    to: str | None = None,
) -> None:
    """Keep the decision, its judgement and its telling; proposing is a first word to the person."""
    touch(connection, stored, made.at, to=to, contacted=made.chosen)
    if to is not None:
        after, actor = {"state": to}, f"user:{user.id}"
        tell_move(connection, stored, after, actor=actor, now=made.at)
    save_decision(connection, stored.id, made)
    source = f"user:{user.id}"
    save_judgement(connection, stored.id, made.offer_id, grade, source=source, at=made.at)
    told = {"reason": made.reason} if made.reason else {}
    _tell(connection, user, stored, made.decision, made.offer_id, made.at, **told)


def _tell(
    connection: Connection,
    user: User,
    stored: StoredNeed,
    action: str,
    offer_id: str,
    now: datetime,
    **detail: str | int,
) -> None:
    audit.append(
        connection,
        at=now,
        actor=f"user:{user.id}",
        action=action,
        need_id=stored.id,
        offer=offer_id,
        **detail,
    )
