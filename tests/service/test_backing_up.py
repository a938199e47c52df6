"""The restore drill: a database kept while it is written to, lost, and brought back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from data import audit
from data.copying import CannotCopy
from data.engine import migrate, open_engine, read, write
from data.store_needs import load_need, need_ids
from data.store_sessions import open_session, session_user
from data.store_users import save_user
from service.catalogue import open_catalogue
from service.usecases.answering import answer_need
from service.usecases.backing_up import BadBackup, back_up, restore
from service.usecases.erasing import erase_need
from tests.builders import LILLE, MENDE, TODAY, need, settings, tiny_catalogue
from tests.databases import database_of
from tests.desk import user
from tests.service.sent_needs import WORDS, opened, waiting

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
GOLDEN = (
    "on n’arrive plus à payer les salaires, la subvention n’est toujours pas versée",
    "plus personne ne veut reprendre le bureau",
    "la facture d’électricité a été multipliée par quatre",
    "on voudrait mutualiser une comptable avec deux autres assos",
    "on cherche des bénévoles pour la maraude",
)
PLACES = (None, LILLE, MENDE)
KINDS = (None, "association")


def empty(folder):
    folder.mkdir()
    return open_engine(database_of(folder))


@pytest.fixture
def elsewhere(tmp_path):
    engine = empty(tmp_path / "elsewhere")
    yield engine
    engine.dispose()


def answers(catalogue):
    asked = [need(t, place=p, kind=k) for t, p, k in product(GOLDEN, PLACES, KINDS)]
    found = (answer_need(catalogue, one, today=TODAY, limit=10) for one in asked)
    return [[(m.offer.id, m.score, m.verdict) for m in answer.matches] for answer in found]


def test_what_is_restored_answers_thirty_needs_as_before(catalogue, tmp_path, elsewhere):
    back_up(catalogue.engine, tmp_path / "kept.db")
    restore(tmp_path / "kept.db", elsewhere, tmp_path / "erased.txt", now=NOON)
    again = open_catalogue(settings(tmp_path / "elsewhere"))
    before = answers(catalogue)
    assert answers(again) == before
    assert all(map(len, before))
    again.engine.dispose()


def test_a_database_is_kept_whole_while_it_is_written_to(engine, tmp_path, elsewhere):
    over = threading.Event()

    def go_on():
        number = 0
        while not over.is_set():
            with write(engine) as connection:
                audit.append(connection, at=NOON, actor="system", action="sent", n=number)
            number += 1

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        back_up(engine, tmp_path / "kept.db")
    finally:
        over.set()
        writer.join()
    assert (tmp_path / "kept.db").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    done = restore(tmp_path / "kept.db", elsewhere, tmp_path / "erased.txt", now=NOON)
    assert done.broken_at is None


def test_what_was_erased_since_goes_again_and_everybody_signs_in_again(tmp_path, elsewhere):
    catalogue = tiny_catalogue(tmp_path)
    for need_id in ("gone", "stays"):
        waiting(catalogue.engine, need_id, NOON)
    with write(catalogue.engine) as connection:
        save_user(connection, user("lea"), at=NOON)
        open_session(connection, "s", "lea", at=NOON, expires_at=NOON + timedelta(days=1))
    back_up(catalogue.engine, tmp_path / "kept.db")
    journal = tmp_path / "erased.txt"
    erase_need(catalogue, "gone", actor="person", now=NOON, journal=journal)
    assert "gone" not in journal.read_text()
    done = restore(tmp_path / "kept.db", elsewhere, journal, now=NOON + timedelta(hours=1))
    assert (done.erased, done.broken_at) == (1, None)
    with read(elsewhere) as connection:
        assert need_ids(connection) == ["stays"]
        assert load_need(connection, "stays").text == WORDS
        assert session_user(connection, "s", at=NOON, idle=timedelta(days=1)) is None
        assert [line.action for line in audit.lines_of(connection, "gone")] == ["erased"]


def test_a_backup_of_an_older_version_is_brought_to_this_one(tmp_path, elsewhere):
    old = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(old)
    migrate(old, "0002")
    old.dispose()
    done = restore(tmp_path / "old.db", elsewhere, tmp_path / "erased.txt", now=NOON)
    assert done.broken_at is None


def test_what_is_no_backup_a_taken_name_or_a_full_database_is_refused(tmp_path, elsewhere):
    engine = opened(tmp_path)
    waiting(engine, "a", NOON)
    kept, journal = tmp_path / "kept.db", tmp_path / "erased.txt"
    back_up(engine, kept)
    with pytest.raises(BadBackup, match="existe déjà"):
        back_up(engine, kept)
    with pytest.raises(BadBackup, match="Pas de sauvegarde"):
        restore(tmp_path / "absent.db", elsewhere, journal, now=NOON)
    with pytest.raises(CannotCopy, match="n’est pas vide"):
        restore(kept, engine, journal, now=NOON)
    whole = kept.read_bytes()
    cut, holed = whole[: len(whole) // 2], whole[:5_000] + whole[9_000:]
    for damaged in (b"not a database at all", cut, holed):
        kept.write_bytes(damaged)
        with pytest.raises(BadBackup, match="abîmée"):
            restore(kept, elsewhere, journal, now=NOON)


def test_the_command_keeps_brings_back_and_copies(tmp_path, aiguille):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    waiting(opened(here), "a", NOON)
    assert aiguille("backup", tmp_path / "kept.db", at=here)[0] == 0
    code, out, _ = aiguille("restore", tmp_path / "kept.db", at=there)
    assert (code, "effacés à nouveau\u00a0: 0" in out) == (0, True)
    url, source = f"sqlite:///{tmp_path / 'third.db'}", database_of(there)
    code, out, _ = aiguille("copy", "--from", source, "--to", url, at=here)
    assert (code, "needs" in out) == (0, True)
    code, _, error = aiguille("copy", "--from", url + "x", "--to", url, at=here)
    assert (code, "Aucune base" in error) == (3, True)
    assert not (tmp_path / "third.dbx").exists()
