"""The inbox's queries see what `roles.sees` tells, on every need and every scope."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import delete

from data.engine import migrate, open_engine, read, write
from data.lanes import ENDED, LANES, TO_LOOK_AT
from data.store import save_area
from data.store_desk import Scope, Wanted, count_by_state, says
from data.store_gaps import load_asked
from data.store_inbox import ended_needs, in_lane
from data.store_needs import change_need, load_need, save_need
from data.store_users import User, load_user, load_users, save_user
from data.tables import needs
from data.tables_people import users
from data.territories import Area, Gazetteer
from service.triage.roles import sees
from tests.builders import TODAY, need
from tests.databases import KINDS

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PARK = Area("AREA-parc", "Parc", ("COM-48061", "EPCI-244800405", "DEP-59"))
PLACES = Gazetteer.load([PARK])
WHERE = (
    *("COM-48095", "COM-48061", "COM-59350", "COM-48027", "COM-75118", "COM-75056", "COM-97411"),
    *("COM-01039", "COM-01138", "EPCI-244800405", "EPCI-200054781"),
    *("DEP-48", "DEP-59", "REG-76", "REG-11", "REG-04", "AREA-parc", "AREA-outre-mer", "FR"),
)
"""Communes, parts of communes (a district, a commune that merged), and what is wider."""
TYPES = ["tresorerie", "gouvernance", "juridique"]


def type_sets(smallest=0):
    return st.lists(st.sampled_from(TYPES), unique=True, min_size=smallest, max_size=2)


KEPT = st.fixed_dictionaries(
    {
        "place": st.none() | st.sampled_from(WHERE),
        "state": st.sampled_from(["draft", "new", "waiting", "closed", "expired"]),
        "asked": type_sets(),
        "understood": st.none() | type_sets(),
        "corrected": st.none() | type_sets(),
    }
)


@pytest.fixture(scope="module", params=KINDS)
def engine(request, tmp_path_factory):
    if request.param == "sqlite":
        opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'a.db'}")
        migrate(opened)
    else:
        opened = open_engine(request.getfixturevalue("new_postgresql")())
    with write(opened) as connection:
        save_area(connection, PARK)
    yield opened
    opened.dispose()


def keep(connection, number, one):
    """A need as the example says; its id."""
    need_id = f"need-{number}"
    place = PLACES.place([one["place"]]) if one["place"] else None
    asked = need(place=place, need_types=frozenset(one["asked"]))
    save_need(connection, need_id, asked, today=TODAY, at=NOW)
    values = {"state": one["state"], "sent_at": NOW, "reference": None}
    if one["understood"] is not None:
        values["understood"] = dict.fromkeys(one["understood"], 0.5)
    if one["corrected"] is not None:
        values["correction"] = {"need_types": one["corrected"], "urgent": number % 2 == 0}
    change_need(connection, need_id, **values)
    return need_id


@given(
    found=st.lists(KEPT, min_size=1, max_size=12),
    territories=st.sets(st.sampled_from(WHERE), max_size=4),
    followed=type_sets(),
)
@trying(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_store_shows_what_roles_tell(engine, found, territories, followed):
    with write(engine) as connection:
        connection.execute(delete(needs))
        connection.execute(delete(users))
        told = User(
            "lea", "lea@exemple.org", "Léa", "catalyst", tuple(territories), tuple(followed)
        )
        save_user(connection, told, at=NOW)
        lea = load_user(connection, "lea")
        kept = {keep(connection, n, one): one for n, one in enumerate(found)}
        seen = {i for i in kept if sees(lea, load_need(connection, i))}
        scope = Scope(lea.reach, lea.need_types)
        shown = {n.id for lane in LANES for n in in_lane(connection, lane, scope, Wanted())}
        ended = {n.id for n in ended_needs(connection, scope, Wanted())}
        counted = sum(count_by_state(connection, scope, Wanted()).values())
        narrowed = Wanted(territories=lea.reach)
        sought = sum(count_by_state(connection, Scope(("FR",), lea.need_types), narrowed).values())
        asked = {a.need_id for a in load_asked(connection, territories=lea.reach)}
        everywhere = {a.need_id for a in load_asked(connection)}
    assert shown == seen
    assert ended == {i for i in seen if kept[i]["state"] in ENDED}
    assert counted == len(shown)
    assert sought == counted or not territories
    # Where a need is, the gazetteer tells, whatever the columns say.
    inside = {i for i, one in kept.items() if any(holds(c, one["place"]) for c in territories)}
    assert seen <= inside
    assert followed or seen == {i for i in inside if kept[i]["state"] != "draft"}
    assert asked == everywhere & inside


def holds(code, place):
    return code == "FR" or (place is not None and PLACES.contains(code, place))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("TRESORERIE", True),
        ("trésorerie oeuvre", True),
        ("œuvre", True),
        ("l’œuvre", True),
        ("aig-7x", True),
        ("50%", False),
        ("_", True),
        ("", True),
        ("banque", False),
    ],
)
def test_words_are_found_whatever_their_accents(engine, words, found):
    text = "La TRÉSORERIE de l’Œuvre des pupilles"
    with write(engine) as connection:
        connection.execute(delete(needs))
        save_need(connection, "one", need(text), today=TODAY, at=NOW)
        change_need(connection, "one", state="new", sent_at=NOW, reference="AIG-7X")
    with read(engine) as connection:
        wanted = Wanted(words=words)
        listed = list(in_lane(connection, TO_LOOK_AT, Scope(("FR",)), wanted))
        assert bool(listed) == found == says(words, text, "AIG-7X")
        assert sum(count_by_state(connection, Scope(("FR",)), wanted).values()) == len(listed)


def test_accounts_are_listed_by_name_as_people_sort_them(engine):
    names = ("zoé", "Émile", "Anna", "Éva", "Paul")
    with write(engine) as connection:
        connection.execute(delete(users))
        for name in names:
            one = User(name, f"{name}@e.org", name, "catalyst", active=name != "Anna")
            save_user(connection, one, at=NOW)
        assert [u.name for u in load_users(connection)] == ["Émile", "Éva", "Paul", "zoé", "Anna"]
