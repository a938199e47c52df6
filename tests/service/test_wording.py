"""Sentences about rules, in good French: typographic apostrophes, spaces that do not break."""

from dataclasses import replace

import pytest

from matching.domain import NearMiss, Ruling, Verdict
from matching.eligibility import RULES
from service.pages.cards import FACTS
from service.wording import CHECKS, FAULTS, Wording
from tests.builders import LILLE, need, offer

NEVER_IN_DOUBT = {"not_yet", "over"}
NEVER_AT_FAULT = {"conditions"}


class Codes:
    """Labels that are the codes themselves."""

    def label(self, list_name, code):
        return code

    def plural(self, profile):
        return profile

    def place(self, code):
        return code


SAYS = Wording(Codes())


def check(rule, **facts):
    return SAYS.check(Ruling(rule, Verdict.TO_CHECK), offer(**facts), need(place=None))


def test_every_rule_has_its_sentences():
    codes = {rule.code for rule in RULES}
    assert codes - NEVER_IN_DOUBT == CHECKS.keys() == FACTS.keys()
    assert codes - NEVER_AT_FAULT == FAULTS.keys()


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        (("être en quartier prioritaire",), "À vérifier : être en quartier prioritaire"),
        (("a", "b"), "Conditions à vérifier : a ; b"),
    ],
)
def test_a_condition_that_no_fact_decides_is_named(conditions, told):
    assert check("conditions", conditions=conditions).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("most", "told"),
    [
        (3_499, "Réservé aux communes de moins de 3 500 habitants : indiquez votre commune"),
        (2_000, "Réservé aux communes de 2 000 habitants au plus : indiquez votre commune"),
    ],
)
def test_a_bound_of_population_is_said_as_people_say_it(most, told):
    assert check("population_max", population_max=most).replace("\u00a0", " ") == told


def test_a_commune_too_peopled_is_told_both_numbers():
    near = NearMiss(offer(population_max=1_999), 0.5, Ruling("population_max", Verdict.INELIGIBLE))
    told = SAYS.near_miss(near, need(place=replace(LILLE, population=238_695)))
    assert told.replace("\u00a0", " ") == (
        "Réservé aux communes de moins de 2 000 habitants ; Lille (59) en compte 238 695"
    )
