"""What a person does to their own need: correct what was understood, say it otherwise, say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from data.audit import append
from data.engine import write
from data.store_needs import change_need, rewrite_need, save_answer, save_correction
from matching.domain import Correction, Match, Need
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.personal import masked
from service.triage.states import DRAFT
from service.triage.unmet import check_reason
from service.typography import marked
from service.usecases.answering import KEPT, answer_need, existing_need, need_of, read_need

PERSON = "person"
"""Who did it, as the audit says."""


class NothingLeft(AiguilleError):
    """A correction that leaves the need about nothing."""


class AlreadySent(AiguilleError):
    """The words of a need that others have read may no longer change."""


def correct(
    catalogue: Catalogue, need_id: str, correction: Correction, *, today: date, now: datetime
) -> None:
    """Answer again by what the person says the need is; keep what was understood, to learn."""
    if not correction.need_types:
        raise NothingLeft(marked("Gardez au moins un thème, ou ajoutez-en un."), field="need_types")
    stored = read_need(catalogue, need_id)
    need = need_of(catalogue, stored)
    with catalogue.turn:
        before = catalogue.matcher.hear(need, today).understanding
    corrected = replace(need, correction=correction)
    answer = answer_need(catalogue, corrected, today=today, limit=KEPT)
    understood = {
        "need_types": sorted(before.need_types),
        "urgent": before.axis == "urgence",
    }
    with write(catalogue.engine) as connection:
        existing_need(connection, need_id)  # It may have been erased meanwhile.
        save_correction(connection, need_id, correction, before=understood, author=PERSON, at=now)
        change_need(connection, need_id, unmet=None)
        save_answer(connection, need_id, answer)
        append(connection, at=now, actor=PERSON, action="corrected", need_id=need_id)


def rewrite(catalogue: Catalogue, need_id: str, need: Need, *, today: date, now: datetime) -> None:
    """Other words, another place, other facts: for a need that was not sent yet.

    A correction stands as long as the words that it corrects.
    """
    stored = read_need(catalogue, need_id)
    if stored.state != DRAFT:
        raise AlreadySent(
            marked(
                "Ce besoin est déjà transmis : écrivez à votre catalyseur depuis la page de suivi."
            ),
            field="text",
        )
    same = need.text in (stored.text, masked(stored.text))
    correction = stored.correction if same else None
    said = replace(need, need_types=stored.need_types, correction=correction)
    answer = answer_need(catalogue, said, today=today, limit=KEPT)
    with write(catalogue.engine) as connection:
        rewrite_need(connection, need_id, said, version=stored.version)
        save_answer(connection, need_id, answer)
        append(connection, at=now, actor=PERSON, action="rewritten", need_id=need_id)


def mask(catalogue: Catalogue, need_id: str, *, today: date, now: datetime) -> None:
    """Take out of the words what is personal in them."""
    need = need_of(catalogue, read_need(catalogue, need_id))
    hidden = replace(need, text=masked(need.text))
    rewrite(catalogue, need_id, hidden, today=today, now=now)


def note_unmet(catalogue: Catalogue, need_id: str, reason: str, *, now: datetime) -> None:
    """No answer suits: counted in the gap register under the reason."""
    check_reason(reason)
    read_need(catalogue, need_id)
    with write(catalogue.engine) as connection:
        change_need(connection, need_id, unmet=reason)
        append(connection, at=now, actor=PERSON, action="unmet", need_id=need_id, reason=reason)


def who_to_talk_to(catalogue: Catalogue, need: Need, *, today: date) -> Match | None:
    """The nearest generalist: somebody to name, whatever the answers were."""
    with catalogue.turn:
        return catalogue.matcher.generalist(need, today=today)
