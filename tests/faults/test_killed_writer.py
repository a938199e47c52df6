"""The process that writes, killed (kill -9) as people send: nothing acknowledged is lost.

`make soak` kills twenty-five.
"""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from statistics import median

import httpx
from sqlalchemy import func, select

from data import audit
from data.engine import damage, open_engine, read
from data.store_needs import need_ids
from data.tables_people import audit as lines
from service.app import create_app
from tests.builders import offer, settings, tiny_catalogue
from tests.faults.processes import serving, wait_until
from tests.partners import key_of, need, sending

KILLS = int(os.environ.get("AIGUILLE_SOAK_WRITER_KILLS", "4"))
FASTEST_START_S = float(os.environ.get("AIGUILLE_SOAK_START_S", "60"))
"""Within how many seconds a restart must answer; more than enough where others work too."""
ASKED = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende"}
PEOPLE, MOST_KEPT = 4, 12


def send(address, key, acknowledged):
    """Send needs one after the other, by the page and by the API, until nobody answers any more."""
    program = {"Authorization": f"Bearer {key}"}
    said = need(send={**sending("aide"), "consent": consent()})
    with suppress(httpx.TransportError), httpx.Client(base_url=address) as client:
        while True:
            page = client.post("/", data=ASKED)
            assert page.status_code == 303, page.text
            acknowledged.append(page.headers["location"].split("?")[0].rpartition("/")[2])
            made = client.post("/v1/needs", json=said, headers=program)
            assert made.status_code == 201, made.text
            acknowledged.append(made.json()["id"])


def consent():
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"text_version": "2026-11", "recipients": ["catalyst", "aide"], "agreed_at": now}


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(few, tmp_path):
    made = settings(tmp_path)
    catalogue = tiny_catalogue(tmp_path, offer("aide", need_types=("tresorerie",)))
    key = key_of(create_app(made, catalogue), now=datetime.now(UTC))
    catalogue.engine.dispose()
    chance, acknowledged, starts, checked = random.Random(25), [], [], 0
    for life in range(KILLS + 1):
        with serving(tmp_path, log=tmp_path / "log", before=few) as served:
            starts.append((served.seconds, served.busy_s))
            for need_id in acknowledged[-3:]:
                assert httpx.get(f"{served.address}/besoins/{need_id}").status_code == 200
            if life == KILLS:
                break
            enough = len(acknowledged) + chance.randint(1, MOST_KEPT)
            with ThreadPoolExecutor(PEOPLE) as people:
                all_ = [
                    people.submit(send, served.address, key, acknowledged) for _ in range(PEOPLE)
                ]
                wait_until(lambda: len(acknowledged) >= enough or any(a.done() for a in all_))  # noqa: B023
                time.sleep(chance.random() * 0.05)
                served.kill()
            for one in all_:
                one.result()
        if made.database_file is not None:
            assert damage(made.database_file) == ""
            checked += 1
    engine = open_engine(made.database)
    with read(engine) as connection:
        lost = set(acknowledged) - set(need_ids(connection))
        assert audit.broken_at(connection) is None
        told = connection.scalar(select(func.count()).select_from(lines))
    engine.dispose()
    assert lost == set()
    seconds, busy_s = (sorted(found) for found in zip(*starts[1:], strict=True))
    print(  # noqa: T201
        f"\n{KILLS} kill -9 of the writer: {len(acknowledged)} needs acknowledged, 0 lost, "
        f"integrity_check ok {checked} times, {told} lines of audit in one chain; restart to first "
        f"answer {median(seconds):.1f} s (median; {median(busy_s):.1f} s of the processor), "
        f"{seconds[-1]:.1f} s (longest)"
    )
    assert median(seconds) < FASTEST_START_S
