"""Two processes that serve one database: both answer the same, and each job is done once."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import httpx

from data.engine import read
from data.outbox import undone
from service.catalogue import import_offers
from service.refreshing import EVERY_S
from tests.builders import offer, tiny_catalogue
from tests.faults.processes import serving, wait_until
from tests.service.sent_needs import queue_questions
from tests.service.smtp_server import Kept
from tests.service.smtp_server import serving as serving_mail

SEEN_WITHIN_S = float(os.environ.get("AIGUILLE_SOAK_SEEN_S", "20"))
"""`make soak`, where the machine is ours alone, holds the five seconds that are promised."""
MAILS = 20
NEED = {"text": "on n’arrive plus à payer les salaires", "commune": "Mende", "limit": 10}
NEW = offer("nouvelle", title="Avance pour payer les salaires", need_types=("tresorerie",))


def test_both_see_an_import_answer_the_same_and_send_each_mail_once(database, few, tmp_path):
    catalogue = tiny_catalogue(tmp_path, database_url=database)
    engine = catalogue.engine
    one = {"before": few, "database_url": database}
    mail = {"mail": "smtp", "mail_host": "127.0.0.1", "mail_tls": "none", "jobs_every_s": 0.1}
    kept = Kept()
    with (
        serving_mail(kept) as port,
        serving(tmp_path, log=tmp_path / "a", mail_port=port, **mail, **one) as first,
        serving(tmp_path, log=tmp_path / "b", mail_port=port, **mail, **one) as second,
    ):
        both = first, second
        before = answers(both)
        assert before[0] == before[1]
        import_offers(engine, [NEW], catalogue.reading, source="test", now=datetime.now(UTC))
        seen = wait_until(lambda: all(map(knows, both)))
        after = answers(both)
        assert after[0] == after[1] != before[0]
        assert NEW.id in [found["offer"]["id"] for found in after[0]]
        queue_questions(engine, MAILS)
        wait_until(lambda: not left(engine))
    engine.dispose()
    assert len({message["Message-ID"] for message in kept.messages}) == MAILS
    assert len(kept.messages) == MAILS
    assert seen < SEEN_WITHIN_S
    print(  # noqa: T201
        f"\n{engine.dialect.name}: an import seen by both in {seen:.1f} s (they look "
        f"every {EVERY_S:.0f} s), same answers; {MAILS} mails by two workers, each sent once"
    )


def answers(both):
    return [httpx.post(f"{s.address}/v1/match", json=NEED).json()["matches"] for s in both]


def knows(served):
    return httpx.get(f"{served.address}/v1/offers/{NEW.id}").status_code == 200


def left(engine):
    with read(engine) as connection:
        return undone(connection)
