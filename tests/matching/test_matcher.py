"""The story, on worlds of a few offers."""

from dataclasses import replace

import pytest

from matching.domain import Correction, Verdict
from tests.builders import LILLE, MENDE, TODAY, matcher, need, offer

CASH = offer(
    "cash",
    title="Avance de trésorerie",
    description="Un prêt court pour payer salaires et loyers quand une subvention tarde.",
    need_types=("tresorerie",),
    levers=("ressources-financieres",),
    kind="pret",
    axis="urgence",
    expressions=("la subvention tarde et il faut payer les salaires à la fin du mois",),
)
BOARD = offer(
    "board",
    title="Relève des dirigeants",
    description="Un accompagnement pour renouveler le bureau, le président, le conseil.",
    need_types=("gouvernance",),
    levers=("richesses-humaines",),
    kind="accompagnement",
    axis="redeveloppement",
)
POTTERY = offer("pottery", title="Poterie", description="Tourner et cuire la terre.")
PAY = "on n’arrive plus à payer les salaires, la subvention tarde"


def ids(answer):
    return [m.offer.id for m in answer.matches]


def test_the_offer_that_speaks_of_the_need_comes_first_with_its_reasons():
    answer = matcher(CASH, BOARD, POTTERY).match(need(PAY), today=TODAY)
    best = answer.matches[0]
    assert best.offer.id == "cash"
    assert best.verdict == Verdict.ELIGIBLE
    evidence = {r.code: r.evidence for r in best.reasons}
    assert evidence["need_type"] == ("tresorerie",)
    assert evidence["expression"] == CASH.expressions
    assert set(evidence["words"]) <= {"payer", "salaires", "subvention", "tarde"}
    assert evidence["profile"] == ("association",)


def test_reasons_come_strongest_first_and_scores_are_probabilities():
    answer = matcher(CASH, BOARD, POTTERY).match(need(PAY), today=TODAY)
    for match in answer.matches:
        weights = [r.weight for r in match.reasons]
        assert weights == sorted(weights, reverse=True)
        assert 0 <= match.score <= 1


def test_what_is_ineligible_is_never_ranked_but_told_apart():
    big = replace(CASH, id="big", employees_min=20)
    answer = matcher(CASH, BOARD, big).match(need(PAY), today=TODAY)
    assert "big" not in ids(answer)
    assert [(n.offer.id, n.ruling.rule) for n in answer.near_misses] == [("big", "employees_min")]


def test_what_is_closed_without_a_successor_is_history():
    old = replace(CASH, id="old", status="closed")
    answer = matcher(CASH, BOARD, old).match(need(PAY), today=TODAY)
    assert answer.near_misses == ()


def test_a_closed_near_miss_carries_its_successor():
    old = replace(CASH, id="old", status="closed", successor="cash")
    answer = matcher(CASH, BOARD, old).match(need(PAY), today=TODAY)
    assert [(n.offer.id, n.successor.id) for n in answer.near_misses] == [("old", "cash")]


def test_a_doubt_ranks_below_the_same_offer_without_doubt_and_names_the_fact():
    doubtful = replace(CASH, id="a-doubtful", employees_min=3)
    answer = matcher(CASH, doubtful, BOARD).match(need(PAY, employees=None), today=TODAY)
    assert ids(answer)[:2] == ["cash", "a-doubtful"]
    assert [c.fact for c in answer.matches[1].checks] == ["employees"]
    assert answer.understanding.missing == ("employees",)


def test_what_a_person_must_check_leaves_the_score_and_ranks_below_its_equal():
    conditional = replace(CASH, id="a-conditional", conditions=("avoir un agrément",))
    answer = matcher(CASH, conditional, BOARD).match(need(PAY), today=TODAY)
    plain, checked = answer.matches[:2]
    assert (plain.offer.id, checked.offer.id) == ("cash", "a-conditional")
    assert plain.score == checked.score
    assert [m.verdict.code for m in (plain, checked)] == ["eligible", "to_check"]
    assert [c.rule for c in checked.checks] == ["conditions"]
    assert answer.understanding.missing == ()


def test_a_national_offer_and_its_local_form_are_one_match_with_its_relay():
    local = replace(CASH, id="lozere", territories=frozenset({"DEP-48"}), national_offer="cash")
    world = matcher(CASH, local, BOARD)
    here = world.match(need(PAY, place=MENDE), today=TODAY)
    assert ids(here).count("lozere") + ids(here).count("cash") == 1
    assert here.matches[0].relay.offer_id == "lozere"
    elsewhere = world.match(need(PAY, place=LILLE), today=TODAY)
    assert "lozere" not in ids(elsewhere)


def test_without_a_place_the_national_offer_stands_for_its_local_forms():
    local = replace(CASH, id="a-local", territories=frozenset({"DEP-48"}), national_offer="cash")
    answer = matcher(CASH, local, BOARD).match(need(PAY, place=None), today=TODAY)
    assert ids(answer)[0] == "cash"
    assert "a-local" not in ids(answer)


def test_what_nobody_speaks_of_is_not_sure_and_names_a_generalist():
    relay = offer("relay", title="Maison des associations", generalist=True)
    near = replace(relay, id="near", territories=frozenset({"DEP-59"}))
    answer = matcher(CASH, BOARD, relay, near).match(
        need("Pourquoi le ciel est-il bleu et la mer salée ?"), today=TODAY
    )
    assert not answer.sure
    assert answer.fallback.offer.id == "near"
    assert answer.matches == ()
    assert answer.bundle.steps == ()


def test_who_did_not_say_what_they_are_is_sent_to_the_generalist_open_to_most():
    town = offer("town", title="Maison des associations", generalist=True)
    town = replace(town, territories=frozenset({"COM-59350"}))
    wide = replace(town, id="wide", audiences=frozenset({"association", "tpe", "independant"}))
    wide = replace(wide, territories=frozenset({"FR"}))
    world = matcher(CASH, BOARD, town, wide)
    sky = "Pourquoi le ciel est-il bleu et la mer salée ?"
    unknown = world.match(need(sky, kind=None), today=TODAY)
    assert unknown.fallback.offer.id == "wide"
    assert world.match(need(sky), today=TODAY).fallback.offer.id == "town"


def test_who_says_it_in_their_words_is_sent_to_their_own_generalist():
    shops, groups = {"tpe", "independant"}, {"association", "fondation", "cooperative"}
    crafts = offer("crafts", audiences=frozenset(shops), generalist=True)
    clubs = offer("clubs", audiences=frozenset(groups), generalist=True)
    said = need("Je suis à mon compte. Pourquoi le ciel est-il bleu ?", kind=None)
    assert matcher(CASH, crafts, clubs).match(said, today=TODAY).fallback.offer.id == "crafts"


def test_two_facets_are_told_apart_and_the_bundle_covers_both_urgent_first():
    text = f"{PAY}. Et plus personne ne veut reprendre le bureau, le président part."
    answer = matcher(CASH, BOARD, POTTERY).match(need(text), today=TODAY)
    assert [next(iter(f.need_types)) for f in answer.understanding.facets] == [
        "tresorerie",
        "gouvernance",
    ]
    assert [s.match.offer.id for s in answer.bundle.steps] == ["cash", "board"]
    assert [s.urgent for s in answer.bundle.steps] == [True, False]


def test_the_same_need_gets_the_same_answer_whatever_the_order_of_offers():
    one = matcher(CASH, BOARD, POTTERY).match(need(PAY), today=TODAY)
    other = matcher(POTTERY, BOARD, CASH).match(need(PAY), today=TODAY)
    assert ids(one) == ids(other)
    assert [m.score for m in one.matches] == pytest.approx([m.score for m in other.matches])


def test_equal_offers_come_in_the_order_of_their_ids():
    twins = [replace(CASH, id=i) for i in ("b", "a", "c")]
    answer = matcher(*twins, BOARD, POTTERY).match(need(PAY), today=TODAY)
    assert ids(answer)[:3] == ["a", "b", "c"]


def test_the_ranking_holds_the_whole_admissible_set():
    closed = replace(CASH, id="closed", status="closed")
    world = matcher(CASH, BOARD, POTTERY, closed)
    ranking = world.ranking(need(PAY), today=TODAY)
    assert {offer_id for offer_id, _ in ranking} == {"cash", "board", "pottery"}
    ignoring = world.ranking(need(PAY), today=TODAY, ignoring={"status"})
    assert len(ignoring) == 4


def test_an_empty_catalogue_answers_with_nothing_and_no_certainty():
    answer = matcher().match(need(PAY), today=TODAY)
    assert (answer.matches, answer.sure, answer.fallback) == ((), False, None)


def test_a_correction_takes_the_place_of_what_was_understood_and_ranks_again():
    world = matcher(CASH, BOARD, POTTERY)
    said = need(PAY, correction=Correction(frozenset({"gouvernance"}), urgent=False))
    before, after = (world.match(n, today=TODAY) for n in (need(PAY), said))
    assert list(after.understanding.need_types) == ["gouvernance"]
    assert (before.understanding.axis, after.understanding.axis) == ("urgence", "redeveloppement")
    scores = [{m.offer.id: m.score for m in a.matches}["board"] for a in (before, after)]
    assert scores[0] < scores[1]
