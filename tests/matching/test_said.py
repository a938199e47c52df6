"""Facts that the words themselves say."""

import pytest

from matching.domain import ActorProfile, Need
from matching.said import read_said, with_said
from tests.builders import LILLE, MENDE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Notre association n’a plus un sou", {"profile": "association"}),
        ("Je suis maire d’un village de 300 âmes", {"profile": "collectivite"}),
        ("Je voudrais ouvrir une épicerie", {"profile": "porteur-de-projet"}),
        ("Ma boulangerie ne tiendra pas l’hiver", {"profile": "tpe", "naf_section": "C"}),
        ("Notre petite crèche ferme vendredi", {"naf_section": "Q"}),
        ("La crèche du quartier ferme", {}),
        ("Nous sommes trois salariées et ça craque", {"employees": "3"}),
        ("On a 12 employés", {"employees": "12"}),
        ("Nous n’avons que deux salariées", {"employees": "2"}),
        ("Que des bénévoles chez nous", {"employees": "0"}),
        ("Je fais les marchés et l’Urssaf me réclame 3 000 €", {"profile": "independant"}),
        ("Je vends sur les marchés depuis mars", {"profile": "independant"}),
        ("Mon food-truck est en panne", {"profile": "independant", "naf_section": "I"}),
        ("J’ai un food truck", {"profile": "independant"}),
        ("J’ai un camion à pizzas", {"profile": "independant"}),
        ("Patronne d’un petit food truck, je coule", {"profile": "independant"}),
        ("Je travaille à mon compte", {"profile": "independant"}),
        ("Je suis à mon compte depuis deux ans", {"profile": "independant"}),
        ("Je suis micro-entrepreneuse", {"profile": "independant"}),
        ("Auto entrepreneur, je n’ai plus de clients", {"profile": "independant"}),
        ("Je suis indépendante, sans clients", {"profile": "independant"}),
        ("Je veux me mettre à mon compte", {"profile": "porteur-de-projet"}),
        (
            "Je voudrais lancer mon food truck",
            {"profile": "porteur-de-projet", "naf_section": "I"},
        ),
        ("Je suis indépendante de mes parents", {}),
        ("On accompagne des auto-entrepreneurs", {}),
        ("Les micro-entrepreneurs du quartier nous quittent", {}),
        ("Un food truck bloque l’entrée", {}),
        ("La commune fait les marchés de Noël", {}),
        ("Des hérissons installés dans mon garage", {}),
        ("Notre association parle à la mairie, je suis maire aussi", {}),
        ("Il faudrait embaucher deux salariés", {}),
    ],
)
def test_only_what_is_surely_said_is_read(text, expected):
    assert {s.fact: s.value for s in read_said(text)} == expected


def test_a_stated_fact_always_wins():
    stated = Need("Notre association a 3 salariés", ActorProfile("fondation", 8))
    filled, said = with_said(stated)
    assert filled == stated
    assert said == ()


def test_what_was_read_is_told_with_its_words():
    filled, said = with_said(Need("Notre club, uniquement des bénévoles, cherche une salle"))
    actor = filled.actor
    assert (actor.kind, actor.naf_section, actor.employees) == ("association", "R", 0)
    assert [s.words.lower() for s in said] == [
        "notre club",
        "notre club",
        "uniquement des bénévoles",
    ]


def test_a_place_that_the_words_name_is_kept_unless_one_is_stated():
    def read_place(_):
        return LILLE, "à Lille"

    filled, said = with_said(Need("Plus de local à Lille"), read_place)
    assert (filled.place, said[-1].fact, said[-1].words) == (LILLE, "commune", "à Lille")
    stated = Need("Plus de local à Lille", place=MENDE)
    assert with_said(stated, read_place) == (stated, ())
