"""The bundle: the best answer, then what complements it."""

from matching.assemble import assemble
from matching.domain import Match, Understanding, Verdict
from tests.builders import offer


def match(rank, score, offer_id, **facts):
    return Match(offer(offer_id, **facts), rank, score, Verdict.ELIGIBLE, ())


def understood(axis, **types):
    return Understanding(types, {}, None, axis, (), ())


def steps(bundle):
    return [s.match.offer.id for s in bundle.steps]


def test_the_best_answer_is_always_a_step_even_when_others_cover_more():
    best = match(1, 0.9, "réseau", need_types=("reseau",), kind="reseau")
    other = match(2, 0.6, "fonds", need_types=("creation",), kind="fonds")
    assert (
        steps(assemble([best, other], understood("redeveloppement", creation=0.9)))[0] == "réseau"
    )


def test_urgent_steps_come_first_for_an_urgent_need_alone():
    lasting = match(1, 0.9, "dla", need_types=("gouvernance",), kind="conseil")
    urgent = match(2, 0.8, "prêt", need_types=("tresorerie",), kind="pret", axis="urgence")
    types = {"gouvernance": 0.8, "tresorerie": 0.8}
    assert steps(assemble([lasting, urgent], understood("urgence", **types))) == ["prêt", "dla"]
    calm = assemble([lasting, urgent], understood("redeveloppement", **types))
    assert steps(calm) == ["dla", "prêt"]
    assert not any(s.urgent for s in calm.steps)


def test_a_poor_match_is_no_step():
    best = match(1, 0.9, "dla", need_types=("gouvernance",))
    poor = match(2, 0.1, "prêt", need_types=("tresorerie",), kind="pret")
    types = {"gouvernance": 0.8, "tresorerie": 0.8}
    assert steps(assemble([best, poor], understood("redeveloppement", **types))) == ["dla"]


def test_what_answers_nothing_understood_is_no_step():
    best = match(1, 0.9, "dla", need_types=("gouvernance",), kind="conseil", levers=("alliances",))
    other = match(2, 0.8, "adie", need_types=("creation",), kind="pret", levers=("finances",))
    assert steps(assemble([best, other], understood("redeveloppement", gouvernance=0.9))) == ["dla"]


def test_a_weak_first_step_leaves_room_for_another_of_the_same_need():
    # 0.5 x (0.9 x (1 - 0.6) + 0.15) = 0.255, over the least gain; 0.5 x 0.9 x 0.01 is not.
    second = match(2, 0.5, "fonds", need_types=("tresorerie",), kind="fonds")
    types = understood("redeveloppement", tresorerie=0.9)
    weak = match(1, 0.6, "prêt", need_types=("tresorerie",), kind="pret")
    assert steps(assemble([weak, second], types)) == ["prêt", "fonds"]
    strong = match(1, 0.99, "prêt", need_types=("tresorerie",), kind="fonds")
    assert steps(assemble([strong, second], types)) == ["prêt"]
