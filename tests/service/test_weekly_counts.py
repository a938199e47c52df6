"""What everyone is told of the gaps: which needs, once a week, and nothing in between."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from data.engine import migrate, open_engine, read, write
from data.erasing import erase
from data.store_gap_counts import first_monday, load_gap_counts
from data.store_needs import save_need
from data.tables import needs
from service.app import create_app
from service.usecases.weekly_counts import count_week
from tests.builders import MENDE, TODAY, need, settings, tiny_catalogue
from tests.databases import database_of
from tests.desk import NOON, client_of
from tests.service.sent_needs import Clock, Pigeon, jobs_of

WEEK = timedelta(days=7)
BEFORE = NOON - WEEK
LOZERE = "DEP-48"
THINGS = "toit cave mur porte route four puits banc pont quai lac mare pré bois île".split()
"""So that no need says what another says."""


def keep(engine, need_id, at=BEFORE, text=None, **values):
    """A sent need about questions of law in Lozère, received the week before."""
    words = text or f"{need_id} : {' '.join(THINGS[len(need_id) :: 3])}"
    with write(engine) as connection:
        save_need(connection, need_id, need(words, place=MENDE), today=TODAY, at=at)
        stated = {"understood": {"juridique": 0.9}, "state": "new", "sure": True, **values}
        connection.execute(update(needs).where(needs.c.id == need_id).values(stated))


def keep_many(engine, count, first=0, **values):
    for n in range(first, first + count):
        keep(engine, f"n{n}", text=f"{THINGS[n % 15]} {n} {THINGS[n * 7 % 15]} {n}", **values)


def counted(engine):
    with read(engine) as connection:
        return load_gap_counts(connection)


def told(engine):
    """What is told of questions of law in Lozère."""
    return counted(engine).places["juridique"].get(LOZERE, 0)


def repeated(engine):
    with read(engine) as connection:
        return dict(list(connection.execute(select(needs.c.id, needs.c.repeated))))


def test_a_fresh_installation_counts_at_once_then_every_monday_and_once_each(engine):
    assert count_week(engine, NOON)
    assert not count_week(engine, NOON + timedelta(days=5))
    assert count_week(engine, NOON + WEEK)
    with read(engine) as connection:
        assert first_monday(connection) == date(2026, 11, 23)
    assert counted(engine).monday == date(2026, 11, 30)


def test_the_jobs_of_a_day_count_the_week(engine):
    jobs, clock = jobs_of(engine, Pigeon()), Clock(NOON)
    assert [jobs.day(clock)["counted"] for _ in range(2)] == [1, 0]
    clock.forward(days=7)
    assert jobs.day(clock)["counted"] == 1


def test_needs_of_this_week_wait_for_the_next_monday(engine):
    keep_many(engine, 20, at=NOON)
    count_week(engine, NOON)
    assert told(engine) == 0
    count_week(engine, NOON + WEEK)
    assert 10 <= told(engine) <= 20


def test_erasing_and_correcting_old_needs_moves_nothing_until_five_are_gone(engine):
    keep_many(engine, 20)
    count_week(engine, NOON)
    first = told(engine)
    assert first in {15, 20}
    with write(engine) as connection:
        for n in range(2):
            erase(connection, f"n{n}")
        other = {"correction": {"need_types": ["formation"], "urgent": False}}
        connection.execute(update(needs).where(needs.c.id.in_(["n2", "n3"])).values(other))
    count_week(engine, NOON + WEEK)
    assert told(engine) == first
    with write(engine) as connection:
        for n in range(4, 14):
            erase(connection, f"n{n}")
    count_week(engine, NOON + 2 * WEEK)
    assert told(engine) <= 6


def test_the_page_reads_what_was_kept_whatever_was_erased_since(tmp_path):
    catalogue = tiny_catalogue(tmp_path)
    keep_many(catalogue.engine, 20)
    count_week(catalogue.engine, NOON)
    client = client_of(create_app(settings(tmp_path), catalogue))
    before = client.get("/raquette"), client.get("/raquette/csv")
    assert f"au moins {told(catalogue.engine)}" in before[0].text
    with write(catalogue.engine) as connection:
        for n in range(20):
            erase(connection, f"n{n}")
    after = client.get("/raquette"), client.get("/raquette/csv")
    assert [r.text for r in after] == [r.text for r in before]


def test_before_any_count_and_with_none_the_page_says_what_will_be_there(tmp_path):
    catalogue = tiny_catalogue(tmp_path)
    client = client_of(create_app(settings(tmp_path), catalogue))
    for _ in range(2):
        page = client.get("/raquette")
        assert page.status_code == 200
        assert "Trop peu de besoins pour une carte" in page.text
        assert "<svg" not in page.text
        assert "non publié" not in page.text
        count_week(catalogue.engine, NOON)
    assert "Premier relevé le 23 novembre 2026" in client.get("/raquette").text.replace(
        "\u00a0", " "
    )


@pytest.mark.parametrize(
    ("values", "public"),
    [
        ({}, True),
        ({"state": "draft", "unmet": "too-far"}, True),
        ({"state": "draft", "sure": False}, False),
        ({"state": "draft"}, False),
        ({"state": "closed", "outcome": "helped"}, True),
        ({"state": "closed", "outcome": "duplicate"}, False),
        ({"state": "closed", "outcome": "out-of-scope"}, False),
    ],
)
def test_only_what_was_sent_or_said_to_have_no_answer_is_told(engine, values, public):
    keep_many(engine, 20, **values)
    count_week(engine, NOON)
    assert (told(engine) > 0) is public


def test_a_need_said_again_in_the_same_place_counts_once(engine):
    same = "On nous demande de revoir les statuts de l’association avant l’été"
    for n in range(12):
        keep(engine, f"n{n}", text=f"{same}{'!' * n}", state="draft", unmet="too-far")
    keep(engine, "other", text="Un notaire pour vendre la salle paroissiale du village")
    count_week(engine, NOON)
    found = repeated(engine)
    assert [n for n in found if not found[n]] == ["n0", "other"]
    assert told(engine) == 0


def test_what_repeats_is_still_known_when_the_words_are_erased(engine):
    for n in range(12):
        keep(engine, f"n{n}", text="Revoir les statuts avant l’été", state="draft", unmet="tried")
    jobs, clock = jobs_of(engine, Pigeon()), Clock(NOON)
    for _ in range(5):
        jobs.day(clock)
        clock.forward(days=7)
        assert told(engine) == 0
    with read(engine) as connection:
        assert set(connection.scalars(select(needs.c.text))) == {""}


def test_the_same_words_elsewhere_are_another_need(engine):
    keep(engine, "here", text="Revoir les statuts avant l’été")
    keep(engine, "there", text="Revoir les statuts avant l’été", place_code="COM-59350")
    count_week(engine, NOON)
    assert repeated(engine) == {"here": False, "there": False}


def test_what_draws_stays_the_same_from_week_to_week_and_is_another_elsewhere(tmp_path):
    salts = []
    for name in ("a", "b"):
        engine = open_engine(database_of(tmp_path, name))
        migrate(engine)
        for week in range(2):
            count_week(engine, NOON + week * WEEK)
            salts.append(counted(engine).salt)
    assert salts[0] == salts[1] != salts[2] == salts[3]
