"""From « aucune ne convient » to the offer that fills the gap, and the need matched again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from data.audit import lines_of
from data.engine import read, write
from data.ingest import Plan
from data.outbox import WAITS, queue, undone
from data.records import to_record
from data.store import load_offer, load_offers
from data.store_contacts import Contact, save_contact
from data.store_gaps import load_rematches
from data.store_needs import change_need
from data.tables import needs, offers
from data.tables_people import contacts, outbox
from service.app import create_app
from service.catalogue import import_offers, open_catalogue
from service.usecases.answering import keep_need
from service.usecases.gap_register import GapFilter, read_register
from service.usecases.gaps import Scope
from service.usecases.jobs import Jobs
from service.usecases.rematching import new_offers, queue_rematch, rematch
from service.usecases.revising import note_unmet
from tests.builders import (
    LILLE,
    MENDE,
    TODAY,
    matcher,
    need,
    offer,
    settings,
    small_catalogue,
    tiny_catalogue,
)
from tests.desk import NOON, client_of, keep_users, proof, user
from tests.service.sent_needs import Clock, Pigeon, jobs_of

WORDS = "le bailleur veut résilier le bail commercial de notre local, il faut un avocat"
OLD = (
    offer("aide-tresorerie", title="Avance de trésorerie", need_types=("tresorerie",)),
    offer("formation", title="Formation des bénévoles", need_types=("formation",)),
)
LAWYER = offer(
    "avocats-lozere",
    title="Permanence d’avocats pour le bail commercial",
    summary="Un avocat relit le bail du local et répond au bailleur qui veut résilier.",
    need_types=("juridique", "immobilier-locaux"),
    territories=frozenset({"DEP-48"}),
    expressions=("le bailleur veut résilier le bail de notre local", WORDS),
)


@pytest.fixture
def before(tmp_path):
    return tiny_catalogue(tmp_path, *OLD)


def with_offers(catalogue, *offers):
    """The catalogue after an import, and the plan of the import."""
    plan = import_offers(catalogue.engine, offers, catalogue.reading, source="neuf", now=NOON)
    return replace(catalogue, matcher=matcher(*OLD, *offers)), plan


def unmet(catalogue, place=MENDE, words=WORDS, **values):
    about = need(words, place=place)
    stored = keep_need(catalogue, about, today=TODAY, now=NOON)
    with write(catalogue.engine) as connection:
        corrected = {"need_types": ["juridique"], "urgent": False}
        change_need(connection, stored.id, correction=corrected, **values)
    note_unmet(catalogue, stored.id, "something-else", now=NOON)
    return stored.id


def test_none_suits_then_an_offer_is_imported_and_the_need_is_matched_again(before):
    need_id = unmet(before, state="new", sent_at=NOON)
    with write(before.engine) as connection:
        who = {"need_id": need_id, "name": "Camille", "email": "camille@exemple.org"}
        connection.execute(insert(contacts).values(who))
    seen = read_register(before, Scope(), GapFilter(), today=TODAY).gaps[0]
    assert (seen.cell.territory, seen.demand.unmet, seen.offered.local) == ("DEP-48", 1, 0)

    after, plan = with_offers(before, LAWYER)
    found = rematch(after, new_offers(plan), NOON)

    assert list(found.answers) == [need_id]
    assert sum(found.cells.values()) == 1
    with read(after.engine) as connection:
        assert [r.offer_id for r in load_rematches(connection)[need_id]] == ["avocats-lozere"]
        line = lines_of(connection, need_id)[-1]
        mail = connection.execute(select(outbox.c.need_id, outbox.c.payload)).all()
    assert (line.action, line.actor, line.detail) == (
        "rematched",
        "system",
        {"offers": ["avocats-lozere"]},
    )
    assert mail == [(need_id, {})]
    filled = read_register(after, Scope(), GapFilter(), today=TODAY)
    assert (filled.total.renewed, filled.renewed[0].offered.local) == (1, 1)


def test_the_catalyst_sees_it_on_the_page_of_the_gap(before, tmp_path):
    unmet(before, state="new", reference="AIG-1")
    after, plan = with_offers(before, LAWYER)
    rematch(after, new_offers(plan), NOON)
    app = create_app(settings(tmp_path), after)
    keep_users(after.engine, user("lea", "catalyst", "DEP-48"), user("max", "catalyst", "DEP-59"))
    client = client_of(app, user("lea"))
    assert "1 besoin a une nouvelle réponse" in client.get("/bureau/raquette").text
    page = client.get("/bureau/raquette/trou?territoire=DEP-48&theme=juridique").text
    assert "1 besoin a une nouvelle réponse" in page
    assert LAWYER.title in page
    assert "AIG-1" in page
    other = client_of(app, user("max"))
    assert "a une nouvelle réponse" not in other.get("/bureau/raquette").text
    assert other.get("/bureau/raquette/trou?territoire=DEP-48&theme=juridique").status_code == 404


def test_nothing_is_said_twice(before):
    unmet(before)
    after, plan = with_offers(before, LAWYER)
    assert len(rematch(after, new_offers(plan), NOON).answers) == 1
    assert rematch(after, new_offers(plan), NOON).answers == {}


def test_who_was_told_of_a_new_answer_is_not_told_again_however_late_another_comes(before):
    need_id = unmet(before, state="closed", outcome="not-helped", sent_at=NOON, closed_at=NOON)
    with write(before.engine) as connection:
        save_contact(connection, need_id, Contact("Camille", "camille@exemple.org"))
    after, plan = with_offers(before, LAWYER)
    rematch(after, new_offers(plan), NOON)
    pigeon, clock = Pigeon(), Clock(NOON)
    jobs = jobs_of(after.engine, pigeon)
    assert jobs.once(clock)["sent"] == 1
    clock.forward(days=31)
    assert jobs.once(clock)["work"] == 1

    another = replace(LAWYER, id="avocats-mende")
    later, plan = with_offers(after, LAWYER, another)
    found = rematch(later, new_offers(plan), clock.now)

    assert [a.offer_id for a in found.answers[need_id]] == ["avocats-mende"]
    assert jobs.once(clock)["sent"] == 0


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "helped", "state": "closed"},
        {"outcome": "out-of-scope", "state": "closed"},
        {"merged_into": "autre"},
        {"text": ""},
    ],
)
def test_a_need_that_is_settled_or_without_words_is_left_alone(before, values):
    need_id = unmet(before)
    with write(before.engine) as connection:
        connection.execute(update(needs).where(needs.c.id == need_id).values(values))
    after, plan = with_offers(before, LAWYER)
    assert rematch(after, new_offers(plan), NOON).tried == 0


def test_an_offer_for_elsewhere_or_for_another_subject_answers_nobody(before):
    unmet(before, place=LILLE)
    other = offer("autre", title="Aide à la transition", need_types=("transition-ecologique",))
    after, plan = with_offers(before, LAWYER, other)
    assert rematch(after, new_offers(plan), NOON).answers == {}
    assert rematch(after, ["autre"], NOON).tried == 0
    assert rematch(after, ["jamais-vue"], NOON).tried == 0


def test_an_offer_that_reopens_is_new_and_one_whose_title_changes_is_not():
    def plan(changed):
        return Plan((), {LAWYER: changed}, (), (), (), (), (), ())

    assert new_offers(plan(("status",))) == {"avocats-lozere"}
    assert new_offers(plan(("title", "summary"))) == set()


def lead(catalogue, folder):
    """A browser of somebody who may mend offers."""
    app = create_app(settings(folder), catalogue)
    keep_users(catalogue.engine, user("root", "network-lead", "FR"))
    return client_of(app, user("root", "network-lead"))


def mend(client, offer_id, **typed):
    """Send the form of an offer of the catalogue desk."""
    done = client.post(f"/bureau/catalogue/{offer_id}", data={**typed, **proof(client)})
    assert done.status_code == 303


def jobs_over(catalogue, folder):
    """The jobs, with the matcher of the offers that the database holds when they are done."""

    def of_now():
        with read(catalogue.engine) as connection:
            return replace(catalogue, matcher=matcher(*load_offers(connection)))

    return Jobs.of(settings(folder, mail="console"), catalogue.engine, of_now)


CLOSED = replace(LAWYER, status="closed")
ELSEWHERE = replace(LAWYER, territories=frozenset({"DEP-59"}))


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (CLOSED, {"status": "open"}),
        (ELSEWHERE, {"territories": "DEP-48"}),
    ],
    ids=["reopened", "extended"],
)
def test_an_offer_mended_on_the_desk_finds_the_needs_that_it_now_answers(tmp_path, stored, typed):
    catalogue = tiny_catalogue(tmp_path, *OLD, stored)
    need_id = unmet(catalogue, state="new", reference="AIG-1")
    client = lead(catalogue, tmp_path)
    jobs = jobs_over(catalogue, tmp_path)
    assert jobs.work(lambda: NOON) == {}
    mend(client, LAWYER.id, **typed)
    assert "a une nouvelle réponse" not in client.get("/bureau/raquette").text
    assert jobs.work(lambda: NOON) == {"rematched": 1}
    with read(catalogue.engine) as connection:
        assert [r.offer_id for r in load_rematches(connection)[need_id]] == [LAWYER.id]
        assert undone(connection) == []
    assert "1 besoin a une nouvelle réponse" in client.get("/bureau/raquette").text
    assert jobs.work(lambda: NOON) == {}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({"expressions": WORDS}, 1),
        ({"title": "Un avocat pour votre bail"}, 1),
        ({"url": "https://exemple.fr", "next_step": "Appelez."}, 0),
        ({"title": LAWYER.title}, 0),
    ],
    ids=["expressions", "title", "what no match depends on", "nothing"],
)
def test_an_edit_asks_for_a_rematch_when_a_match_may_depend_on_it(tmp_path, typed, asked):
    catalogue = tiny_catalogue(tmp_path, *OLD, LAWYER)
    mend(lead(catalogue, tmp_path), LAWYER.id, **typed)
    with read(catalogue.engine) as connection:
        assert [r.payload for r in undone(connection)] == [{"offers": [LAWYER.id]}] * asked


def test_edits_in_a_row_are_matched_at_once_and_a_failure_is_tried_again_in_sight(tmp_path):
    catalogue = tiny_catalogue(tmp_path, *OLD, CLOSED)
    unmet(catalogue)
    client = lead(catalogue, tmp_path)
    mend(client, LAWYER.id, status="open")
    mend(client, LAWYER.id, title="Avocats")

    def away():
        raise OSError("disque")

    broken = Jobs.of(settings(tmp_path, mail="console"), catalogue.engine, away)
    assert broken.work(lambda: NOON) == {"unfinished": 2}
    with read(catalogue.engine) as connection:
        assert {(r.kind, r.error) for r in undone(connection)} == {("rematch", "OSError")}
    jobs = jobs_over(catalogue, tmp_path)
    assert jobs.work(lambda: NOON) == {}
    assert jobs.work(lambda: NOON + WAITS[0]) == {"rematched": 1}


def test_a_mail_job_never_takes_a_rematch_nor_a_rematch_a_mail(tmp_path):
    catalogue = tiny_catalogue(tmp_path, *OLD)
    with write(catalogue.engine) as connection:
        queue_rematch(connection, [LAWYER.id], NOON)
        queue(connection, "question", at=NOON, need_id="parti")
    jobs = jobs_over(catalogue, tmp_path)
    assert jobs.send(lambda: NOON) == {"sent": 0, "nothing": 1, "failed": 0}
    assert jobs.work(lambda: NOON) == {"rematched": 0}


def test_the_import_command_matches_again_and_tells_how_many(tmp_path, aiguille):
    catalogue = small_catalogue(tmp_path)
    unmet(catalogue)
    file = tmp_path / "neuf.jsonl"
    record = {k: v for k, v in to_record(LAWYER).items() if v not in (None, [], "", ())}
    file.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
    code, out, _ = aiguille("import", file, "--json", at=tmp_path)
    assert (code, json.loads(out)["rematched"]) == (0, 1)
    with read(open_catalogue(settings(tmp_path)).engine) as connection:
        assert len(load_rematches(connection)) == 1


def test_an_old_database_that_learns_of_new_shipped_offers_matches_again(aiguille, tmp_path):
    with write(small_catalogue(tmp_path).engine) as connection:
        shipped = load_offer(connection, "ideas-lab")
        connection.execute(delete(offers).where(offers.c.id == shipped.id))
    old = open_catalogue(settings(tmp_path))
    need_id = unmet(old, words=shipped.expressions[0])
    code, out, _ = aiguille("init", "--json", at=tmp_path)
    told = json.loads(out)
    assert (code, told["created"], told["rematched"]) == (0, 1, 1)
    with read(old.engine) as connection:
        assert [r.offer_id for r in load_rematches(connection)[need_id]] == [shipped.id]
