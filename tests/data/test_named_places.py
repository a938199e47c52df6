"""The place that a text names, when it surely names one."""

import pytest

from data.named_places import named_place
from tests.builders import gazetteer


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Notre ludothèque, à Agen, perd son local.", "DEP-47", "à Agen"),
        ("On joue près de Saint-Brieuc depuis dix ans", "DEP-22", "près de Saint-Brieuc"),
        ("Un refuge au Mans, cent chats", "DEP-72", "au Mans"),
        ("Rien n’existe pour nous en Lozère.", "DEP-48", "en Lozère"),
        ("Dans l’Ain, plus un médecin", "DEP-01", "Dans l’Ain"),
        ("Une épicerie à Saint-Denis (974)", "DEP-974", "à Saint-Denis (974)"),
        ("Trois clubs à Mende, en Lozère", "DEP-48", "à Mende"),
        ("Les bureaux à Mayotte ont fermé", "DEP-976", "à Mayotte"),
    ],
)
def test_a_named_place_is_read_as_its_departement(text, code, words):
    place, said = named_place(gazetteer(), text)
    assert (place.within & {code}, said) == ({code}, words)


@pytest.mark.parametrize(
    "text",
    [
        "Le dossier est parti à Paris et personne ne répond",
        "On va de l’avant, à Noël on ferme",
        "Des enfants à Lyon et à Lille",
        "à Sainte-Colombe, plus rien",
        "On est en France, quand même",
        "notre association n’a plus un sou",
    ],
)
def test_a_text_that_names_none_surely_says_nothing(text):
    assert named_place(gazetteer(), text) is None
