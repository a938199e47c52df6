"""A service of another directory, read as an offer; and ours, valid for everybody else."""

from __future__ import annotations

import json
from datetime import date

import pytest

from data.exporters import exporter
from data.fields import Rejection
from data.importers import importer
from data.importers.hsds.facts import CODES, HELD
from data.importers.hsds.schema import faults, service_schema
from data.losses import Loss
from matching.domain import Offer, Provider
from tests.builders import FRAME, offer
from tests.strategies import READING

ID = "ac148810-d857-441c-9679-408f346de14b"
ORGANIZATION = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"
OTHER = "3f7b145d-84af-42d7-8fae-eaca714b02b2"
SERVICE = {
    "id": ID,
    "name": "Conseil aux associations",
    "alternate_name": None,
    "status": "active",
    "description": "Des conseils gratuits.",
    "url": "https://exemple.fr/conseil",
    "additional_urls": [{"id": OTHER, "label": "Vidéo", "url": "https://exemple.fr/video"}],
    "email": "bonjour@exemple.fr",
    "application_process": "Prenez rendez-vous.",
    "fees_description": "10 € la séance",
    "eligibility_description": "Être une association de la Lozère",
    "minimum_age": 16,
    "assured_date": "2026-01-31",
    "organization": {
        "id": ORGANIZATION,
        "name": "Maison",
        "description": "Une maison.",
        "uri": "x:1",
    },
    "phones": [{"id": OTHER, "number": "+33 1 23 45 67 89"}],
    "service_areas": [{"id": OTHER, "name": "Lozère"}, {"id": OTHER, "name": "La Vallée perdue"}],
    "service_at_locations": [
        {
            "id": OTHER,
            "location": {
                "id": OTHER,
                "location_type": "physical",
                "addresses": [
                    {
                        "id": OTHER,
                        "attention": "Camille Durand",
                        "address_1": "1 rue Haute",
                        "city": "Mende",
                        "state_province": "Lozère",
                        "postal_code": "48000",
                        "country": "FR",
                        "address_type": "physical",
                    }
                ],
            },
        }
    ],
    "attributes": [
        {
            "id": OTHER,
            "link_type": "type",
            "taxonomy_term": {
                "id": OTHER,
                "name": "Advice",
                "description": "Advice",
                "taxonomy": "openeligibility",
            },
        }
    ],
}


def read(tmp_path, **changed):
    service = {k: v for k, v in {**SERVICE, **changed}.items() if v != "absent"}
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"contents": [service]}), encoding="utf-8")
    return list(importer("hsds")(path, READING))


def test_a_service_is_an_offer_of_its_organization(tmp_path):
    (found,) = (f for f in read(tmp_path) if isinstance(f, Offer))
    assert found == Offer(
        ID,
        "Conseil aux associations",
        summary="Des conseils gratuits.",
        provider=Provider(ORGANIZATION, "Maison"),
        conditions=("Être une association de la Lozère", "avoir 16 ans ou plus"),
        territories=frozenset({"DEP-48"}),
        channel="presentiel",
        status="open",
        next_step="Prenez rendez-vous.",
        url="https://exemple.fr/conseil",
        sources=("https://exemple.fr/video",),
        checked_on=date(2026, 1, 31),
        provenance="HSDS",
    )


def test_every_value_that_has_no_place_is_told_by_its_path_and_nobody_is_named(tmp_path):
    told = {(f.field, f.value) for f in read(tmp_path) if isinstance(f, Loss)}
    assert told == {
        ("additional_urls[].label", "Vidéo"),
        ("email", "(coordonnées)"),
        ("fees_description", "10 € la séance"),
        ("organization.description", "Une maison."),
        ("organization.uri", "x:1"),
        ("phones[].number", "(coordonnées)"),
        ("service_areas[].name", "La Vallée perdue"),
        ("service_at_locations[].location.addresses[].attention", "(coordonnées)"),
        ("service_at_locations[].location.addresses[].address_1", "1 rue Haute"),
        ("service_at_locations[].location.addresses[].city", "Mende"),
        ("service_at_locations[].location.addresses[].state_province", "Lozère"),
        ("service_at_locations[].location.addresses[].postal_code", "48000"),
        ("service_at_locations[].location.addresses[].country", "FR"),
        ("service_at_locations[].location.addresses[].address_type", "physical"),
        ("attributes[].link_type", "type"),
        ("attributes[].taxonomy_term.name", "Advice"),
        ("attributes[].taxonomy_term.description", "Advice"),
        ("attributes[].taxonomy_term.taxonomy", "openeligibility"),
    }


@pytest.mark.parametrize(
    ("field", "value", "path", "message"),
    [
        ("name", "absent", "", "champ obligatoire absent : name"),
        ("status", "open", "status", "active, inactive, defunct"),
        ("description", ["x"], "description", "un texte"),
        ("organization", {"id": OTHER, "name": "M"}, "organization", "description"),
        ("organization", "absent", "provider", "obligatoire"),
        ("service_areas", [{"name": "Mende"}], "service_areas[0]", "id"),
        ("url", "javascript:alert(1)", "url", "http"),
    ],
)
def test_what_is_read_and_wrong_refuses_the_service(field, value, path, message, tmp_path):
    (refused,) = (f for f in read(tmp_path, **{field: value}) if isinstance(f, Rejection))
    assert (refused.line, refused.field) == (1, path)
    assert message in refused.message


def test_what_is_not_read_and_wrong_is_lost_and_the_service_is_read(tmp_path):
    found = read(tmp_path, phones="06 12 34 56 78", languages="français", capacities=[3])
    assert [f.id for f in found if isinstance(f, Offer)] == [ID]
    told = {f.field: f.value for f in found if isinstance(f, Loss)}
    assert told["languages"] == "français"
    assert told["capacities[]"] == "3"
    assert told["phones"] == "(coordonnées)"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("active", "open"), ("defunct", "closed"), ("temporarily closed", "closed")],
)
def test_a_service_that_is_over_is_closed(theirs, ours, tmp_path):
    (found,) = (f for f in read(tmp_path, status=theirs) if isinstance(f, Offer))
    assert found.status == ours


def test_an_identifier_that_is_no_uuid_is_read(tmp_path):
    (found,) = (f for f in read(tmp_path, id="service-12") if isinstance(f, Offer))
    assert found.id == "service-12"


@pytest.mark.parametrize("wrap", [lambda s: [s], lambda s: s, lambda s: {"services": [s]}])
def test_services_come_in_a_list_in_a_page_or_alone(wrap, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(wrap(SERVICE)), encoding="utf-8")
    assert [f.id for f in importer("hsds")(path, READING) if isinstance(f, Offer)] == [ID]


def test_what_we_write_is_valid_forms_included_and_its_terms_are_of_our_taxonomy(tmp_path):
    path = tmp_path / "x.json"
    full = offer("a", need_types=("tresorerie",), expressions=("la caisse est vide", "plus un sou"))
    assert exporter("hsds")([full], path) == ()
    (service,) = json.loads(path.read_text(encoding="utf-8"))["contents"]
    assert not list(faults(service, formats=True))
    named = [(a["link_type"], a["taxonomy_term"]["name"]) for a in service["attributes"][:2]]
    assert named == [("id", "identifiant"), ("need_types", "Trésorerie")]
    said = [a["value"] for a in service["attributes"] if a["link_type"] == "expressions"]
    assert said == ["la caisse est vide", "plus un sou"]


def test_an_address_with_accents_is_written_in_ascii_and_comes_back_as_it_was(tmp_path):
    path = tmp_path / "x.json"
    accents = offer("a", url="https://exemple.fr/aidés", sources=("https://exemple.fr/100%",))
    exporter("hsds")([accents], path)
    (service,) = json.loads(path.read_text(encoding="utf-8"))["contents"]
    assert service["url"] == "https://exemple.fr/aid%C3%A9s"
    assert "additional_urls" not in service
    assert list(importer("hsds")(path, READING)) == [accents]


def test_the_schema_holds_what_we_read_and_our_codes_are_in_the_frame():
    tables = service_schema()["$defs"]
    for path in HELD:
        table = tables["service"]
        for part in path.replace("[]", "").split("."):
            found = table["properties"][part]
            target = found.get("items", found).get("$ref", "").removeprefix("#/$defs/")
            table = tables.get(target)
    assert all(FRAME.codes(name) for name in CODES.values())
    assert (len(tables), tables["service"]["required"]) == (23, ["id", "name", "status"])
