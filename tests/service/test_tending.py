"""The catalogue desk: corrections by hand, suggestions, dumps, links, a catalogue that follows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from data.audit import broken_at
from data.engine import read, write
from data.store import load_offer
from data.store_suggestions import dead_links, record_link
from service.usecases.browsing import UnknownOffer
from service.usecases.dumping import dump
from service.usecases.tending import (
    BadEdit,
    BadSuggestion,
    edit,
    make_suggestion,
    open_edit,
    settle,
    tend,
)
from tests.builders import TODAY, offer, tiny_catalogue

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CASH = offer("cash", title="Avance", need_types=("tresorerie",), url="https://exemple.fr/avance")


@pytest.fixture
def world(tmp_path):
    return tiny_catalogue(tmp_path, CASH, offer("board", title="Relève"))


def desk(world, **asked):
    return tend(world, **{"today": TODAY, "flag": None, "words": "", "limit": 50, **asked})


def test_an_edit_is_kept_told_and_protected(world):
    typed = {
        **open_edit(world, "cash").values,
        "title": "Avance sur subvention",
        "expressions": "a\nb",
    }
    assert edit(world, "cash", typed, by="user:u", now=NOW) == ("title", "expressions")
    assert open_edit(world, "cash").by_hand == ("expressions", "title")
    with read(world.engine) as connection:
        stored = load_offer(connection, "cash")
        assert broken_at(connection) is None
    assert (stored.title, stored.expressions) == ("Avance sur subvention", ("a", "b"))
    assert edit(world, "cash", open_edit(world, "cash").values, by="user:u", now=NOW) == ()


def test_a_wrong_value_changes_nothing_and_is_told_under_its_field(world):
    typed = {"title": "Autre", "url": "ftp://x", "valid_to": "demain"}
    with pytest.raises(BadEdit) as told:
        edit(world, "cash", typed, by="user:u", now=NOW)
    assert set(told.value.errors) == {"url", "valid_to"}
    assert open_edit(world, "cash").values["title"] == "Avance"


def test_a_suggestion_waits_until_somebody_settles_it_once(world):
    make_suggestion(world, "cash", "Le lien ne marche plus.", NOW)
    (told,) = desk(world).suggestions
    settle(world, told.id, "applied", by="user:u", now=NOW)
    settle(world, told.id, "refused", by="user:v", now=NOW)
    assert desk(world).suggestions == ()
    with pytest.raises(BadSuggestion):
        make_suggestion(world, "cash", "non", NOW)
    with pytest.raises(UnknownOffer):
        make_suggestion(world, "absent", "Le lien ne marche plus.", NOW)


def test_a_link_is_dead_when_it_failed_twice_in_a_row(world):
    def fail(problem):
        with write(world.engine) as connection:
            record_link(connection, CASH.url, problem=problem, at=NOW)
        return desk(world).counts["dead-link"]

    assert [fail("introuvable"), fail(None), fail("introuvable"), fail("introuvable")] == [
        0,
        0,
        0,
        1,
    ]
    assert [t.offer.id for t in desk(world, flag="dead-link").offers] == ["cash"]
    with read(world.engine) as connection:
        assert dead_links(connection, 3) == {}


def test_the_desk_is_filtered_by_flag_and_words(world):
    assert desk(world, flag="no-link").found == 1
    assert [t.offer.id for t in desk(world, words="releve").offers] == ["board"]


def test_a_dump_says_what_changed_since_the_last_and_its_sums_hold(tmp_path):
    first, changes = dump([CASH, offer("old")], tmp_path, date(2026, 11, 17))
    assert changes.since is None
    second, changes = dump([offer("cash", title="Autre")], tmp_path, date(2026, 11, 24))
    assert changes.since == "2026-11-17"
    assert (changes.added, changes.removed) == ([], ["old"])
    assert changes.changed == {"cash": ["title", "need_types", "url"]}
    for line in (second / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert sha256((second / name).read_bytes()).hexdigest() == digest
    again, _ = dump([offer("cash", title="Autre")], tmp_path, date(2026, 11, 24))
    assert sorted(p.name for p in tmp_path.iterdir()) == [first.name, again.name]
