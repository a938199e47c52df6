"""Pages of the API of Aides-territoires: each aid an offer, in the words of 1.6 or of after."""

from __future__ import annotations

import json
from datetime import date

import pytest

from data.fields import Reading, Rejection
from data.importers import importer
from data.losses import Loss
from data.perimeters import codes_of
from matching.domain import Offer, Provider
from matching.errors import AiguilleError
from tests.builders import FRAME, gazetteer

READING = Reading(FRAME, gazetteer())
AID = {
    "id": 4242,
    "slug": "4f2a-rafraichir-les-cours",
    "url": "/aides/4f2a-rafraichir-les-cours/",
    "name": "Rafraîchir les cours d’école",
    "name_initial": "Plan cours vertes",
    "short_title": None,
    "financers": ["Département de la Lozère", "Agence de l’eau"],
    "instructors": ["Caue 48"],
    "programs": ["Fonds vert"],
    "description": "<p>Plante des arbres &amp; de l’herbe.</p><script>alert(1)</script><p>Fin.</p>",
    "eligibility": "<ul><li>Avoir une cour</li></ul>",
    "perimeter": "Lozère (Département)",
    "mobilization_steps": ["Réflexion / conception"],
    "origin_url": "https://lozere.exemple.fr/cours",
    "categories": [
        "Nature / environnement|Biodiversité",
        "Fonctions support|Animation et mise en réseau",
    ],
    "is_call_for_project": True,
    "application_url": "https://lozere.exemple.fr/demande",
    "targeted_audiences": ["Communes", "Associations"],
    "aid_types": ["Subvention"],
    "is_charged": False,
    "destinations": ["Dépenses d’investissement"],
    "start_date": "2026-01-15",
    "predeposit_date": None,
    "submission_deadline": "2026-12-31",
    "subvention_rate_lower_bound": 20,
    "subvention_rate_upper_bound": 80,
    "loan_amount": None,
    "recoverable_advance_amount": None,
    "contact": "<p>Jeanne Martin, 06 00 00 00 00</p>",
    "recurrence": "Ponctuelle",
    "project_examples": "",
    "import_data_url": None,
    "import_data_mention": None,
    "import_share_licence": None,
    "date_created": "2025-11-02T10:00:00+01:00",
    "date_updated": "2026-02-03T10:00:00+01:00",
}


def read(path):
    return list(importer("aides-territoires")(path, READING))


def page(*aids, **more):
    return json.dumps({"count": len(aids), "next": None, "results": list(aids), **more})


def one(tmp_path, **keys):
    """(The offer of an aid, why each key is lost)."""
    (tmp_path / "x").write_text(page({**AID, **keys}), encoding="utf-8")
    found = read(tmp_path / "x")
    return found[0], {loss.field: loss.message for loss in found if isinstance(loss, Loss)}


def test_an_aid_of_1_6_is_read_whole(tmp_path):
    aid, lost = one(tmp_path)
    assert aid == Offer(
        "aides-territoires-4242",
        "Rafraîchir les cours d’école",
        summary="Plante des arbres & de l’herbe.",
        description="Plante des arbres & de l’herbe.\n\nFin.\n\n"
        "Nom d’origine : Plan cours vertes\n\n"
        "Taux de subvention : de 20 % à 80 %\n\n"
        "Financeurs : Département de la Lozère, Agence de l’eau\n\n"
        "Qui instruit : Caue 48\n\nProgrammes : Fonds vert\n\n"
        "Critères d’éligibilité\n• Avoir une cour",
        provider=Provider("departement-de-la-lozere", "Département de la Lozère"),
        kind="subvention",
        need_types=("subvention-financement", "transition-ecologique", "reseau"),
        audiences=frozenset({"collectivite", "association"}),
        conditions=("remplir les critères d’éligibilité de l’aide",),
        territories=frozenset({"DEP-48"}),
        cost="subvention",
        status="open",
        valid_from=date(2026, 1, 15),
        valid_to=date(2026, 12, 31),
        next_step="Faites votre demande en ligne : https://lozere.exemple.fr/demande",
        url="https://lozere.exemple.fr/cours",
        sources=("https://aides-territoires.beta.gouv.fr/aides/4f2a-rafraichir-les-cours/",),
        checked_on=date(2026, 2, 3),
        provenance="Aides-territoires",
        licence="etalab-2.0",
    )
    assert set(lost) == {
        "contact", "mobilization_steps", "is_call_for_project", "destinations", "recurrence",
        "financers", "instructors", "programs", "name_initial",
        "subvention_rate_lower_bound", "subvention_rate_upper_bound",
    }  # fmt: skip


def test_the_words_of_after_1_6_say_the_same(tmp_path):
    after = {
        "perimeter": "Lozère",
        "perimeter_scale": "Département",
        "targeted_audiences": ["Commune", "Association"],
        "categories": [
            "Nature / environnement / Biodiversité",
            "Fonctions support / Animation et mise en réseau",
        ],
        "financers_full": [{"id": 1, "name": "Département de la Lozère", "logo": None}],
        "aid_types_full": [{"id": 8, "name": "Subvention", "group": None}],
        "is_live": True,
    }
    assert one(tmp_path, **after)[0] == one(tmp_path)[0]
    assert one(tmp_path, is_live=False)[0].status == "closed"


def test_who_to_call_is_never_kept_nor_shown_as_an_example(tmp_path):
    (tmp_path / "x").write_text(page(AID), encoding="utf-8")
    found = read(tmp_path / "x")
    assert "Martin" not in repr(found)
    assert any(isinstance(f, Loss) and f.field == "contact" for f in found)


@pytest.mark.parametrize(
    ("perimeter", "scale", "codes"),
    [
        ("France", "Pays", {"FR"}),
        ("Europe", "Continent", {"FR"}),
        ("Mende (Commune – 48000)", "", {"COM-48095"}),
        ("Saint-Benoît (Commune – 97437, 97470)", "", {"COM-97410"}),
        ("Mende", "commune", {"COM-48095"}),
        ("La Réunion", "Région", {"REG-04"}),
        ("La Réunion", "Département", {"DEP-974"}),
        ("Corse-du-Sud (Département)", "", {"DEP-2A"}),
        ("Ajaccio", "Commune", {"COM-2A004"}),
        ("Corse (Région)", "", {"REG-94"}),
        ("Métropole de Lyon", "epci", {"EPCI-200046977"}),
    ],
)
def test_a_perimeter_is_the_territory_of_its_scale_and_name(perimeter, scale, codes):
    assert set(codes_of(perimeter, scale, READING.gazetteer)) == codes


def test_the_mainland_and_overseas_are_the_regions_they_are_made_of():
    mainland = codes_of("France métropolitaine", "Métropole", READING.gazetteer)
    overseas = codes_of("Outre-mer", "Outre-mer", READING.gazetteer)
    parts = set(READING.gazetteer.codes("region"))
    assert set(mainland) | {c for c in overseas if c.startswith("REG-")} == parts
    assert not set(mainland) & set(overseas)
    assert all(code in READING.gazetteer for code in (*mainland, *overseas))


@pytest.mark.parametrize(
    ("perimeter", "scale"),
    [
        ("PAYS DES CHÂTEAUX", "Ad-hoc"),
        ("Rhône-Méditerranée (Bassin hydrographique)", ""),
        ("Saint-Benoît", "Commune"),
        ("Mende (Commune – 59000)", ""),
    ],
)
def test_a_perimeter_that_no_one_territory_has_is_widened_and_must_be_checked(
    perimeter, scale, tmp_path
):
    aid, lost = one(tmp_path, perimeter=perimeter, perimeter_scale=scale)
    assert aid.territories == {"FR"}
    assert aid.conditions[0] == f"être sur le territoire : {perimeter}"
    assert "élargi à la France" in lost["perimeter"]


@pytest.mark.parametrize(
    ("names", "audiences", "told"),
    [
        (["Entreprise privée"], {"cooperative", "entreprise-ess", "tpe", "pme", "independant"}, 0),
        (["Particulier"], {"porteur-de-projet"}, 0),
        (["Association", "Recherche"], {"association"}, 1),
        (["Établissement public (école…) / Service de l’État", "Commune"], {"collectivite"}, 1),
        ([], set(), 0),
    ],
)
def test_audiences_become_profiles_and_the_others_are_told(names, audiences, told, tmp_path):
    aid, lost = one(tmp_path, targeted_audiences=names)
    assert aid.audiences == audiences
    assert ("targeted_audiences" in lost) == bool(told)


def test_an_aid_for_farmers_alone_is_kept_to_agriculture(tmp_path):
    aid, _ = one(tmp_path, targeted_audiences=["Agriculteur"])
    assert (aid.audiences, aid.naf_sections) == ({"tpe", "independant"}, {"A"})
    aid, lost = one(tmp_path, targeted_audiences=["Agriculteurs", "Association"])
    assert (aid.audiences, aid.naf_sections) == ({"association"}, frozenset())
    assert "targeted_audiences" in lost


def test_an_aid_for_nobody_that_the_frame_knows_is_refused(tmp_path):
    (tmp_path / "x").write_text(page({**AID, "targeted_audiences": ["Recherche"]}, AID))
    refused, kept = (f for f in read(tmp_path / "x") if not isinstance(f, Loss))
    assert (refused.line, refused.field) == (1, "targeted_audiences")
    assert kept.id == "aides-territoires-4242"


def test_an_aid_for_regions_alone_says_so(tmp_path):
    aid, _ = one(tmp_path, targeted_audiences=["Région", "Département"])
    assert aid.conditions[0] == "être l’un de ceux-ci : Région, Département"


@pytest.mark.parametrize(
    ("types", "charged", "kind", "cost"),
    [
        (["Prêt"], False, "pret", "pret"),
        (["Avance récupérable"], None, "pret", "pret"),
        (["Ingénierie technique", "Ingénierie financière"], False, "accompagnement", "gratuit"),
        (["Ingénierie technique"], True, "accompagnement", "payant"),
        (["Subvention", "Ingénierie technique"], False, "programme", "subvention"),
        (["Autre aide financière"], False, None, None),
        (["Troc"], False, None, None),
    ],
)
def test_types_become_a_kind_and_a_cost(types, charged, kind, cost, tmp_path):
    aid, lost = one(tmp_path, aid_types=types, is_charged=charged)
    assert (aid.kind, aid.cost) == (kind, cost)
    assert ("aid_types" in lost) == (kind in {None, "programme"})


def test_aids_kept_one_a_line_are_read_as_those_of_a_page(tmp_path):
    lines = tmp_path / "x.jsonl"
    lines.write_text(f"{json.dumps(AID)}\n{json.dumps({**AID, 'id': 2})}\n", encoding="utf-8")
    found = [o for o in read(lines) if isinstance(o, Offer)]
    assert [o.id for o in found] == ["aides-territoires-4242", "aides-territoires-2"]
    assert found[0] == one(tmp_path)[0]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("id", None, "obligatoire"),
        ("name", "", "obligatoire"),
        ("financers", [], "porteur"),
        ("submission_deadline", "31 février", "date"),
        ("name", "x" * 200_000, "caractères"),
    ],
)
def test_a_bad_aid_is_refused_under_its_key_and_the_next_is_read(key, value, told, tmp_path):
    bad = {**AID, "instructors": [], key: value}
    (tmp_path / "x").write_text(page(bad, 3, {**AID, "id": 7}), encoding="utf-8")
    found = read(tmp_path / "x")
    first, second = (r for r in found if isinstance(r, Rejection))
    assert (first.line, first.field, second.line) == (1, key, 2)
    assert told in first.message
    assert [o.id for o in found if isinstance(o, Offer)] == ["aides-territoires-7"]


def test_what_is_too_long_for_the_description_is_told_and_the_aid_is_read(tmp_path):
    aid, lost = one(tmp_path, eligibility="<p>" + "mot " * 10_000)
    assert "mot mot" not in aid.description
    assert "lisez la page" in lost["eligibility"]


@pytest.mark.parametrize("text", ['{"detail": "non"}', '{"results": 3}', '[{"nom": "x"}]'])
def test_what_is_no_page_is_refused_whole(text, tmp_path):
    (tmp_path / "x").write_text(text, encoding="utf-8")
    with pytest.raises(AiguilleError, match="n’est pas une page"):
        read(tmp_path / "x")


@pytest.mark.parametrize("text", ["<html>", "", "{", '{"results": [{"id": 1, "na'])
def test_what_is_no_json_gives_no_offer(text, tmp_path):
    (tmp_path / "x").write_text(text, encoding="utf-8")
    assert not [f for f in read(tmp_path / "x") if not isinstance(f, Rejection)]
