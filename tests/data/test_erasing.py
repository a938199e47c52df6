"""A need erased leaves nothing of the person, in any table nor in the bytes of the file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from data import (
    audit,
    store_contacts,
    store_deliveries,
    store_messages,
    store_needs,
    store_transmissions,
)
from data.engine import read, write
from data.erasing import HANGING, WORDS, erase, forget_words
from data.store_contacts import CATALYST, Contact
from data.store_idempotency import save_answered, save_claim
from data.store_transmissions import Transmission
from data.store_webhooks import Webhook, save_webhook
from data.tables import judgements, matches, metadata
from data.tables_partners import erased_needs
from data.tables_people import decisions, need_vectors, outbox, rematches
from matching.domain import Correction
from tests.builders import TODAY, need
from tests.databases import about_sqlite

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SAID = "le toit fuit sur la bibliothequezz"
EMAIL = "camille@exemple.org"
ERASED_APART = {"outbox", "deliveries"}
LEFT = {"audit", "erased_needs", "idempotency"}


@pytest.fixture
def engine(engine):
    with write(engine) as connection:
        hook = Webhook("wh", "nord", "https://portail.fr/", ("need.closed",), NOW)
        save_webhook(connection, hook)
    for need_id in ("one", "other"):
        with write(engine) as connection:
            fill(connection, need_id)
    return engine


def fill(connection, need_id):
    """A need with a row in every table that may hang on it."""
    store_needs.save_need(connection, need_id, need(SAID), today=TODAY, at=NOW)
    words = Correction(frozenset({"tresorerie"}), urgent=True)
    store_needs.save_correction(connection, need_id, words, before={}, author="person", at=NOW)
    store_contacts.save_contact(connection, need_id, Contact("Camille", EMAIL, "0600000000"))
    store_contacts.save_consent(connection, need_id, CATALYST, text_version="1", at=NOW)
    store_contacts.save_ask(connection, need_id, "toit", by="user:1", at=NOW)
    store_messages.save_message(connection, need_id, SAID, author="person", audience="desk", at=NOW)
    sent = Transmission(need_id, need_id, "toit", "p@p.fr", NOW, NOW + timedelta(days=14))
    store_transmissions.save_transmission(connection, sent, f"token-{need_id}")
    store_needs.save_judgement(connection, need_id, "toit", 3, source="adviser", at=NOW)
    row = {"need_id": need_id, "offer_id": "toit"}
    connection.execute(
        insert(matches).values(
            **row, rank=1, score=0.5, verdict="eligible", reasons=[["words", 0.5, [SAID]]]
        )
    )
    decided = {"decision": "accepted", "position": 1, "user_id": "1", "at": NOW}
    connection.execute(insert(decisions).values(**row, **decided))
    again = {"rank": 1, "score": 0.5, "at": NOW}
    connection.execute(insert(rematches).values(**row, **again))
    queued = {"kind": "sent", "payload": {}, "created_at": NOW, "due_at": NOW, "tries": 0}
    connection.execute(insert(outbox).values(need_id=need_id, **queued))
    told = {"event_id": need_id, "type": "need.closed", "body": "{}"}
    store_deliveries.queue(connection, [{"webhook_id": "wh", "need_id": need_id, **told}], NOW)
    seen = {"encoder": "lsa", "vector": b"vector"}
    connection.execute(insert(need_vectors).values(need_id=need_id, **seen))
    save_claim(connection, f"key of {need_id}", "body", need_id, NOW)
    save_answered(connection, need_id, 201, {}, SAID.encode(), need_id)
    audit.append(connection, at=NOW, actor="person", action="sent", need_id=need_id)


def rows_of(connection, need_id):
    """Rows of every table that names a need, by table."""
    found = {}
    for table in metadata.tables.values():
        key = table.c.get("need_id") if table.name != "needs" else table.c.id
        if key is not None and table is not erased_needs:  # these two are of no partner
            found[table.name] = len(connection.execute(select(key).where(key == need_id)).all())
    return found


def test_every_table_that_names_a_need_is_known_to_the_erasing():
    named = {t.name for t in metadata.tables.values() if "need_id" in t.c}
    assert named == {t.name for t in HANGING} | ERASED_APART | LEFT
    assert all(k.ondelete == "CASCADE" for t in HANGING for k in t.foreign_keys)


def test_an_erased_need_leaves_its_audit_lines_alone_and_the_other_need_whole(engine):
    with write(engine) as connection:
        store_needs.change_need(connection, "other", merged_into="one")
        counts = erase(connection, "one")
    assert counts == {t.name: 1 for t in HANGING} | {"outbox": 1, "deliveries": 1, "needs": 1}
    with read(engine) as connection:
        assert {t for t, n in rows_of(connection, "one").items() if n} == {"audit", "idempotency"}
        assert set(rows_of(connection, "other").values()) == {1}
        assert store_needs.load_need(connection, "other").merged_into is None


@about_sqlite("what stays in the pages of its file")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_word_nor_address_is_left_in_the_bytes_of_the_file(engine, tmp_path):
    def told():
        return [w for w in (SAID, EMAIL) if any(w.encode() in b for b in contents())]

    def contents():
        return [p.read_bytes() for p in tmp_path.iterdir()]

    assert told() == [SAID, EMAIL]
    with write(engine) as connection:
        erase(connection, "one")
        forget_words(connection, "other")
    engine.dispose()
    assert told() == []


def test_a_need_whose_words_are_forgotten_is_still_counted(engine):
    with write(engine) as connection:
        counts = forget_words(connection, "one")
    assert counts == {t.name: 1 for t in WORDS} | {"needs": 1}
    with read(engine) as connection:
        kept = store_needs.load_need(connection, "one")
        assert (kept.text, kept.departement, kept.version) == ("", "DEP-59", 3)
        reasons = select(matches.c.reasons).where(matches.c.need_id == "one")
        assert connection.scalar(reasons) == [["words", 0.5, []]]
        assert len(connection.execute(select(judgements)).all()) == 2
    with write(engine) as connection:
        assert set(forget_words(connection, "one").values()) == {0}
