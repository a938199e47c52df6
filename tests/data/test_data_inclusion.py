"""A service of someone else's, read as an offer: what is kept, what is near, what is lost."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest
from data_inclusion.schema import v1

from data.exporters import exporter
from data.fields import Rejection
from data.importers import importer
from data.importers.data_inclusion.codes import Codes, table
from data.importers.data_inclusion.facts import HELD, NO_PLACE
from data.losses import Loss
from matching.domain import Offer, Provider
from tests.builders import FRAME, offer
from tests.strategies import READING

STRUCTURE = {
    "source": "dora",
    "id": "dora--12",
    "nom": "Centre social du Tournesol",
    "date_maj": "2026-02-14",
    "siret": "13003013300016",
    "courriel": "accueil@exemple.fr",
}
SERVICE = {
    "source": "dora",
    "structure_id": "dora--12",
    "id": "dora--42",
    "nom": "Atelier pour créer son entreprise",
    "description": "Un atelier d’une journée.\n\nOn y écrit son projet, on en fait les comptes.",
    "lien_source": "https://exemple.fr/services/42",
    "date_maj": "2026-02-14",
    "type": "atelier",
    "thematiques": [
        "creer-une-entreprise--structurer-son-projet-de-creation-dentreprise",
        "sante--acces-aux-soins",
    ],
    "frais": "gratuit",
    "publics": ["femmes", "residents-qpv-frr"],
    "publics_precisions": "Le jeune de 18 à 25 ans.",
    "conditions_acces": "Habiter le département\nParler français",
    "telephone": "+33123456789",
    "contact_nom_prenom": "Camille Durand",
    "modes_accueil": ["en-presentiel", "a-distance"],
    "zone_eligibilite": ["48", "200005676", "75056"],
    "mobilisation_precisions": "Appelez l’accueil.",
    "modes_mobilisation": ["telephoner"],
    "volume_horaire_hebdomadaire": 7.5,
}


def read(path, content):
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return list(importer("data-inclusion")(path, READING))


def one(tmp_path, **changed):
    """What is read of the service, with some fields changed; of None, without them."""
    service = {k: v for k, v in {**SERVICE, **changed}.items() if v is not None}
    return read(tmp_path / "x.json", {"structures": [STRUCTURE], "services": [service]})


def lost(found):
    return {(f.field, f.value): f.message for f in found if isinstance(f, Loss)}


def test_a_service_is_an_offer_of_its_structure(tmp_path):
    (found,) = (f for f in one(tmp_path) if isinstance(f, Offer))
    assert found == Offer(
        "dora--42",
        "Atelier pour créer son entreprise",
        summary="Un atelier d’une journée.",
        description="On y écrit son projet, on en fait les comptes.",
        provider=Provider("dora--12", "Centre social du Tournesol"),
        kind="formation",
        need_types=("creation",),
        conditions=(
            "Habiter le département",
            "Parler français",
            "Le jeune de 18 à 25 ans.",
            "faire partie de ces publics : femmes, résidents en QPV ou FRR",
        ),
        territories=frozenset({"DEP-48", "EPCI-200005676", "COM-75056"}),
        channel="mixte",
        cost="gratuit",
        status="open",
        next_step="Appelez l’accueil.",
        url="https://exemple.fr/services/42",
        sources=("https://exemple.fr/services/42",),
        checked_on=date(2026, 2, 14),
        provenance="data.inclusion : dora",
    )


def test_every_field_that_has_no_place_is_told_and_nobody_is_named(tmp_path):
    told = lost(one(tmp_path))
    assert set(told) == {
        ("structure.source", "dora"),
        ("structure.date_maj", "2026-02-14"),
        ("structure.siret", "13003013300016"),
        ("structure.courriel", "(coordonnées)"),
        ("type", "atelier"),
        ("thematiques", "sante--acces-aux-soins"),
        ("publics", "femmes"),
        ("publics", "residents-qpv-frr"),
        ("publics_precisions", "Le jeune de 18 à 25 ans."),
        ("telephone", "(coordonnées)"),
        ("contact_nom_prenom", "(coordonnées)"),
        ("modes_mobilisation", "['telephoner']"),
        ("volume_horaire_hebdomadaire", "7.5"),
    }
    assert "voisin" in told["type", "atelier"]
    assert "conditions" in told["publics", "femmes"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("thematiques", ["jardinage"], "code inconnu"),
        ("type", "jardinage", "code inconnu"),
        ("publics", ["martiens"], "code inconnu"),
        ("publics", ["tous-publics", "femmes"], "tous-publics"),
        ("frais_precisions", "10 € par an", "sans détail"),
        ("zone_eligibilite", ["99101"], "pas un lieu de France"),
        ("zone_eligibilite", ["toute la vallée"], "refusée"),
        ("courriel", "pas une adresse", "refusée"),
        ("couleur", "bleu", "champ inconnu"),
    ],
)
def test_a_wrong_value_is_lost_by_name_and_the_service_is_read(field, value, message, tmp_path):
    found = one(tmp_path, **{field: value})
    assert [f.id for f in found if isinstance(f, Offer)] == ["dora--42"]
    assert any(f == field and message in told for (f, _), told in lost(found).items())


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("nom", None, "obligatoire"),
        ("nom", "ab", "au moins 3"),
        ("description", "x" * 10_001, "au plus 10000"),
        ("date_maj", "hier", "une date"),
        ("structure_id", "dora--99", "structure absente"),
        ("id", "pas d’espace", "attendu"),
    ],
)
def test_what_an_offer_cannot_do_without_refuses_the_service_by_its_rank(
    field, value, message, tmp_path
):
    (refused,) = (f for f in one(tmp_path, **{field: value}) if isinstance(f, Rejection))
    assert (refused.line, refused.field) == (1, field)
    assert message in refused.message


def test_a_text_too_long_for_its_field_is_added_to_the_description(tmp_path):
    long = "Il faut " + "marcher " * 40
    found = one(tmp_path, conditions_acces=f"Être là\n{long}")
    (read_,) = (f for f in found if isinstance(f, Offer))
    assert read_.conditions[0] == "Être là"
    assert read_.description.endswith(f"comptes.\n\n{long.strip()}")
    assert "description" in next(m for (f, _), m in lost(found).items() if f == "conditions_acces")


def test_structures_are_in_the_file_beside_in_each_service_or_in_the_same(tmp_path):
    named = {**SERVICE, "structure": STRUCTURE}
    page = {"items": [named], "total": 1, "page": 1}
    (tmp_path / "structures-2026.json").write_text(json.dumps([STRUCTURE]), encoding="utf-8")
    for path, content in (
        ("services-2026.json", [SERVICE]),
        ("page.json", page),
        ("lines.jsonl", json.dumps(named)),
    ):
        found = read(tmp_path / path, content)
        assert [f.provider.name for f in found if isinstance(f, Offer)] == [STRUCTURE["nom"]]


@pytest.mark.parametrize("write", [json.dumps, "|".join, lambda v: "{" + ",".join(v) + "}"])
def test_a_csv_says_lists_in_its_cells(write, tmp_path):
    for name, record in (("services", SERVICE), ("structures", STRUCTURE)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            sheet = csv.writer(out)
            sheet.writerow(record)
            sheet.writerow(write(v) if isinstance(v, list) else v for v in record.values())
    found = list(importer("data-inclusion")(tmp_path / "services.csv", READING))
    (from_json,) = (f for f in one(tmp_path) if isinstance(f, Offer))
    assert [f for f in found if isinstance(f, Offer)] == [from_json]


def test_the_table_has_every_code_of_the_schema_and_only_codes_of_ours():
    theirs = {"thematiques": v1.Thematique, "types": v1.TypeService, "publics": v1.Public}
    ours = {"thematiques": FRAME.codes("need_types"), "types": FRAME.codes("kinds")}
    for name, codes in theirs.items():
        assert {c.code for c in table() if c.of == name} == {str(c.value) for c in codes}
    for row in table():
        assert (row.sense == "-") == (not row.ours) == bool(row.remark)
        assert row.of == "publics" or not row.ours or row.ours in ours[row.of]


def test_each_field_of_the_schema_is_held_or_says_why_it_is_not():
    assert set(v1.Service.model_fields) == {*HELD, *NO_PLACE} - {"structure"}


def test_a_region_is_said_by_its_departements_and_read_again_from_them():
    codes = Codes(READING)
    assert codes.zone({"REG-94"}) == ["2A", "2B"]
    assert codes.territories(["2A", "2B"]) == ({"REG-94"}, [])
    assert codes.territories(["2A"]) == ({"DEP-2A"}, [])
    assert codes.zone({"FR"}) == ["france"]


def test_what_is_written_is_valid_by_the_models_of_the_schema(tmp_path):
    path = tmp_path / "x.json"
    exporter("data-inclusion")([offer("a"), offer("b", title="Deux", url="https://été.fr")], path)
    found = json.loads(path.read_text(encoding="utf-8"))
    assert [v1.Service.model_validate(s).id for s in found["services"]] == [
        "aiguille--a",
        "aiguille--b",
    ]
    assert [v1.Structure.model_validate(s).nom for s in found["structures"]] == ["Porteur"]


def test_an_offer_whose_name_the_format_refuses_is_left_out_and_told(tmp_path):
    (told,) = exporter("data-inclusion")([offer("a", title="Ab")], tmp_path / "x.json")
    assert (told.field, told.count) == ("nom", 1)
    assert "au moins 3 caractères : offre non exportée" in told.message
