"""The inbox with 50,000 needs at work: what a page costs, the database included. `make bench`."""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, bindparam, select, text, update

from data.engine import write
from data.tables import needs
from evaluation.datasets import TRAIN_NEEDS
from service.app import create_app
from service.triage.states import OPEN
from tests.builders import settings, tiny_catalogue
from tests.builders_people import NOW, seeded_needs
from tests.databases import KINDS
from tests.desk import client_of, keep_users, user

COUNT = 60_000
AT_WORK = 50_000
PEOPLE = {
    "France": user("france", "administrator", "FR"),
    "Île-de-France": user("idf", "catalyst", "REG-11"),
    "Nord": user("nord", "catalyst", "DEP-59"),
    "Lozère": user("lozere", "catalyst", "DEP-48"),
    "Lyon": user("lyon", "catalyst", "COM-69123"),
    "two types": user("types", "catalyst", "FR", need_types=("juridique", "gouvernance")),
}
PAGES = (
    *((who, "") for who in PEOPLE),
    ("France", "?etat=waiting"),
    ("France", "?etat=closed"),
    ("France", "?territoire=DEP-48"),
    ("France", "?type=mesure-impact&profil=tpe"),
    ("France", "?attribue=moi"),
    ("France", "?q=statuts"),
    ("Lozère", "?q=statuts"),
)


@pytest.fixture(scope="module", params=KINDS)
def inbox(request, tmp_path_factory):
    """The pages of people over many needs, each at some point of its triage."""
    folder = tmp_path_factory.mktemp("inbox")
    server = request.param == "postgresql"
    url = request.getfixturevalue("new_postgresql")() if server else ""
    catalogue = tiny_catalogue(folder, database_url=url)
    with write(catalogue.engine) as connection:
        seeded_needs(connection, COUNT, seed=1)
        triage(connection)
    if server:  # as it does by itself, in a minute
        autocommit = catalogue.engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            connection.execute(text("VACUUM ANALYZE needs"))
    keep_users(catalogue.engine, *PEOPLE.values())
    app = create_app(settings(folder, database_url=url), catalogue)
    clients = {who: client_of(app, one, now=NOW) for who, one in PEOPLE.items()}
    gc.collect()
    gc.freeze()  # as the server does
    yield catalogue.engine, clients
    gc.unfreeze()
    catalogue.engine.dispose()


def triage(connection):
    """All but the last needs at work: said in words of their own, looked at, contacted, moved."""
    chance = random.Random(2)
    said = TRAIN_NEEDS.joinpath("queries.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in said]
    found = connection.execute(select(needs.c.id, needs.c.created_at).order_by(needs.c.id)).all()
    changes = []
    for need_id, created in found[:AT_WORK]:
        after = (NOW.replace(tzinfo=None) - created) * chance.random()
        seen = created + after if chance.random() < 0.7 else None
        contacted = seen + timedelta(hours=3) if seen and chance.random() < 0.7 else None
        state = chance.choice(OPEN[1:] if contacted else OPEN[:2])
        moved = {"state": state, "seen_at": seen, "contacted_at": contacted, "outcome": None}
        moved |= {"sent_at": created, "moved_at": contacted or created, "closed_at": None}
        moved["text"] = chance.choice(texts)
        changes.append({"b_id": need_id, "reference": f"A-{need_id[-6:]}", **moved})
    connection.execute(update(needs).where(needs.c.id == bindparam("b_id")), changes)
    ended = update(needs).where(needs.c.id.in_([i for i, _ in found[AT_WORK:]]))
    connection.execute(ended.values(state="closed", outcome="helped"))


@pytest.mark.parametrize(("who", "query"), PAGES)
def test_a_page_of_the_inbox(benchmark, inbox, who, query):
    engine, clients = inbox
    get = clients[who].get
    for _ in range(3):
        get(f"/bureau{query}")
    ours, theirs, served = [], [], backends(engine)

    def once():
        here, there = time.process_time(), cpu_of(served)
        assert get(f"/bureau{query}").status_code == 200
        ours.append((time.process_time() - here) * 1000)
        theirs.append((cpu_of(served) - there) * 1000)

    benchmark.pedantic(once, rounds=15)
    # The system counts another process by hundredths of a second: a mean tells more.
    page, server = statistics.median(ours), statistics.mean(theirs)
    name = f"{engine.dialect.name}, {who} {query}"
    print(f"\ninbox, {AT_WORK} needs at work, {name}: {page:.0f} ms of processor", end="")
    print(f" and {server:.0f} of the server's" if served else "", "(bar 100 ms)")


def backends(engine: Engine) -> list[Path]:
    """What the system tells of the server's processes that work for this database."""
    if engine.dialect.name == "sqlite":
        return []
    query = "select pid from pg_stat_activity where datname = current_database()"
    with engine.connect() as connection:
        return [Path(f"/proc/{pid}/stat") for pid in connection.scalars(text(query))]


def cpu_of(served: list[Path]) -> float:
    """Seconds of processor that these processes have spent."""
    ticks = (path.read_text().rpartition(")")[2].split() for path in served if path.exists())
    return sum(int(t[11]) + int(t[12]) for t in ticks) / 100
