"""The desk is told each working morning what awaits a first look: one mail, in scope, no words."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from data.engine import read, write
from data.store_needs import change_need, load_needs
from data.store_users import change_user, load_user
from service.app import create_app
from service.days import day_of
from service.mail import Unsent
from service.triage.clocks import is_working_day
from service.triage.roles import sees
from service.usecases.letters import MOST_LISTED
from tests.builders import FRAME, settings, tiny_catalogue
from tests.desk import client_of, keep_users, proof, user
from tests.service.sent_needs import EMAIL, WORDS, Clock, Pigeon, jobs_of, keep_need, opened

SUNDAY = datetime(2026, 11, 22, 10, tzinfo=UTC)
MONDAY = SUNDAY + timedelta(days=1)
LEA = user("lea", "catalyst", "DEP-59")


@pytest.fixture
def engine(tmp_path):
    made = opened(tmp_path)
    keep_users(made, LEA, now=SUNDAY)
    return made


def arrives(engine, name, at=SUNDAY, **columns):
    sent = {"reference": name.upper(), "sent_at": at, "moved_at": at}
    keep_need(engine, name, at, **{"state": "new", "correction": None, **sent, **columns})


def about(*types):
    return {"correction": {"need_types": list(types), "urgent": False}}


def live(engine, clock, days, pigeon=None):
    """The jobs every three hours of so many days, each time by a process that knows nothing."""
    pigeon = pigeon or Pigeon()
    for _ in range(8 * days):
        jobs_of(engine, pigeon).once(clock)
        clock.forward(hours=3)
    return pigeon.sent


def test_a_need_that_arrives_is_told_on_the_next_working_morning_without_its_words(engine):
    arrives(engine, "aig-1", **about("tresorerie", "gouvernance"))
    (mail,) = live(engine, Clock(SUNDAY), 2)
    assert (mail.to, mail.at) == (LEA.email, datetime(2026, 11, 23, 10, tzinfo=UTC))
    assert mail.subject == "1 besoin attend un premier regard"
    types = ", ".join(FRAME.label("need_types", code) for code in ("gouvernance", "tresorerie"))
    assert f"AIG-1\u00a0: {types} (Nord)\n" in mail.body
    assert "À regarder au plus tard le 24\u00a0novembre\u00a02026\n" in mail.body
    links = re.findall(r"https://a\.exemple(\S+)", mail.body)
    assert re.fullmatch("/bureau/besoins/[0-9a-f]{20}", links[0])
    assert links[1:] == ["/bureau", "/bureau/mon-compte"]
    for private in (WORDS, "Camille", EMAIL, "0600000000"):
        assert private not in mail.subject + mail.body
    assert "\n\n\n" not in mail.body


def test_at_most_one_mail_a_working_day_as_long_as_nobody_looks(engine):
    for n in range(3):
        arrives(engine, f"aig-{n}", at=SUNDAY + timedelta(days=n))
    sent = live(engine, Clock(SUNDAY), 40)
    days = Counter(day_of(mail.at) for mail in sent)
    working = [d for n in range(40) if is_working_day(d := date(2026, 11, 22) + timedelta(days=n))]
    assert days == Counter(working)
    assert date(2026, 12, 25) not in days


def test_a_first_look_that_is_late_is_told_first_and_counted(engine):
    arrives(engine, "aig-late")
    clock = Clock(SUNDAY)
    sent = live(engine, clock, 4)
    arrives(engine, "aig-new", at=clock.now)
    sent += live(engine, clock, 1)
    assert [mail.subject for mail in sent] == [
        "1 besoin attend un premier regard",
        "1 besoin attend un premier regard",
        "1 besoin attend un premier regard (1 en retard)",
        "2 besoins attendent un premier regard (1 en retard)",
    ]
    told = re.findall(r"AIG-\w+|(?:À|Devait) \w+ .*", sent[-1].body)
    assert told == [
        "AIG-LATE",
        "Devait être regardé au plus tard le 24\u00a0novembre\u00a02026",
        "AIG-NEW",
        "À regarder au plus tard le 30\u00a0novembre\u00a02026",
    ]


def test_what_somebody_looked_at_or_closed_is_told_no_more(engine):
    arrives(engine, "seen")
    arrives(engine, "closed")
    with write(engine) as connection:
        change_need(connection, "seen", seen_at=SUNDAY)
        change_need(connection, "closed", state="closed", outcome="duplicate", closed_at=SUNDAY)
    assert live(engine, Clock(SUNDAY), 3) == []


def test_each_is_told_of_what_they_see_and_of_nothing_else(engine):
    people = [
        LEA,
        user("nord", "catalyst", "REG-32"),
        user("loz", "catalyst", "DEP-48"),
        user("france", "catalyst", "FR"),
        user("money", "catalyst", "FR", need_types=("tresorerie",)),
        user("nowhere", "catalyst"),
    ]
    keep_users(engine, *people[1:])
    places = {"lille": ("DEP-59", "REG-32"), "mende": ("DEP-48", "REG-76"), "none": (None, None)}
    for place, (departement, region) in places.items():
        for name, types in (("money", ("tresorerie",)), ("law", ("juridique",)), ("any", ())):
            where = {"departement": departement, "region": region}
            arrives(engine, f"{place}-{name}", **where, **about(*types))
    keep_need(engine, "draft", SUNDAY, reference="DRAFT")
    sent = {mail.to: mail.body for mail in live(engine, Clock(SUNDAY), 2)}
    ids = [f"{place}-{name}" for place in places for name in ("money", "law", "any")]
    with read(engine) as connection:
        needs = load_needs(connection, [*ids, "draft"])
    for who in people:
        told = {need.id for need in needs if f"{need.reference}\u00a0:" in sent.get(who.email, "")}
        assert told == {need.id for need in needs if sees(who, need)}, who.id
    assert len(sent) == len(people) - 1


def test_who_said_never_is_not_told_and_another_role_only_if_they_asked(engine):
    everywhere = {
        "never": ("catalyst", "never"),
        "lead": ("network-lead", None),
        "asked": ("network-lead", "daily"),
        "admin": ("administrator", None),
    }
    made = [user(n, role, "FR", notices=said) for n, (role, said) in everywhere.items()]
    keep_users(engine, *made, user("closed", "catalyst", "FR", active=False))
    arrives(engine, "aig-1")
    assert {mail.to for mail in live(engine, Clock(SUNDAY), 2)} == {LEA.email, "asked@exemple.org"}


def test_who_switches_it_off_before_the_mail_leaves_is_sent_nothing(engine):
    arrives(engine, "aig-1")
    pigeon, clock = Pigeon(), Clock(MONDAY.replace(hour=1))
    keep_users(engine, user("nowhere", "catalyst"))
    assert jobs_of(engine, pigeon).once(clock)["notices"] == 1
    with write(engine) as connection:
        change_user(connection, LEA.id, notices="never")
    clock.now = MONDAY
    assert jobs_of(engine, pigeon).send(clock)["nothing"] == 1


def test_a_mail_that_could_not_leave_on_its_day_gives_way_to_that_of_the_next(engine):
    arrives(engine, "aig-1")
    pigeon, clock = Pigeon(), Clock(SUNDAY)
    pigeon.fails = Unsent("smtp-451")
    live(engine, clock, 1, pigeon)
    clock.now = MONDAY
    live(engine, clock, 1, pigeon)
    pigeon.fails = None
    sent = live(engine, clock, 2, pigeon)
    assert [day_of(mail.at) for mail in sent] == [date(2026, 11, 24), date(2026, 11, 25)]


def test_a_long_list_is_cut_and_says_how_many_more_there_are(engine):
    for n in range(MOST_LISTED + 2):
        arrives(engine, f"aig-{n}")
    (mail,) = live(engine, Clock(SUNDAY), 2)
    assert mail.subject == f"{MOST_LISTED + 2} besoins attendent un premier regard"
    assert mail.body.count("/bureau/besoins/") == MOST_LISTED
    assert "Il y en a 2 autres. Toute la liste\u00a0:" in mail.body


def test_a_user_who_reads_english_is_told_in_english(engine):
    with write(engine) as connection:
        change_user(connection, LEA.id, language="en")
    arrives(engine, "aig-1", **about("tresorerie"))
    arrives(engine, "aig-2", departement=None, region="REG-32", **about())
    first, *_ = live(engine, Clock(SUNDAY), 2)
    assert first.subject == "1 need awaits a first look"
    assert re.search(r"AIG-1: [A-Z][a-z -]+ \(Nord\)\nTo be looked at by 24", first.body)


def test_what_is_not_known_of_a_need_is_said_so(engine):
    with write(engine) as connection:
        change_user(connection, LEA.id, territories=("FR",))
    arrives(engine, "aig-1", departement=None, region=None, **about())
    (mail,) = live(engine, Clock(SUNDAY), 2)
    assert "AIG-1\u00a0: type à préciser (lieu inconnu)\n" in mail.body


@pytest.fixture
def app(tmp_path):
    made = create_app(settings(tmp_path), tiny_catalogue(tmp_path))
    keep_users(made.state.catalogue.engine, LEA, user("root", "administrator", "FR"))
    return made


@pytest.mark.parametrize(("who", "unsaid"), [("lea", "daily"), ("root", "never")])
def test_one_chooses_on_one_s_own_account_page(app, who, unsaid):
    role = "catalyst" if who == "lea" else "administrator"
    client = client_of(app, user(who, role))

    def chosen():
        return re.findall(r'value="(\w+)" checked', client.get("/bureau/mon-compte").text)

    assert 'href="/bureau/mon-compte"' in client.get("/bureau").text
    assert chosen() == [unsaid, "fr"]
    form = {"avis": "never", "langue": "en", "role": "administrator", **proof(client)}
    kept = client.post("/bureau/mon-compte", data=form)
    assert (kept.status_code, kept.headers["location"]) == (303, "/bureau/mon-compte?fait=1")
    assert chosen() == ["never", "en"]
    with read(app.state.catalogue.engine) as connection:
        mine = load_user(connection, who)
        other = load_user(connection, "root" if who == "lea" else "lea")
    assert (mine.notices, mine.language, mine.role) == ("never", "en", role)
    assert (other.notices, other.language) == (None, "fr")


def test_a_choice_that_is_none_of_the_form_s_is_refused_and_told(app):
    client = client_of(app, LEA)
    form = {"avis": "toujours", "langue": "fr", **proof(client)}
    refused = client.post("/bureau/mon-compte", data=form)
    assert refused.status_code == 422
    assert "«\u00a0toujours\u00a0»" in refused.text
    assert "Chaque jour ouvré" in refused.text
