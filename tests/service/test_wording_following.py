"""What a person is told of their need: the desk's own doings stay at the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from data.audit import Line
from service.triage.states import OUTCOMES, STATES
from service.typography import typeset
from service.usecases.replying import REFUSALS
from service.wording_consents import CONSENT_TEXTS, CONSENT_VERSION
from service.wording_following import (
    CLOSED,
    OUTCOMES_TOLD,
    REFUSALS_TOLD,
    STATES_TOLD,
    events,
    state_told,
)

MIDNIGHT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
DIGESTS = {"2026-11": "ba52ee3e2546"}
"""Version -> what its texts are, in short: a text that people agreed to is never rewritten."""


def told(*lines):
    made = [
        Line(n, MIDNIGHT, actor, "n", action, detail, "", "")
        for n, (actor, action, detail) in enumerate(lines)
    ]
    return [e.sentence for e in events(made, lambda offer: f"Porteur {offer}", typeset)]


def test_every_state_outcome_and_refusal_has_its_words():
    assert set(STATES_TOLD) == set(STATES) - {"closed"}
    assert set(OUTCOMES_TOLD) == set(CLOSED) == set(OUTCOMES)
    assert set(REFUSALS_TOLD) == set(REFUSALS)
    assert state_told("closed", "helped") == OUTCOMES_TOLD["helped"]


def test_the_texts_of_a_consent_do_not_change_under_their_version():
    found = {
        version: sha256(f"{texts.catalyst}|{texts.provider}".encode()).hexdigest()[:12]
        for version, texts in CONSENT_TEXTS.items()
    }
    assert found == DIGESTS
    assert CONSENT_VERSION in CONSENT_TEXTS


def test_an_event_is_told_on_its_day_in_france():
    line = Line(1, MIDNIGHT, "person", "n", "sent", {"offers": []}, "", "")
    (event,) = events([line], str, typeset)
    assert event.on == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("user:1", "moved", {"after": {"state": "proposed"}}), "vous a proposé des réponses."),
        (("user:1", "closed", {"after": {"state": "closed", "outcome": "helped"}}), "aidé(e)."),
        (("user:1", "qualified", {"after": {"state": "proposed"}}), "vous a proposé des réponses."),
        (("system", "expired", {"after": {"state": "expired"}}), "cessé d’être suivie."),
        (("user:1", "assigned", {"after": {"assignee": "1"}}), "suit votre demande."),
        (("provider", "provider-refused", {"offer": "a"}), "ne peut pas prendre votre demande."),
        (("person", "moved", {"after": {"state": "qualifying"}}), None),
        (("user:1", "transmitted", {"offer": "a"}), "Porteur a a reçu votre demande."),
        (("user:1", "noted", {}), None),
    ],
)
def test_a_line_is_told_in_plain_words_or_not_at_all(line, sentence):
    found = told(line)
    assert found == [] if sentence is None else found[0].endswith(sentence)


def test_what_was_undone_did_not_happen():
    moved = ("user:1", "moved", {"batch": "b", "after": {"state": "proposed"}})
    assert told(moved, ("user:1", "undone", {"batch": "b"})) == []
