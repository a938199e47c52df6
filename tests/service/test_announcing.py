"""From what happens to what is told: each event once, to whom it is for, in codes alone."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import count

import pytest

from data.audit import append, broken_at, last_id, lines_of
from data.engine import read, write
from data.ingest import TOLD_AT_ONCE
from data.marks import mark, set_mark
from data.store_needs import load_need
from data.tables_people import outbox
from service.api.events import DESCRIBED
from service.catalogue import import_offers
from service.events import EVENTS, PING, TYPES
from service.triage.states import MOVES, QUALIFIED, STATES, TO_QUALIFY
from service.usecases.announcing import BATCH, announce
from service.usecases.changing import Change, change_needs, undo_batch
from service.usecases.deciding import accept
from service.usecases.desk_need import merge
from service.usecases.erasing import erase_need
from service.usecases.following import tell_outcome
from service.usecases.moving import action_of
from service.usecases.replying import Reply, reply
from service.usecases.tending import edit, open_edit
from service.usecases.transmitting import transmit
from tests.builders import offer, tiny_catalogue
from tests.desk import NOON, keep_users, user
from tests.sent_needs import sent
from tests.service.hooks import hooked, sent_by, told, types_told, webhooks_of

WORDS = "le toit fuit sur la bibliothèque"
URL = "http://localhost:9/crochet"
UNDO = timedelta(seconds=10)
LATER = NOON + UNDO
_NUMBERS = count()
LEA = user("lea", "network-lead", "FR")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    made = tiny_catalogue(tmp_path_factory.mktemp("said"), offer("fonds"), offer("appui"))
    keep_users(made.engine, LEA)
    return made


@pytest.fixture
def world(catalogue):
    """A need that a partner sent, and a webhook of that partner and of another."""
    return World(catalogue, next(_NUMBERS))


class World:
    def __init__(self, catalogue, number):
        self.catalogue, self.engine = catalogue, catalogue.engine
        self.nord, self.sud = f"nord-{number}", f"sud-{number}"
        self.need = self.sent(agreed=("fonds",))
        sent_by(self.engine, self.need.id, self.nord, "dossier-7")
        self.hook = hooked(self.engine, URL, NOON, self.nord).webhook.id
        self.other = hooked(self.engine, URL, NOON, self.sud).webhook.id

    def sent(self, **more):
        return sent(self.catalogue, f"AIG-{next(_NUMBERS)}", WORDS, at=NOON, **more)

    @property
    def version(self):
        with read(self.engine) as connection:
            return load_need(connection, self.need.id).version

    def announced(self, now=LATER):
        """What its partner is told, each as it is described to them."""
        announce(self.engine, now, UNDO)
        found = told(self.engine, self.hook)
        for one in found:
            DESCRIBED[one.type].model_validate_json(one.body)
        return [(one.type, json.loads(one.body)["data"]) for one in found]

    def propose(self, offer_id="fonds"):
        accept(self.catalogue, LEA, self.need.id, offer_id, version=self.version, now=NOON)

    def transmit(self):
        transmit(
            self.catalogue, self.need.id, "fonds", "p@fonds.fr", by="user:lea", now=NOON, days=14
        )
        with read(self.engine) as connection:
            rows = connection.execute(outbox.select().where(outbox.c.need_id == self.need.id))
            return next(r.payload["token"] for r in rows if r.kind == "transmitted")

    def change(self, kind, to):
        marked = [(self.need.key, self.version)]
        change = Change(kind, to, "sorting")
        return change_needs(self.catalogue, LEA, marked, change, now=NOON, undo=UNDO).batch


def of_need(world, **data):
    return {"need_id": world.need.id, "external_id": "dossier-7", **data}


def test_the_whole_life_of_a_need_is_told_in_codes(world):
    world.propose()
    token = world.transmit()
    reply(world.catalogue, token, Reply("not-yet"), now=NOON)
    reply(world.catalogue, token, Reply("accept", date(2026, 11, 27), 3), now=NOON)
    tell_outcome(world.catalogue, world.need.id, helped=True, now=NOON)
    answer = {"offer": "fonds", "reason": None, "contact_on": None}
    assert world.announced() == [
        ("need.qualified", of_need(world, state="proposed")),
        ("need.matched", of_need(world, offers=["fonds"])),
        ("need.transmitted", of_need(world, offer="fonds")),
        ("need.answered", of_need(world, **answer, answer="not-yet")),
        (
            "need.answered",
            of_need(world, **{**answer, "answer": "accepted", "contact_on": "2026-11-27"}),
        ),
        ("need.closed", of_need(world, state="closed", outcome="helped")),
    ]
    for one in told(world.engine, world.hook):
        payload = json.loads(one.body)
        assert payload["type"] == one.type
        assert payload["timestamp"] == "2026-11-24T12:00:00.000Z"
        for private in (WORDS, "Camille", "camille@exemple.org", "p@fonds.fr", token, "lea"):
            assert private not in one.body
    assert told(world.engine, world.other) == []


def test_a_refusal_is_told_with_its_code(world):
    token = world.transmit()
    reply(world.catalogue, token, Reply("refuse", reason="full"), now=NOON)
    (_, _, (kind, data)) = world.announced()
    assert kind == "need.answered"
    assert (data["answer"], data["reason"]) == ("refused", "full")


def test_the_second_offer_that_is_proposed_qualifies_nothing_again(world):
    world.propose()
    world.propose("appui")
    assert [kind for kind, _ in world.announced()] == [
        "need.qualified",
        "need.matched",
        "need.matched",
    ]


@pytest.mark.parametrize(
    ("state", "to"), [(s, t) for s, after in MOVES.items() for t in after if s in STATES]
)
def test_a_need_is_qualified_when_it_leaves_triage_for_what_may_answer_it(state, to):
    qualified = state in TO_QUALIFY and to in QUALIFIED
    ended = to in ("closed", "expired")
    assert action_of(state, to) == (to if ended else "qualified" if qualified else "moved")


@pytest.mark.parametrize(
    ("change", "data"),
    [
        (("close", "not-helped"), {"state": "closed", "outcome": "not-helped"}),
        (("move", "expired"), {"state": "expired", "outcome": None}),
    ],
)
def test_an_ending_by_the_desk_is_told_once_it_cannot_be_undone(world, change, data):
    world.change(*change)
    assert world.announced(NOON + UNDO / 2) == []
    assert world.announced() == [("need.closed", of_need(world, **data))]
    assert world.announced() == [("need.closed", of_need(world, **data))]


def test_what_the_desk_took_back_is_never_told_and_what_follows_is(world):
    batch = world.change("close", "helped")
    world.announced(NOON + UNDO / 2)
    undo_batch(world.catalogue, LEA, batch, now=NOON + UNDO / 2, undo=UNDO)
    world.propose()
    assert [kind for kind, _ in world.announced()] == ["need.qualified", "need.matched"]


def test_a_clock_that_was_wrong_for_a_while_does_not_stop_the_log(world):
    far = NOON + timedelta(days=2_000)
    with write(world.engine) as connection:
        append(
            connection,
            at=far,
            actor="user:lea",
            action="closed",
            need_id=world.need.id,
            batch="b",
            after={"state": "closed", "outcome": "helped"},
        )
    assert [kind for kind, _ in world.announced()] == ["need.closed"]


def test_a_need_merged_into_another_is_closed_as_its_double(world):
    other = world.sent()
    merge(
        world.catalogue,
        LEA,
        world.need.id,
        other.reference,
        version=world.version,
        now=NOON,
        undo=UNDO,
    )
    assert world.announced() == [
        ("need.closed", of_need(world, state="closed", outcome="duplicate"))
    ]


def test_a_need_that_is_erased_is_closed_and_what_was_to_be_told_of_it_goes(world, tmp_path):
    world.propose()
    assert len(world.announced()) == 2
    journal = tmp_path / "erased.txt"
    erase_need(world.catalogue, world.need.id, actor="person", now=NOON, journal=journal)
    assert world.announced() == [("need.closed", of_need(world, state="erased", outcome=None))]
    assert types_told(world.engine, world.other) == []


def test_a_need_that_no_partner_sent_is_told_to_nobody(world):
    alone = world.sent()
    tell_outcome(world.catalogue, alone.id, helped=True, now=NOON)
    assert world.announced() == []


def test_the_same_events_have_the_same_ids_however_often_they_are_read(world):
    world.propose()
    world.announced()
    before = told(world.engine, world.hook)
    with write(world.engine) as connection:
        first = next(line.id for line in lines_of(connection, world.need.id))
        set_mark(connection, "events", str(first - 1))
    world.announced()
    assert told(world.engine, world.hook) == before
    assert len({one.event_id for one in before}) == 2


def test_offers_that_change_are_told_to_all_who_ask_so_many_at_a_time(world):
    many = [offer(f"offre-{n:03}-{world.nord}") for n in range(TOLD_AT_ONCE + 1)]
    reading = world.catalogue.reading
    import_offers(world.engine, many, reading, source="lot", now=NOON)
    first, second = (data for _, data in world.announced())
    assert len(first["created"]) == TOLD_AT_ONCE
    assert second == {"created": [many[-1].id], "updated": [], "withdrawn": []}
    assert types_told(world.engine, world.other) == ["offer.changed"] * 2
    import_offers(world.engine, many, reading, source="lot", now=NOON)
    assert len(world.announced()) == 2
    left = many[2:]
    import_offers(world.engine, left, reading, source="lot", now=NOON, complete=True)
    typed = {**open_edit(world.catalogue, left[0].id).values, "title": "Autre"}
    edit(world.catalogue, left[0].id, typed, by="user:lea", now=NOON)
    *_, gone, edited = (data for _, data in world.announced())
    assert gone == {"created": [], "updated": [], "withdrawn": [o.id for o in many[:2]]}
    assert edited == {"created": [], "updated": [left[0].id], "withdrawn": []}
    with read(world.engine) as connection:
        assert broken_at(connection) is None


def test_only_the_events_asked_for_are_told_and_none_while_paused(world):
    some = hooked(world.engine, URL, NOON, world.nord, ["need.matched"]).webhook.id
    quiet = hooked(world.engine, URL, NOON, world.nord).webhook.id
    webhooks_of(world.engine, world.nord).change(quiet, active=False, now=NOON)
    world.propose()
    world.announced()
    assert types_told(world.engine, some) == ["need.matched"]
    assert types_told(world.engine, quiet) == []


def test_a_long_log_is_read_to_its_end(world):
    world.announced()
    with write(world.engine) as connection:
        for _ in range(2 * BATCH + 1):
            append(
                connection,
                at=NOON,
                actor="system",
                action="transmitted",
                need_id=world.need.id,
                offer="fonds",
            )
    assert announce(world.engine, LATER, UNDO) == 2 * BATCH + 1
    with read(world.engine) as connection:
        assert mark(connection, "events") == str(last_id(connection))


def test_every_event_says_something_and_a_ping_is_asked_for_by_nobody():
    assert PING not in TYPES
    assert set(EVENTS.values()) == {
        "need.qualified",
        "need.matched",
        "need.transmitted",
        "need.answered",
        "need.closed",
        "offer.changed",
        "gap.opened",
    }
