"""The inbox's queries see what `roles.sees` tells, on every need and every scope."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from data.engine import migrate, open_engine, read, write
from data.store_desk import Scope, Wanted, count_by_state, ended_needs, open_needs, says
from data.store_needs import change_need, load_need, save_need
from data.store_users import User
from service.triage.roles import sees
from tests.builders import LILLE, MENDE, TODAY, need

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CODES = ["FR", "REG-32", "DEP-59", "DEP-48", "REG-11"]
TYPES = ["tresorerie", "gouvernance", "juridique"]


def type_sets(smallest=0):
    return st.lists(st.sampled_from(TYPES), unique=True, min_size=smallest, max_size=2)


KEPT = st.fixed_dictionaries(
    {
        "place": st.sampled_from([LILLE, MENDE, None]),
        "state": st.sampled_from(["draft", "new", "waiting", "closed", "expired"]),
        "asked": type_sets(),
        "understood": st.none() | type_sets(),
        "corrected": st.none() | type_sets(),
    }
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'a.db'}")
    migrate(opened)
    return opened


@given(st.lists(KEPT, min_size=1, max_size=6), st.sets(st.sampled_from(CODES)), type_sets())
@trying(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_store_shows_what_roles_tell(engine, found, territories, followed):
    user = User("lea", "lea@exemple.org", "Léa", "catalyst", tuple(territories), tuple(followed))
    scope = Scope(user.territories, user.need_types)
    with write(engine) as connection:
        ids = []
        for number, one in enumerate(found):
            need_id = f"{connection.exec_driver_sql('select count(*) from needs').scalar()}"
            asked = need(place=one["place"], need_types=frozenset(one["asked"]))
            save_need(connection, need_id, asked, today=TODAY, at=NOW)
            understood, corrected = one["understood"], one["corrected"]
            values = {"state": one["state"], "sent_at": NOW, "reference": None}
            if understood is not None:
                values["understood"] = dict.fromkeys(understood, 0.5)
            if corrected is not None:
                values["correction"] = {"need_types": corrected, "urgent": number % 2 == 0}
            change_need(connection, need_id, **values)
            ids.append(need_id)
        seen = {i for i in ids if sees(user, load_need(connection, i))}
        shown = {n.id for n in open_needs(connection, scope, Wanted())}
        shown |= {n.id for n in ended_needs(connection, scope, Wanted(), after=None, limit=999)}
        counted = sum(count_by_state(connection, scope, Wanted()).values())
        assert shown & set(ids) == seen
        assert counted == len(shown)


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
def test_words_are_found_whatever_their_accents(tmp_path, words, found):
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    migrate(engine)
    text = "La trésorerie de l’Œuvre des pupilles"
    with write(engine) as connection:
        save_need(connection, "one", need(text), today=TODAY, at=NOW)
        change_need(connection, "one", state="new", sent_at=NOW, reference="AIG-7X")
    with read(engine) as connection:
        wanted = Wanted(words=words)
        listed = open_needs(connection, Scope(("FR",)), wanted)
        assert bool(listed) == found == says(words, text, "AIG-7X")
        assert sum(count_by_state(connection, Scope(("FR",)), wanted).values()) == len(listed)
