"""The gap register: what counts, how it is ranked, who sees it, what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from data.audit import broken_at
from data.engine import read, write
from data.erasing import erase
from data.store_gap_counts import mark_compared
from data.store_gaps import Rematch, load_asked, load_gap_history, save_gap, save_rematches
from data.store_needs import ChangedMeanwhile, change_need, desk_key, save_need
from data.tables import needs
from matching.supply import Offered
from service.triage.gaps import (
    UNSAID,
    Cell,
    Demand,
    ForbiddenGapMove,
    is_gap,
    ranked,
    weigh,
)
from service.usecases.answering import keep_need
from service.usecases.gap_register import EACH, GapFilter, read_register
from service.usecases.gaps import Scope, UnknownGap, move_gap, open_gap
from tests.builders import LILLE, MENDE, TODAY, gazetteer, need, offer, tiny_catalogue
from tests.desk import NOON

LOZERE = Cell("DEP-48", "juridique")
HALF_REGION = gazetteer().place(["REG-76"])


@pytest.fixture
def catalogue(tmp_path, database):
    known = offer("appui", need_types=("juridique",))
    made = tiny_catalogue(tmp_path, known, database_url=database)
    yield made
    made.engine.dispose()


def keep(catalogue, need_id="n", place=MENDE, types=("juridique",), at=NOON, **values):
    """A sent need about questions of law, unless told otherwise."""
    about = need(place=place, kind=values.pop("kind", "association"))
    with write(catalogue.engine) as connection:
        save_need(connection, need_id, about, today=TODAY, at=at)
        stated = {"understood": dict.fromkeys(types, 0.9), "state": "new", "sure": True}
        changed = update(needs).where(needs.c.id == need_id)
        connection.execute(changed.values({**stated, "reference": need_id, **values}))


def asked(catalogue):
    with read(catalogue.engine) as connection:
        return {a.need_id: a for a in load_asked(connection)}


def needs_at(register, row):
    """How many needs about questions of law a row counts."""
    demand, _ = register.cells[register.rows.index(row)][register.columns.index("juridique")]
    return demand.needs


@pytest.mark.parametrize(
    ("values", "counted", "unmet"),
    [
        ({}, True, False),
        ({"state": "draft"}, False, False),
        ({"state": "draft", "unmet": "too-far"}, True, True),
        ({"state": "draft", "sure": False}, True, True),
        ({"sure": False}, True, True),
        ({"state": "closed", "outcome": "not-helped"}, True, True),
        ({"state": "closed", "outcome": "helped", "unmet": "too-far"}, True, False),
        ({"state": "closed", "outcome": "out-of-scope", "sure": False}, False, False),
        ({"state": "closed", "outcome": "duplicate", "sure": False}, False, False),
        ({"merged_into": "other"}, False, False),
        ({"understood": {}}, False, False),
        ({"state": "draft", "unmet": "too-far", "repeated": True}, False, True),
        ({"unmet": "too-far", "repeated": True}, True, True),
    ],
)
def test_a_need_counts_when_it_was_sent_or_left_without_an_answer(
    catalogue, values, counted, unmet
):
    keep(catalogue, **values)
    found = asked(catalogue)
    assert ("n" in found) == counted
    if counted:
        assert found["n"].unmet == unmet


def test_a_need_is_about_what_somebody_corrected_before_what_was_understood(catalogue):
    keep(catalogue, correction={"need_types": ["tresorerie"], "urgent": False})
    keep(catalogue, "m", need_types=["formation"])
    keep(catalogue, "u")
    types = {i: set(a.need_types) for i, a in asked(catalogue).items()}
    assert types == {"n": {"tresorerie"}, "m": {"formation"}, "u": {"juridique"}}


def test_the_weight_is_the_stated_formula():
    assert weigh(Demand(7, 0), Offered()) == 7
    assert weigh(Demand(7, 3), Offered(local=1)) == 3 + 4 / 2
    assert weigh(Demand(7, 3, renewed=2), Offered(1, 2, 10)) == 1 + 6 / (1 + 1 + 1 + 1)


def test_a_gap_is_an_unmet_need_or_a_need_without_local_offer():
    assert is_gap(Demand(1, 1), Offered(local=5))
    assert is_gap(Demand(1, 0), Offered(national=5))
    assert not is_gap(Demand(1, 0), Offered(local=1))
    assert not is_gap(Demand(1, 0), Offered(partial=1))
    assert not is_gap(Demand(), Offered())


def test_gaps_come_heaviest_first_and_equals_by_code():
    cells = {Cell("DEP-15", "b"): Demand(2), Cell("DEP-15", "a"): Demand(2)}
    cells[Cell("DEP-48", "a")] = Demand(3)
    found = ranked(cells, lambda _: Offered(), {})
    assert [g.cell for g in found] == [
        Cell("DEP-48", "a"),
        Cell("DEP-15", "a"),
        Cell("DEP-15", "b"),
    ]


def test_the_register_joins_needs_and_offers_by_territory_type_and_profile(catalogue):
    for number in range(3):
        keep(catalogue, f"m{number}")
    keep(catalogue, "t", kind="tpe", unmet="too-far")
    keep(catalogue, "l", place=LILLE)
    keep(catalogue, "r", place=HALF_REGION)
    keep(catalogue, "x", place=None, kind=None)
    found = read_register(catalogue, Scope(), GapFilter(), today=TODAY)
    top = found.gaps[0]
    assert (top.cell, top.demand.needs, top.demand.unmet) == (LOZERE, 4, 1)
    assert top.offered == Offered(national=1)
    assert needs_at(found, "REG-76") == 5
    assert needs_at(found, "FR") == 1
    assert found.tiles["DEP-48"].needs == 4
    assert {p: d.needs for p, d in found.profiles.items()} == {
        "association": 5,
        "tpe": 1,
        UNSAID: 1,
    }
    drilled = read_register(catalogue, Scope(), GapFilter("REG-76"), today=TODAY)
    assert "DEP-48" in drilled.rows
    assert needs_at(drilled, "REG-76") == 1
    each = read_register(catalogue, Scope(), GapFilter(profile=EACH), today=TODAY)
    assert Cell("DEP-48", "juridique", "tpe") in {g.cell for g in each.gaps}
    tpe = read_register(catalogue, Scope(), GapFilter(profile="tpe"), today=TODAY)
    assert tpe.total.needs == 1
    assert tpe.gaps[0].offered == Offered()


def test_needs_that_nobody_sent_are_counted_apart(catalogue):
    keep(catalogue, "sent")
    for number in range(3):
        keep(catalogue, f"d{number}", state="draft", unmet="too-far", reference=None)
    both = read_register(catalogue, Scope(), GapFilter(), today=TODAY)
    assert (both.total.needs, both.total.unsent, both.gaps[0].demand.unsent) == (4, 3, 3)
    for sending, count, unsent in (("sent", 1, 0), ("unsent", 3, 3)):
        found = read_register(catalogue, Scope(), GapFilter(sending=sending), today=TODAY)
        assert (found.total.needs, found.total.unsent) == (count, unsent)
        assert found.gaps[0].demand.needs == count


def another_comes(connection):
    save_need(connection, "m", need(place=MENDE), today=TODAY, at=NOON + timedelta(hours=1))
    change_need(connection, "m", state="new", understood={"juridique": 0.9})


@pytest.mark.parametrize(
    "change",
    [
        another_comes,
        lambda c: erase(c, "n"),
        lambda c: change_need(c, "n", unmet=None),
        lambda c: mark_compared(c, "n", repeated=True),
        lambda c: save_rematches(c, [Rematch("n", "appui", 1, 0.9, NOON)]),
        lambda c: save_gap(c, LOZERE, state="taken", note="", at=NOON),
    ],
)
def test_the_register_is_counted_again_as_soon_as_something_changed(catalogue, change):
    def read_now():
        return read_register(catalogue, Scope(), GapFilter(), today=TODAY)

    keep(catalogue, unmet="tried", state="draft")
    before = read_now()
    assert read_now() is before
    with write(catalogue.engine) as connection:
        change(connection)
    after = read_now()
    assert (after.gaps, after.total) != (before.gaps, before.total)


@pytest.mark.parametrize(
    ("scope", "rows", "needs_seen"),
    [
        (Scope(("DEP-48",)), ("DEP-48",), 1),
        (Scope(("REG-76",)), ("REG-76",), 1),
        (Scope(("DEP-48", "DEP-59")), ("DEP-59", "DEP-48"), 2),
        (Scope(("DEP-48",), ("tresorerie",)), ("DEP-48",), 0),
        (Scope(()), (), 0),
    ],
)
def test_a_scope_sees_its_own_and_nothing_in_any_count(catalogue, scope, rows, needs_seen):
    keep(catalogue, "m")
    keep(catalogue, "l", place=LILLE)
    keep(catalogue, "x", place=None)
    found = read_register(catalogue, scope, GapFilter(), today=TODAY)
    assert set(found.rows) == set(rows)
    assert found.total.needs == needs_seen
    assert sum(d.needs for d in found.tiles.values()) == needs_seen
    assert sum(d.needs for d in found.profiles.values()) == needs_seen
    assert len(found.gaps) == needs_seen


@pytest.mark.parametrize("codes", [("EPCI-244800405",), ("COM-48095",), ("COM-48080", "COM-48095")])
def test_who_follows_a_part_of_a_departement_counts_that_part_and_changes_nothing(catalogue, codes):
    keep(catalogue, "mende", place=gazetteer().place(["COM-48095"]))
    keep(catalogue, "florac", place=gazetteer().place(["COM-48061"]))
    scope = Scope(codes)
    found = read_register(catalogue, scope, GapFilter(), today=TODAY)
    assert (found.rows, found.total.needs, found.partly) == (("DEP-48",), 1, True)
    assert {code: d.needs for code, d in found.tiles.items()} == {"DEP-48": 1}
    opened = open_gap(catalogue, scope, LOZERE, today=TODAY)
    assert ([n.key for n in opened.needs], opened.partly) == ([desk_key("mende")], True)
    with pytest.raises(UnknownGap):
        move(catalogue, "taken", "open", scope=scope)
    whole = open_gap(catalogue, Scope(), LOZERE, today=TODAY)
    assert (len(whole.needs), whole.partly) == (2, False)


@pytest.mark.parametrize("cell", [Cell("DEP-59", "juridique"), Cell("DEP-48", "inconnu")])
def test_a_gap_out_of_scope_or_unknown_does_not_exist(catalogue, cell):
    with pytest.raises(UnknownGap):
        open_gap(catalogue, Scope(("DEP-48",)), cell, today=TODAY)
    with pytest.raises(UnknownGap):
        move(catalogue, "taken", "open", cell=cell, scope=Scope(("DEP-48",)))


def test_one_gap_shows_the_sent_needs_and_only_counts_the_others(catalogue):
    keep(catalogue, "sent", unmet="too-far")
    keep(catalogue, "unsent", state="draft", unmet="too-far", reference=None)
    found = open_gap(catalogue, Scope(), LOZERE, today=TODAY)
    assert [n.key for n in found.needs] == [desk_key("sent")]
    assert (found.unsent, found.gap.demand.needs) == (1, 2)
    assert [o.id for o in found.offers["national"]] == ["appui"]


def move(catalogue, state, seen, *, cell=LOZERE, scope=None, note="", now=NOON):
    move_gap(catalogue, scope or Scope(), cell, state, note=note, seen=seen, by="user:lea", now=now)


def state_of(catalogue):
    return open_gap(catalogue, Scope(), LOZERE, today=TODAY).gap


def test_a_gap_is_taken_then_filled_and_every_step_is_written_down(catalogue):
    keep(catalogue)
    assert state_of(catalogue).state == "open"
    move(catalogue, "taken", "open", note="Vu avec le barreau")
    move(catalogue, "taken", "taken", note="Rendez-vous le 3")
    move(catalogue, "filled", "taken")
    assert state_of(catalogue).state == "filled"
    with read(catalogue.engine) as connection:
        history = load_gap_history(connection, LOZERE)
        assert broken_at(connection) is None
    assert [a for _, _, a in history] == ["gap-taken", "gap-note", "gap-filled"]
    assert {who for _, who, _ in history} == {"user:lea"}


def test_what_does_not_follow_is_refused(catalogue):
    with pytest.raises(ForbiddenGapMove):
        move(catalogue, "ailleurs", "open")
    move(catalogue, "filled", "open")
    with pytest.raises(ForbiddenGapMove):
        move(catalogue, "taken", "filled")


def test_the_second_of_two_people_is_told(catalogue):
    move(catalogue, "taken", "open")
    with pytest.raises(ChangedMeanwhile, match="Pris en charge"):
        move(catalogue, "taken", "open")


def test_a_filled_gap_opens_again_by_itself_when_a_need_finds_nothing_there(catalogue):
    keep(catalogue, "before", unmet="too-far")
    move(catalogue, "filled", "open", now=NOON + timedelta(hours=1))
    assert state_of(catalogue).state == "filled"
    keep(catalogue, "after", unmet="too-far", at=NOON + timedelta(days=1))
    assert (state_of(catalogue).state, state_of(catalogue).reopened) == ("open", True)
    move(catalogue, "filled", "open", now=NOON + timedelta(days=2))
    assert state_of(catalogue).state == "filled"


def test_an_answer_that_is_not_sure_opens_a_gap_without_any_gesture(catalogue):
    about = need("Un notaire pour revoir les statuts", place=MENDE)
    stored = keep_need(catalogue, about, today=TODAY, now=NOON)
    with write(catalogue.engine) as connection:
        connection.execute(update(needs).values(sure=False))
    assert asked(catalogue)[stored.id].unmet
