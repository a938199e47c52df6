"""A need erased while somebody acts on it: nothing of the person is written after."""

from __future__ import annotations

from contextlib import nullcontext as nothing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from data.engine import read, write
from data.erasing import HANGING, erase, forget_words
from data.store_needs import change_need, load_need
from data.tables import matches, needs
from data.tables_people import messages, outbox
from matching.domain import Correction
from matching.errors import AiguilleError
from service.usecases import desk_need, revising
from service.usecases.answering import ErasedNeed
from service.usecases.changing import Change, change_needs
from service.usecases.desk_reading import open_need
from service.usecases.rematching import rematch
from tests.builders import TODAY, need, offer, tiny_catalogue
from tests.desk import NOON, keep_users, user
from tests.sent_needs import sent

LEA = user("lea", "administrator", "FR")
BEFORE = datetime(2026, 11, 20, 9, tzinfo=UTC)
WORDS = "on n’arrive plus à payer les salaires de Camille"
SAID = Correction(frozenset({"tresorerie"}), urgent=True)


@pytest.fixture
def catalogue(tmp_path, database):
    known = (
        offer("aide", title="Avance pour payer les salaires", need_types=("tresorerie",)),
        offer("bureau", title="Appui au bureau", need_types=("gouvernance",)),
    )
    made = tiny_catalogue(tmp_path, *known, database_url=database)
    keep_users(made.engine, LEA)
    yield made
    made.engine.dispose()


class Interrupted:
    """A matcher, or an encoder, after whose work something else happens before anything is kept."""

    def __init__(self, whole, meanwhile):
        self._whole, self._meanwhile = whole, meanwhile

    def __getattr__(self, name):
        return getattr(self._whole, name)

    def match(self, *asked, **how):
        answer = self._whole.match(*asked, **how)
        self._meanwhile()
        return answer

    def encode(self, texts):
        vectors = self._whole.encode(texts)
        self._meanwhile()
        return vectors

    @property
    def encoder(self):
        return Interrupted(self._whole.encoder, self._meanwhile)


def once(engine, act, need_id):
    """Erase, the first time that it is called."""
    left = [need_id]

    def meanwhile():
        if left:
            with write(engine) as connection:
                act(connection, left.pop())

    return meanwhile


def desk_correction(catalogue, stored):
    desk_need.correct(catalogue, LEA, stored.id, SAID, version=stored.version, now=NOON)


def person_correction(catalogue, stored):
    revising.correct(catalogue, stored.id, SAID, today=TODAY, now=NOON)


def other_words(catalogue, stored):
    revising.rewrite(catalogue, stored.id, need(WORDS + " et de Paul"), today=TODAY, now=NOON)


def look(catalogue, stored):
    open_need(catalogue, LEA, stored.id, now=NOON)


def matching_again(catalogue, _):
    rematch(catalogue, ["aide"], NOON)


@pytest.mark.parametrize("forget", [erase, forget_words])
@pytest.mark.parametrize(
    "act", [desk_correction, person_correction, other_words, look, matching_again]
)
def test_what_is_erased_while_it_is_answered_leaves_nothing(catalogue, act, forget):
    engine = catalogue.engine
    stored = sent(catalogue, "AIG-1", WORDS, at=BEFORE)
    with write(engine) as connection:
        draft = {"state": "draft"} if act is other_words else {}
        change_need(connection, stored.id, unmet="too-far", **draft)
        stored = load_need(connection, stored.id)
        # Its first answer is another offer's: matching again finds news.
        connection.execute(matches.delete().where(matches.c.offer_id == "aide"))
    meanwhile = once(engine, forget, stored.id)
    interrupted = replace(catalogue, matcher=Interrupted(catalogue.matcher, meanwhile))
    quiet = act is matching_again or (act is look and forget is forget_words)
    with nothing() if quiet else pytest.raises(AiguilleError):
        act(interrupted, stored)
    with read(engine) as connection:
        tables = {t.name: t for t in (*HANGING, outbox)}
        kept = {
            name: connection.execute(select(t).where(t.c.need_id == stored.id)).all()
            for name, t in tables.items()
        }
        text = connection.scalar(select(needs.c.text).where(needs.c.id == stored.id))
    assert text == ("" if forget is forget_words else None)
    if forget is erase:
        assert not any(kept.values())
    for name in ("messages", "need_vectors", "corrections", "rematches", "contacts", "outbox"):
        assert not kept[name], name
    assert all(evidence == [] for row in kept["matches"] for _, _, evidence in row.reasons)


@pytest.mark.parametrize("write_it", ["note", "ask"])
def test_nobody_writes_on_a_need_whose_words_are_erased(catalogue, write_it):
    engine = catalogue.engine
    stored = sent(catalogue, "AIG-1", WORDS, at=BEFORE)
    with write(engine) as connection:
        forget_words(connection, stored.id)
        stored = load_need(connection, stored.id)
    version = {"version": stored.version} if write_it == "ask" else {}
    with pytest.raises(ErasedNeed, match="mots"):
        getattr(desk_need, write_it)(
            catalogue, LEA, stored.id, "Camille rappelle lundi", now=NOON, **version
        )
    again = sent(catalogue, "AIG-2", WORDS, at=BEFORE)
    told = change_needs(
        catalogue,
        LEA,
        [(stored.key, stored.version), (again.key, again.version)],
        Change("close", "helped", "sorting", "Camille a été aidée"),
        now=NOON,
        undo=timedelta(seconds=10),
    )
    assert [n.reference for n in told.done] == ["AIG-2"]
    assert [r.need.reference for r in told.refused] == ["AIG-1"]
    with read(engine) as connection:
        assert connection.scalars(select(messages.c.need_id)).all() == [again.id]
