"""What is kept goes on its day: three years of needs, day by day, with exact counts."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from data import audit
from data.engine import read, write
from data.erasing import erase
from data.outbox import queue
from data.store_contacts import Contact, save_contact
from data.store_gaps import save_gap
from data.store_needs import change_need, need_ids, save_need
from data.store_sessions import open_session, save_link
from data.store_users import User, save_user
from data.tables import needs
from data.tables_people import contacts, gaps, outbox, sessions, sign_in_links, users
from service.triage.clocks import Clocks
from service.usecases.accounts import close_account, reopen_account
from service.usecases.jobs import Jobs
from tests.builders import need, settings
from tests.rows import held
from tests.service.sent_needs import WORDS, Clock, Pigeon, jobs_of, keep_need, opened, waiting

FIRST, DAYS, QUIET = date(2026, 1, 1), 3 * 365 + 1, 90
DAY = timedelta(days=1)
LAST = FIRST + (DAYS - 1) * DAY
NEVER = date.max


def at(day, hour):
    return datetime.combine(day, time(hour), UTC)


@dataclass(frozen=True)
class Life:
    """What becomes of one need, received at noon of `born`."""

    id: str
    born: date
    kind: str
    closed: date | None = None
    erased: date = NEVER

    @property
    def words_end(self):
        """The first day whose early jobs find that the words were kept long enough."""
        if self.kind in ("draft", "unmet"):
            return self.born + 8 * DAY
        return _past_a_year_from(self.closed or self.born + 45 * DAY)

    def has_words(self, day):
        """Once the early jobs of a day are done; people erase at noon."""
        return self.born < day < self.words_end and day <= self.erased

    def has_row(self, day):
        ends = self.words_end if self.kind == "draft" else NEVER
        return self.born < day < ends and day <= self.erased

    def has_contact(self, day):
        return self.kind == "sent" and self.has_words(day)

    @property
    def retained(self):
        """Whether its words go because they were kept long enough, before the end."""
        return self.words_end <= min(self.erased, LAST)

    @property
    def mails(self):
        """Reminders that left before the closing, and the mail that tells of the expiry."""
        if self.kind != "sent":
            return 0
        lived = (self.closed - self.born).days if self.closed else 45
        return (lived > 9) + (lived > 21) + (self.closed is None)


@dataclass(frozen=True)
class Ending:
    """An account or a gap, opened at noon of `born`, ended, and opened again for good or not.

    What it keeps of people: a name and an address, or a note.
    """

    id: str
    born: date
    ended: date
    again: date = NEVER

    @property
    def keeps_until(self):
        """The first day whose early jobs find that it was kept long enough."""
        return NEVER if self.again != NEVER else _past_a_year_from(self.ended)

    def keeps(self, day):
        return self.born < day < self.keeps_until

    @property
    def retained(self):
        return self.keeps_until <= LAST


def endings(seed):
    """One every ten days or so."""
    chance = Random(seed)
    born = FIRST
    while born < LAST - QUIET * DAY:
        ended = born + chance.choice((1, 30, 400)) * DAY
        again = ended + chance.choice((1, 90, 360)) * DAY if chance.random() < 0.3 else NEVER
        yield Ending(f"{born:%Y%m%d}", born, ended, again)
        born += chance.choice((5, 10, 15)) * DAY


def _past_a_year_from(ended):
    day = ended + 365 * DAY
    while _a_year_before(day) <= ended:
        day += DAY
    return day


def _a_year_before(day):
    return date(day.year - 1, day.month, 28 if (day.month, day.day) == (2, 29) else day.day)


def lives(seed):
    """Some needs a day, but the last. None is closed when a reminder is on its way."""
    chance = Random(seed)
    for n in range(DAYS - QUIET):
        born = FIRST + n * DAY
        for i in range(chance.choice((0, 0, 1, 1, 2))):
            kind = chance.choice(("draft", "draft", "unmet", "sent", "sent"))
            after = chance.choice((3, 15, 30, None)) if kind == "sent" else None
            closed = born + after * DAY if after else None
            erased = born + chance.choice((2, 60, 500)) * DAY if chance.random() < 0.1 else NEVER
            # Who erases an open need is sent nothing more: told apart, in tests of letters.
            if kind == "sent":
                erased = max(erased, born + 60 * DAY)
            yield Life(f"{n}-{i}", born, kind, closed, erased)


def live(connection, day, world):
    """What people do at noon."""
    noon = at(day, 12)
    for life in world:
        if life.born == day:
            save_need(connection, life.id, need(WORDS), today=day, at=noon)
            if life.kind == "unmet":
                change_need(connection, life.id, unmet="too-far")
            if life.kind == "sent":
                save_contact(connection, life.id, Contact("Camille", "c@exemple.org"))
                moments = dict.fromkeys(("sent_at", "seen_at", "contacted_at", "moved_at"), noon)
                change_need(connection, life.id, state="waiting", **moments)
        if life.closed == day:
            ended = {"moved_at": noon, "closed_at": noon}
            change_need(connection, life.id, state="closed", outcome="helped", **ended)
        if life.erased == day:
            erase(connection, life.id)
    save_link(connection, f"l{day}", "u", at=noon, expires_at=noon + timedelta(minutes=15))
    open_session(connection, f"s{day}", "u", at=noon, expires_at=noon + 7 * DAY)


def account_lives(engine, day, accounts):
    """What administrators do at noon."""
    noon = at(day, 12)
    for one in accounts:
        if one.born == day:
            with write(engine) as connection:
                user = User(one.id, f"{one.id}@exemple.org", "Sam", "catalyst")
                save_user(connection, user, at=noon)
        if one.ended == day:
            close_account(engine, one.id, by="system", now=noon)
        if one.again == day:
            reopen_account(engine, one.id, by="system", now=noon)


def gap_lives(connection, day, holes):
    """What network leads do at noon."""
    for one in holes:
        states = {one.born: "taken", one.ended: "filled", one.again: "open"}
        if day in states:
            cell = (one.id, "juridique", "any")
            save_gap(connection, cell, state=states[day], note="Voir Léa", at=at(day, 12))


def counts(engine):
    with read(engine) as connection:

        def count(table, *where):
            return connection.scalar(select(func.count()).select_from(table).where(*where))

        return {
            "rows": count(needs),
            "words": count(needs, needs.c.text != ""),
            "contacts": count(contacts),
            "sessions": count(sessions) + count(sign_in_links),
            "accounts": count(users, users.c.id != "u"),
            "notes": count(gaps, gaps.c.note != ""),
        }


@pytest.mark.parametrize("seed", [20261124])
def test_three_years_day_by_day_keep_what_they_should_and_no_more(tmp_path, seed):
    engine, pigeon, done = opened(tmp_path), Pigeon(), Counter()
    with write(engine) as connection:
        save_user(connection, User("u", "a@exemple.org", "Agnès", "catalyst"), at=at(FIRST, 0))
    world, accounts, holes = list(lives(seed)), list(endings(seed)), list(endings(seed + 1))
    jobs = jobs_of(engine, pigeon)
    for day in (FIRST + n * DAY for n in range(DAYS)):
        clock = Clock(at(day, 4))
        done.update(jobs.day(clock))
        assert counts(engine) == {
            "rows": sum(life.has_row(day) for life in world),
            "words": sum(life.has_words(day) for life in world),
            "contacts": sum(life.has_contact(day) for life in world),
            "sessions": 0,
            "accounts": sum(account.keeps(day) for account in accounts),
            "notes": sum(hole.keeps(day) for hole in holes),
        }
        clock.now = at(day, 10)
        done.update(jobs.send(clock))
        with write(engine) as connection:
            live(connection, day, world)
            gap_lives(connection, day, holes)
        account_lives(engine, day, accounts)
    assert done == {
        "drafts": sum(life.retained for life in world if life.kind == "draft"),
        "words": sum(life.retained for life in world if life.kind != "draft"),
        "expired": sum(life.kind == "sent" and life.closed is None for life in world),
        "reminded": sum(life.mails - (life.closed is None) for life in world if life.mails),
        "sent": sum(life.mails for life in world),
        "notices": 0,
        "suggestions": 0,
        "sessions": 2 * (DAYS - 1),
        "accounts": sum(account.retained for account in accounts),
        "notes": sum(hole.retained for hole in holes),
        "work": done["work"],
        "keys": 0,
        "nothing": 0,
        "failed": 0,
        "mails": 0,
        # The first day, a Thursday, then each Monday.
        "counted": 1 + sum((FIRST + n * DAY).weekday() == 0 for n in range(DAYS)),
    }
    assert min(done["drafts"], done["words"], done["expired"], done["sent"]) > 50
    assert min(done["accounts"], done["notes"]) > 20
    assert len(pigeon.sent) == done["sent"]
    with read(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(outbox)) == 0
        assert audit.broken_at(connection) is None


def test_of_an_account_long_closed_its_id_alone_is_left(tmp_path):
    engine, noon = opened(tmp_path), at(FIRST, 12)
    with write(engine) as connection:
        save_user(connection, User("u7", "agnes@exemple.org", "Agnès", "catalyst"), at=noon)
        open_session(connection, "s", "u7", at=noon, expires_at=noon + 999 * DAY)
    jobs = jobs_of(engine, Pigeon())
    close_account(engine, "u7", by="system", now=noon)
    close_account(engine, "u7", by="system", now=noon + 300 * DAY)
    assert jobs.day(Clock(noon + 365 * DAY))["accounts"] == 0
    assert jobs.day(Clock(noon + 366 * DAY))["accounts"] == 1
    assert jobs.day(Clock(noon + 367 * DAY))["accounts"] == 0
    with read(engine) as connection:
        lines = audit.last_lines(connection, 9)
        assert connection.scalar(select(func.count()).select_from(sessions)) == 0
    assert [(line.action, line.detail["user_id"]) for line in lines] == [
        ("account-closed", "u7"),
        ("account-forgotten", "u7"),
    ]
    engine.dispose()
    assert "Agnès".encode() not in held(engine)


def test_how_long_accounts_and_notes_are_kept_is_set(tmp_path):
    engine, noon = opened(tmp_path), at(FIRST, 12)
    with write(engine) as connection:
        save_user(connection, User("u7", "agnes@exemple.org", "Agnès", "catalyst"), at=noon)
        save_gap(connection, ("DEP-48", "juridique", "any"), state="filled", note="n", at=noon)
    close_account(engine, "u7", by="system", now=noon)
    brief = {"keep_accounts_months": 1, "keep_notes_months": 2}
    jobs = Jobs.of(settings(tmp_path, **brief), engine)
    days = {
        (n, what)
        for n in range(90)
        for what, count in jobs.day(Clock(noon + n * DAY)).items()
        if count and what in ("accounts", "notes")
    }
    assert days == {(32, "accounts"), (60, "notes")}


def test_a_reminder_long_done_is_not_sent_again_while_the_need_waits(tmp_path):
    engine, pigeon = opened(tmp_path), Pigeon()
    jobs = jobs_of(engine, pigeon)
    patient = Jobs(engine, replace(jobs.post, clocks=Clocks(closing=200)), jobs.keep)
    waiting(engine, "n", at(FIRST, 12))
    for n in range(150):
        patient.once(Clock(at(FIRST + n * DAY, 10)))
    assert len(pigeon.sent) == 2


def test_what_was_given_up_is_seen_for_a_month_then_goes(tmp_path):
    engine, pigeon = opened(tmp_path), Pigeon()
    jobs = jobs_of(engine, pigeon)
    with write(engine) as connection:
        queue(connection, "no-such-kind", at=at(FIRST, 12))
    jobs.send(Clock(at(FIRST, 12)))
    assert jobs.day(Clock(at(FIRST + 30 * DAY, 12)))["work"] == 0
    assert jobs.day(Clock(at(FIRST + 31 * DAY, 12)))["work"] == 1


def test_a_need_whose_end_was_not_dated_does_not_keep_its_words_for_ever(tmp_path):
    engine = opened(tmp_path)
    keep_need(engine, "n", at(FIRST, 12), state="closed", outcome="helped")
    done = jobs_of(engine, Pigeon()).day(Clock(at(FIRST + 366 * DAY, 13)))
    assert done["words"] == 1


def test_mails_left_as_files_go_as_drafts_do(tmp_path):
    engine = opened(tmp_path)
    folder = tmp_path / "mails"
    folder.mkdir()
    for name, day in (("old", FIRST), ("new", FIRST + 7 * DAY)):
        (folder / f"{name}.eml").write_text("")
        os.utime(folder / f"{name}.eml", (at(day, 12).timestamp(),) * 2)
    jobs = replace(jobs_of(engine, Pigeon()), mails=folder)
    assert jobs.day(Clock(at(FIRST + 8 * DAY, 12)))["mails"] == 1
    assert [f.name for f in folder.iterdir()] == ["new.eml"]


def test_nothing_is_kept_longer_in_the_sandbox(tmp_path):
    (tmp_path / "sandbox").mkdir()
    here, there = opened(tmp_path), opened(tmp_path / "sandbox")
    noon = at(FIRST, 12)
    for engine, need_id in ((here, "live"), (there, "a"), (there, "b")):
        keep_need(engine, need_id, noon)
    jobs = replace(jobs_of(here, Pigeon()), sandbox=lambda: there)
    assert jobs.day(Clock(noon + 6 * DAY))["drafts"] == 0
    assert jobs.day(Clock(noon + 8 * DAY))["drafts"] == 3
    for engine in (here, there):
        with read(engine) as connection:
            assert need_ids(connection) == []
