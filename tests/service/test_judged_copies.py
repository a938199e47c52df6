"""What is copied to learn from names nobody, and is read as the needs that ship are."""

from __future__ import annotations

import json

import pytest

from data.engine import write
from data.erasing import forget_words
from data.store_contacts import Contact, save_contact
from data.store_needs import change_need, save_judgement
from data.territories import Gazetteer
from evaluation.corpus import read_collection
from service.triage.pseudonyms import pseudonymised
from service.usecases.answering import keep_need
from service.usecases.judged_copies import PLACES, WrongCopy, copy_judged
from tests.builders import TODAY, need, tiny_catalogue
from tests.desk import NOON

SECRETS = {
    "mail": "camille.roux@exemple.org",
    "phone": "06 39 98 12 34",
    "nir": "2 69 05 49 588 157 80",
    "iban": "FR76 3000 6000 0112 3456 7890 189",
    "siret": "732 829 320 00074",
    "site": "https://les-roux.exemple.fr/nous",
    "of the contact": "CAMILLE",
    "announced": "Aurélie Zanetti",
    "place": "Lille",
}
WORDS = (
    "Je suis Camille Roux, trésorière. On n’arrive plus à payer les salaires à Lille, il manque "
    "1 200 000 euros. Voyez Mme Aurélie Zanetti ou CAMILLE : camille.roux@exemple.org, "
    "06 39 98 12 34, IBAN FR76 3000 6000 0112 3456 7890 189, NIR 2 69 05 49 588 157 80, SIRET "
    "732 829 320 00074, https://les-roux.exemple.fr/nous."
)


def copy(catalogue, folder, **options):
    return copy_judged(catalogue.engine, catalogue.reading, folder, **options)


@pytest.fixture
def catalogue(tmp_path):
    """A need that may be copied, and one for each reason not to."""
    made = tiny_catalogue(tmp_path)
    for reference, state, grade, forgotten in (
        ("AIG-1", "closed", 2, False),
        ("AIG-2", "waiting", 2, False),
        ("AIG-3", "closed", None, False),
        ("AIG-4", "closed", 3, True),
    ):
        kept = keep_need(
            made, need(WORDS, place=made.gazetteer.place(["COM-59350"])), today=TODAY, now=NOON
        )
        with write(made.engine) as connection:
            ended = "helped" if state == "closed" else None
            change_need(connection, kept.id, state=state, outcome=ended, reference=reference)
            save_contact(connection, kept.id, Contact("Camille Roux", "camille.roux@exemple.org"))
            if grade is not None:
                for offer_id, said in (("aide-tresorerie", grade), ("appui-bureau", 0)):
                    source = {"source": "user:lea", "at": NOON}
                    save_judgement(connection, kept.id, offer_id, said, **source)
            if forgotten:
                forget_words(connection, kept.id)
    return made


def test_a_copy_holds_the_closed_judged_need_and_nothing_that_names_anybody(catalogue, tmp_path):
    folder = tmp_path / "copy"
    assert copy(catalogue, folder) == 1
    whole = "".join(f.read_text() for f in folder.rglob("*") if f.is_file())
    assert {kind for kind, said in SECRETS.items() if said.casefold() in whole.casefold()} == set()
    assert "AIG-" not in whole
    assert "roux" not in whole.casefold()
    assert "On n’arrive plus à payer les salaires" in whole
    assert "1 200 000 euros" in whole


def test_a_copy_is_read_as_judged_needs(catalogue, tmp_path):
    folder = tmp_path / "copy"
    copy(catalogue, folder)
    found = read_collection(folder, Gazetteer.load().place)
    (one,) = found.needs
    assert found.notices == ()
    assert (one.need.actor.kind, one.need.actor.employees) == ("association", 4)
    assert one.need.place.code == "DEP-59"
    assert found.qrels == {one.id: {"aide-tresorerie": 2}}
    assert found.labels[one.id].need_types
    assert json.loads((folder / "labels.jsonl").read_text())["answerable"] is True


@pytest.mark.parametrize(
    ("place", "code"),
    list(zip(PLACES, ("COM-59350", "EPCI-200093201", "DEP-59", "REG-32", None), strict=True)),
)
def test_the_place_is_as_wide_as_it_is_asked(catalogue, tmp_path, place, code):
    copy(catalogue, tmp_path / place, place=place)
    said = json.loads((tmp_path / place / "queries.jsonl").read_text())
    assert said["metadata"].get("territories", [None]) == [code]
    assert ("Lille" in said["text"]) == (place == "commune")


def test_two_copies_have_no_id_in_common(catalogue, tmp_path):
    ids = set()
    for name in "ab":
        copy(catalogue, tmp_path / name)
        ids.add(json.loads((tmp_path / name / "queries.jsonl").read_text())["_id"])
    assert len(ids) == 2


def test_a_copy_is_never_written_over_and_says_what_it_knows(catalogue, tmp_path):
    copy(catalogue, tmp_path / "copy")
    with pytest.raises(WrongCopy, match="déjà une copie"):
        copy(catalogue, tmp_path / "copy")
    with pytest.raises(WrongCopy, match="commune, epci"):
        copy(catalogue, tmp_path / "other", place="rue")


def test_the_command_says_to_read_the_copy_again(catalogue, tmp_path, aiguille):
    code, out, _ = aiguille("judged", tmp_path / "copy", "--place", "nowhere", at=tmp_path)
    assert code == 0
    assert ": 1" in out
    assert "Relisez queries.jsonl" in out


@pytest.mark.parametrize(
    ("text", "names", "left"),
    [
        ("Voyez M. Dupont-Aubry demain", (), "Voyez M. […] demain"),
        ("je m’appelle Zoé, j’ai un club", (), "je m’appelle […], j’ai un club"),
        ("Je suis Présidente d’un club", (), "Je suis Présidente d’un club"),
        ("zoé et ZOE et Zoélie", ("Zoé Les",), "[…] et […] et Zoélie"),
        ("la mairie de Lille les aide", ("Mairie les",), "la mairie de Lille les aide"),
        ("W751212345 et 12 345 678 euros", (), "[…] et 12 345 678 euros"),
        ("732 829 320", (), "[…]"),
        ("", ("Zoé",), ""),
    ],
)
def test_names_that_are_known_or_announced_are_masked(text, names, left):
    assert pseudonymised(text, names) == left
