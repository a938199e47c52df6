"""Jobs: what is due is done once, by whoever comes first, and again if they died before the end."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from data import audit
from data.engine import migrate, open_engine, read, write
from data.outbox import LEASE, MOST_TRIES, queue, undone
from data.store_needs import change_need, load_need
from data.tables_people import outbox
from service.days import day_of
from service.mail import Unsent
from service.triage.clocks import is_working_day
from service.usecases.jobs import Worker
from tests.databases import database_of, environment
from tests.service.sent_needs import (
    EMAIL,
    WORDS,
    Clock,
    Pigeon,
    jobs_of,
    opened,
    queue_questions,
    waiting,
)
from tests.service.smtp_server import Kept, serving

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path):
    return opened(tmp_path)


def live(jobs, clock, days):
    """Every six hours of so many days, the jobs; what was done, each with the days since."""
    start, done = clock.now, []
    while clock.now < start + timedelta(days=days):
        account = jobs.once(clock)
        done += [(clock.now - start, what, n) for what, n in account.items() if n]
        clock.forward(hours=6)
    return done


def test_what_waits_is_reminded_on_its_days_then_expires_and_once_each(engine):
    waiting(engine, "n", MONDAY)
    pigeon, clock = Pigeon(), Clock(MONDAY)
    done = live(jobs_of(engine, pigeon), clock, 80)
    days = [(since.days, what) for since, what, _ in done if what in ("reminded", "expired")]
    # Before ten: the day began in France, the need was sent at eleven there.
    assert days == [(8, "reminded"), (20, "reminded"), (44, "expired")]
    assert [m.subject.split("\u00a0")[0] for m in pigeon.sent] == [
        "Où en est votre besoin",
        "Où en est votre besoin",
        "Votre besoin a expiré, faute de nouvelles",
    ]
    assert [day_of(m.at) for m in pigeon.sent] == [
        date(2026, 12, 2),
        date(2026, 12, 14),
        date(2027, 1, 7),
    ]
    with read(engine) as connection:
        assert load_need(connection, "n").state == "expired"
        actions = [line.action for line in audit.lines_of(connection, "n")]
    assert actions == ["reminder-9", "reminder-21", "expired"]


def test_mails_of_the_clock_leave_on_working_mornings_alone(engine):
    for n in range(7):
        waiting(engine, f"n{n}", MONDAY + timedelta(days=n))
    pigeon = Pigeon()
    live(jobs_of(engine, pigeon), Clock(MONDAY), 60)
    assert len(pigeon.sent) == 7 * 3
    assert all(is_working_day(day_of(m.at)) for m in pigeon.sent)
    assert all(m.at.hour >= 8 for m in pigeon.sent)


def test_a_need_that_waits_again_is_reminded_again(engine):
    waiting(engine, "n", MONDAY)
    pigeon, clock = Pigeon(), Clock(MONDAY)
    jobs = jobs_of(engine, pigeon)
    live(jobs, clock, 12)
    with write(engine) as connection:
        change_need(connection, "n", state="qualifying", moved_at=clock.now)
    live(jobs, clock, 30)
    with write(engine) as connection:
        change_need(connection, "n", state="waiting", moved_at=clock.now)
    live(jobs, clock, 12)
    assert len(pigeon.sent) == 2


def test_jobs_that_were_stopped_for_weeks_send_one_reminder_not_all(engine):
    waiting(engine, "n", MONDAY)
    pigeon, clock = Pigeon(), Clock(MONDAY + timedelta(days=30))
    live(jobs_of(engine, pigeon), clock, 2)
    assert len(pigeon.sent) == 1


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=400)])
def test_a_clock_that_jumps_and_is_put_right_tells_nobody_twice(engine, jump):
    waiting(engine, "n", MONDAY)
    pigeon, clock = Pigeon(), Clock(MONDAY)
    jobs = jobs_of(engine, pigeon)
    live(jobs, clock, 12)
    right = clock.now
    clock.forward(seconds=jump.total_seconds())
    live(jobs, clock, 1)
    clock.now = right
    live(jobs, clock, 40)
    told = Counter(line.action for line in lines_about(engine, "n"))
    assert set(told.values()) == {1}
    assert len({mail.name for mail in pigeon.sent}) == len(pigeon.sent) <= 3
    with read(engine) as connection:
        assert load_need(connection, "n").state == "expired"
        assert audit.broken_at(connection) is None


def lines_about(engine, need_id):
    with read(engine) as connection:
        return audit.lines_of(connection, need_id)


def test_two_threads_at_once_send_each_mail_once(engine):
    count = 60
    for n in range(count):
        waiting(engine, f"n{n}", MONDAY)
    with write(engine) as connection:
        for n in range(count):
            queue(connection, "question", at=MONDAY, need_id=f"n{n}")
    pigeon, clock, accounts = Pigeon(), Clock(MONDAY), []
    both = [
        threading.Thread(target=lambda: accounts.append(jobs_of(engine, pigeon).send(clock)))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sum(account["sent"] for account in accounts) == count
    assert set(Counter(mail.name for mail in pigeon.sent).values()) == {1}
    assert len(pigeon.sent) == count


def aiguille(folder, port, *words):
    """The command in a process of its own, that sends by the server of a port."""
    told = {
        "AIGUILLE_FOLDER": str(folder),
        **environment(folder),
        "AIGUILLE_MAIL": "smtp",
        "AIGUILLE_MAIL_HOST": "127.0.0.1",
        "AIGUILLE_MAIL_PORT": str(port),
        "AIGUILLE_MAIL_TLS": "none",
        "AIGUILLE_MAIL_TIMEOUT_S": "60",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-c", "from service.cli import main; main()", *words]
    return subprocess.Popen(
        command, env={**os.environ, **told}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_two_processes_at_once_send_each_mail_once(engine, tmp_path):
    count = 40
    queue_questions(engine, count)
    kept = Kept()
    with serving(kept) as port:
        both = [aiguille(tmp_path, port, "jobs", "run", "--json") for _ in range(2)]
        accounts = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert sum(account["sent"] for account in accounts) == count
    assert len({message["Message-ID"] for message in kept.messages}) == count
    assert len(kept.messages) == count


def test_a_mail_whose_sender_is_killed_leaves_after_the_lease(engine, tmp_path):
    queue_questions(engine, 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        process = aiguille(tmp_path, silent.getsockname()[1], "jobs", "run")
        silent.settimeout(60)
        connection, _ = silent.accept()
        process.kill()
        process.communicate(timeout=60)
        connection.close()
    pigeon, clock = Pigeon(), Clock(datetime.now(UTC))
    jobs = jobs_of(engine, pigeon)
    assert jobs.send(clock)["sent"] == 0
    clock.forward(seconds=LEASE.total_seconds())
    assert jobs.send(clock)["sent"] == 1


def test_a_worker_does_what_is_due_and_outlives_a_database_that_is_away(tmp_path):
    engine = open_engine(database_of(tmp_path))
    pigeon = Pigeon()
    worker = Worker(jobs_of(engine, pigeon).again(), Clock(MONDAY), every_s=0.02)
    worker.start()
    time.sleep(0.1)  # without tables yet: it fails, and goes on
    migrate(engine)
    waiting(engine, "n", MONDAY)
    with write(engine) as connection:
        queue(connection, "question", at=MONDAY, need_id="n")
    limit = time.monotonic() + 10
    while not pigeon.sent and time.monotonic() < limit:
        time.sleep(0.02)
    worker.stop()
    assert len(pigeon.sent) == 1
    assert not worker.is_alive()


@pytest.fixture
def run(tmp_path, aiguille):
    def command(*words):
        code, out, _ = aiguille(*words, at=tmp_path)
        assert not code
        return out

    return command


def test_what_is_not_done_is_listed_without_anything_of_anybody_then_tried_again(engine, run):
    waiting(engine, "Xk3vQ", MONDAY)
    with write(engine) as connection:
        queue(connection, "sign-in", at=MONDAY, user_id="u7", token="jeton")
        queue(connection, "question", at=MONDAY, need_id="Xk3vQ", key="question:Xk3vQ")
    pigeon, clock = Pigeon(), Clock(MONDAY)
    pigeon.fails = Unsent("smtp-550", final=True)
    jobs_of(engine, pigeon).send(clock)
    for listed in (run("jobs", "list"), run("jobs", "list", "--json")):
        assert "question" in listed
        assert "smtp-550" in listed
        for private in ("Xk3vQ", "jeton", "u7", EMAIL, WORDS, "Camille"):
            assert private not in listed
    (told,) = json.loads(run("jobs", "list", "--json"))
    assert (told["standing"], told["tries"]) == ("given-up", MOST_TRIES)
    assert "1 à réessayer" in run("jobs", "retry")
    assert "Courriels partis\u00a0: 1\n" in run("jobs", "run")
    assert "Rien n’attend." in run("jobs", "list")
    assert run("jobs", "run") == "Rien à faire.\n"
    with read(engine) as connection:
        assert undone(connection) == []
        assert set(connection.scalars(select(outbox.c.error))) == {None, "gone"}
