"""Whatever is done, in whatever order, nobody is shown a need without the person's consent.

`AIGUILLE_CONSENT_PATHS` says how many orders are tried (`make attack`); a hundred otherwise.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from data.engine import read, write
from data.erasing import forget_words
from data.store_contacts import CATALYST, Contact, consents_of
from data.store_needs import load_need, save_need
from data.store_transmissions import transmissions_of
from data.tables import needs
from data.tables_people import audit, outbox
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.triage.clocks import Clocks
from service.usecases.changing import Change, change_needs, undo_batch
from service.usecases.desk_need import contact_provider, merge
from service.usecases.erasing import erase_need
from service.usecases.following import answer_ask, withdraw, write_to_desk
from service.usecases.merging import merge_offers, part_offers
from service.usecases.replying import Reply, read_letter, reply
from service.usecases.sending import Sending, send_need
from service.usecases.sending_mail import Post, send_due
from service.usecases.transmitting import NeedsConsent, ask_consent, transmit
from tests.builders import TODAY, need, offer, tiny_catalogue
from tests.desk import NOON, keep_users, user
from tests.service.sent_needs import Pigeon, hurried

PATHS = int(os.environ.get("AIGUILLE_CONSENT_PATHS", "100"))
LEA = user("lea", "network-lead", "FR")
NEEDS, OFFERS = ("a", "b"), ("aide", "appui")
SIDES = {"a": "b", "b": "a", "aide": "appui", "appui": "aide"}
UNDO = timedelta(minutes=10)
CLOSING = Change("close", "helped", "sorting")
OPENING = Change("move", "qualifying", "sorting")


@dataclass
class World:
    """Two needs, two offers, and how often each move was done or refused."""

    catalogue: Catalogue
    journal: Path
    told: Counter = field(default_factory=Counter)
    now: datetime = NOON
    batch: str = ""
    pigeon: Pigeon = field(default_factory=Pigeon)
    links: set = field(default_factory=set)

    def begin(self):
        self.batch, self.pigeon, self.links = "", Pigeon(), set()
        for offer_id in OFFERS:
            part_offers(self.catalogue, offer_id, by="system", now=self.now)
        with write(self.catalogue.engine) as connection:
            for table in (needs, audit, outbox):
                connection.execute(delete(table))
            for need_id in NEEDS:
                save_need(connection, need_id, need(), today=TODAY, at=self.now)

    def read(self, of, *args):
        with read(self.catalogue.engine) as connection:
            return of(connection, *args)

    def version(self, need_id):
        stored = self.read(load_need, need_id)
        return stored.version if stored else 1

    def shown(self):
        """(need, consents, transmissions) of each need; links are noted while they are kept.

        Of each link a hash stays, and itself until its mail leaves.
        """
        with read(self.catalogue.engine) as connection:
            queued = select(outbox.c.payload).where(outbox.c.kind == "transmitted")
            payloads = connection.scalars(queued).all()
            self.links |= {payload["token"] for payload in payloads if payload}
            return [
                (need_id, consents_of(connection, need_id), transmissions_of(connection, need_id))
                for need_id in NEEDS
            ]

    def change(self, need_id, change):
        stored = self.read(load_need, need_id)
        marked = [(stored.key, stored.version)] if stored else []
        made = change_needs(self.catalogue, LEA, marked, change, now=self.now, undo=UNDO)
        self.batch = made.batch or self.batch


@dataclass(frozen=True)
class Step:
    """Moves about a need and an offer, each some time after the one before; `yes` is one of two
    ways of making them.
    """

    moves: tuple[str, ...]
    need: str
    offer: str
    yes: bool
    wait: timedelta


def sent(w, s):
    offers = OFFERS if s.yes else (s.offer,)
    sending = Sending(Contact("Sam", "sam@exemple.org"), offers, frozenset({CATALYST, s.offer}))
    send_need(w.catalogue, s.need, sending, now=w.now)


def asked(w, s):
    ask_consent(w.catalogue, s.need, s.offer, by="user:lea", now=w.now)


def answered(w, s):
    answer_ask(w.catalogue, s.need, s.offer, agreed=s.yes, now=w.now)


def withdrawn(w, s):
    withdraw(w.catalogue, s.need, s.offer, now=w.now)


def transmitted(w, s):
    to = f"{s.need}-{s.offer}@porteur.example"
    transmit(w.catalogue, s.need, s.offer, to, by="user:lea", now=w.now, days=14)


def contacted(w, s):
    """As the desk does it: the person is asked when they did not agree."""
    to, version = f"{s.need}-{s.offer}@porteur.example", w.version(s.need) - (not s.yes)
    how = {"version": version, "now": w.now, "days": 14}
    contact_provider(w.catalogue, LEA, s.need, s.offer, to, **how)


def replied(w, s):
    contact_on = w.now.date() + timedelta(days=3)
    refused = Reply("refuse", reason="full")
    for token in w.links:
        said = Reply("accept", contact_on=contact_on) if s.yes else refused
        reply(w.catalogue, token, said, now=w.now)


def wrote(w, s):
    write_to_desk(w.catalogue, s.need, "Un mot de plus", now=w.now)


def merged(w, s):
    into = w.read(load_need, SIDES[s.need])
    reference = (into and into.reference) or "aucune"
    how = {"version": w.version(s.need), "now": w.now, "undo": UNDO}
    w.batch = merge(w.catalogue, LEA, s.need, reference, **how)


def one_offer(w, s):
    merge_offers(w.catalogue, s.offer, SIDES[s.offer], by="user:lea", now=w.now)


def closed(w, s):
    w.change(s.need, CLOSING)


def reopened(w, s):
    w.change(s.need, OPENING)


def undone(w, s):
    undo_batch(w.catalogue, LEA, w.batch, now=w.now, undo=UNDO)


def mailed(w, s):
    post = Post(w.pigeon, "https://a.exemple/", Clocks(), 30)
    send_due(w.catalogue.engine, post, lambda: w.now)


def forgotten(w, s):
    with write(w.catalogue.engine) as connection:
        forget_words(connection, s.need)


def erased(w, s):
    erase_need(w.catalogue, s.need, actor="person", now=w.now, journal=w.journal)


MOVES = {
    move.__name__: move
    for move in (
        *(sent, asked, answered, withdrawn, transmitted, contacted, replied, wrote),
        *(merged, one_offer, closed, reopened, undone, mailed, forgotten, erased),
    )
}
CHAINS = (
    ("asked", "answered", "transmitted", "replied"),
    ("contacted", "answered", "contacted", "mailed"),
    ("transmitted", "withdrawn", "mailed"),
    ("transmitted", "erased", "sent"),
    ("merged", "undone", "transmitted"),
    ("closed", "undone"),
)
"""What people do one after the other, which chance alone would rarely find."""
STEPS = st.builds(
    Step,
    st.sampled_from((*CHAINS, *((move,) for move in MOVES))),
    st.sampled_from(NEEDS),
    st.sampled_from(OFFERS),
    st.booleans(),
    st.sampled_from([*[timedelta(seconds=1)] * 3, timedelta(hours=1), timedelta(days=15)]),
)
AGREED = st.sampled_from([None, (), OFFERS[:1], OFFERS[1:], OFFERS])
"""To whom a need is sent at first, if it is."""


def stood(consents, offer_id, at):
    """Did a consent for the offer stand at a moment? Told by its rows alone."""
    return any(
        c.recipient == offer_id and c.at <= at and (c.withdrawn_at is None or at < c.withdrawn_at)
        for c in consents
    )


def check(w, mails_before):
    now = w.now.replace(tzinfo=None)
    rows = {}
    for need_id, consents, transmissions in w.shown():
        rows[need_id] = consents
        for made in transmissions:
            assert stood(consents, made.offer_id, made.sent_at), made
    for token in w.links:
        try:
            letter = read_letter(w.catalogue, token, now=w.now)
        except AiguilleError:
            continue
        shown = letter.transmission
        assert stood(rows[shown.need_id], shown.offer_id, now), shown
        w.told["letter read"] += 1
    for mail in w.pigeon.sent[mails_before:]:
        name, at, _ = mail.to.partition("@porteur.example")
        if at:
            need_id, offer_id = name.split("-")
            assert stood(rows[need_id], offer_id, now), mail.to
            w.told["provider written to"] += 1


def go(w, step, move):
    w.now += step.wait
    before = len(w.pigeon.sent)
    try:
        MOVES[move](w, step)
    except NeedsConsent:
        w.told["consent needed"] += 1
    except AiguilleError:
        w.told[move, "refused"] += 1
    else:
        w.told[move, "done"] += 1
    check(w, before)


def opened(folder):
    catalogue = tiny_catalogue(folder, *map(offer, OFFERS))
    keep_users(hurried(catalogue.engine), LEA)
    return World(catalogue, folder / "erased.txt")


def test_no_need_is_ever_shown_to_whom_the_person_does_not_agree(tmp_path):
    w = opened(tmp_path)

    @settings(max_examples=PATHS, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(AGREED, AGREED), st.lists(STEPS, min_size=3, max_size=12))
    def each(agreed, steps):
        w.begin()
        for need_id, offers in zip(NEEDS, agreed, strict=True):
            if offers is not None:
                recipients = frozenset({CATALYST, *offers})
                sending = Sending(Contact("Sam", "sam@exemple.org"), offers, recipients)
                send_need(w.catalogue, need_id, sending, now=w.now)
        for step in steps:
            for move in step.moves:
                go(w, step, move)
        w.told["paths"] += 1

    each()
    print(dict(sorted(w.told.items(), key=str)))  # noqa: T201
    assert w.told["paths"] >= PATHS
    assert {move for move in MOVES if w.told[move, "done"]} == set(MOVES)
    assert min(w.told[what] for what in ("consent needed", "letter read")) > PATHS // 10
    assert w.told["provider written to"]
