"""The inbox is in the order that the clocks say, page after page, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import delete, text

from data.engine import migrate, open_engine, read, write
from data.lanes import LANES
from data.store_desk import Scope, Wanted, visible
from data.store_needs import change_need, load_need, save_need
from data.tables import needs
from service.triage.clocks import SUBDIVISIONS, Clocks, due, is_working_day, working_days_after
from service.triage.order import first_sent
from service.triage.states import OPEN
from service.usecases import inbox
from service.usecases.browsing import BadCursor
from service.usecases.inbox import read_inbox
from tests.builders import TODAY, need
from tests.databases import KINDS, about_sqlite
from tests.desk import user

LEA = user("lea", "administrator", "FR")
SPRING = datetime(2026, 4, 1, tzinfo=UTC)
"""Good Friday, the first of May, the abolition of slavery: not the same holidays everywhere."""
MOMENTS = st.integers(0, 60 * 24).map(lambda hours: SPRING + timedelta(hours=hours))
NEEDS = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from((*OPEN, "draft", "closed")),
            "departement": st.none() | st.sampled_from(["DEP-48", *SUBDIVISIONS]),
            "sent_at": MOMENTS | st.none(),
            "seen_at": MOMENTS | st.none(),
            "contacted_at": MOMENTS | st.none(),
            "moved_at": MOMENTS | st.none(),
        }
    ),
    max_size=25,
)
CLOCKS = st.sampled_from(
    [Clocks(), Clocks(1, 10, (2, 3), 4), Clocks(3, 4, (), 30), Clocks(2, 5, (1,), 2)]
)


@pytest.fixture(scope="module", params=KINDS)
def engine(request, tmp_path_factory):
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('order') / 'a.db'}")
        migrate(opened)
    else:
        opened = open_engine(request.getfixturevalue("new_postgresql")())
    yield opened
    opened.dispose()


def keep(connection, number, columns):
    need_id = f"need-{number}"
    save_need(connection, need_id, need(), today=TODAY, at=SPRING + timedelta(minutes=number))
    change_need(connection, need_id, **columns)
    return need_id


def expected(connection, ids, today, clocks):
    """What the clocks say of each need, sorted."""
    ranks = []
    for stored in (load_need(connection, i) for i in ids):
        if stored.state not in OPEN:
            continue
        found = due(stored, today, clocks)
        asked = stored.sent_at or stored.created_at
        if found is None:
            ranks.append((date.max, asked, stored.key))
        elif found.what in ("reminder", "closing"):
            since = stored.moved_at or stored.contacted_at or stored.sent_at
            ranks.append((found.by, since, stored.key))
        else:
            ranks.append((found.by, asked, stored.key))
    return [key for _, _, key in sorted(ranks)]


def pages(engine, now, clocks):
    """The keys of every page of the inbox."""
    catalogue, after, shown = SimpleNamespace(engine=engine), None, []
    while True:
        page = read_inbox(catalogue, LEA, Wanted(state="open"), now=now, clocks=clocks, after=after)
        shown.append([row.need.key for row in page.rows])
        after = page.after
        if after is None:
            return shown


@given(found=NEEDS, waited=st.integers(0, 60), clocks=CLOCKS, size=st.integers(1, 9))
@trying(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_pages_follow_each_other_as_the_clocks_say(
    engine, monkeypatch, found, waited, clocks, size
):
    now = SPRING + timedelta(days=waited, hours=11)
    monkeypatch.setattr(inbox, "PAGE", size)
    with write(engine) as connection:
        connection.execute(delete(needs))
        ids = [keep(connection, number, columns) for number, columns in enumerate(found)]
        told = expected(connection, ids, now.date(), clocks)
    shown = pages(engine, now, clocks)
    assert [key for page in shown for key in page] == told
    assert all(len(page) == size for page in shown[:-1])


@given(day=st.dates(date(2020, 1, 1), date(2060, 12, 31)), days=st.integers(1, 20))
@example(day=date(2026, 4, 2), days=1)
@trying(deadline=None)
def test_the_holidays_of_a_departement_only_put_a_promise_off(day, days):
    plain = working_days_after(day, days)
    for place in SUBDIVISIONS:
        assert is_working_day(day) or not is_working_day(day, place)
        assert working_days_after(day, days, place) >= plain


@given(by=st.dates(date(2020, 1, 1), date(2060, 12, 31)), days=st.integers(1, 20))
@trying(deadline=None)
def test_nothing_sent_before_the_first_day_is_promised_so_late(by, days):
    first = first_sent(by, days)
    before = first - timedelta(1)
    places = (None, *SUBDIVISIONS)
    assert all(working_days_after(before, days, place) < by for place in places)
    assert any(working_days_after(first, days, place) >= by for place in places)


@about_sqlite("what its planner says")
@pytest.mark.parametrize("code", ["FR", "REG-11"])
@pytest.mark.parametrize("lane", LANES, ids=attrgetter("name"))
def test_a_wide_scope_reads_each_list_from_its_index_without_sorting(tmp_path, lane, code):
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(engine)
    query = visible(Scope((code,)), Wanted(), needs.c.text).where(lane.only)
    asked = query.order_by(lane.moment, needs.c.key)
    literal = asked.compile(engine, compile_kwargs={"literal_binds": True})
    with read(engine) as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {literal}").all()
    assert f"USING INDEX {lane.index_name}" in str(plan)
    assert "B-TREE" not in str(plan)


@pytest.mark.parametrize("by", ["0001-01-01", "9999-12-30", "jeudi", "2026-13-01"])
def test_a_page_that_no_page_led_to_is_refused(engine, by):
    cursor = inbox._encoded((by, "2026-04-01T00:00:00", "k"))
    asked = {"now": SPRING, "clocks": Clocks(), "after": cursor}
    with pytest.raises(BadCursor):
        read_inbox(SimpleNamespace(engine=engine), LEA, Wanted(), **asked)


def test_the_indexes_of_the_lists_are_those_of_the_code(engine):
    """Where they differ, a page would still be right, and slow."""
    with read(engine) as connection:
        kind = connection.dialect.name
        table, column = {
            "sqlite": ("sqlite_master", "name"),
            "postgresql": ("pg_indexes", "indexname"),
        }[kind]
        names = set(connection.scalars(text(f"select {column} from {table}")))
    assert {index.name for index in needs.indexes} <= names
