"""The contract every importer passes, and every exporter with its importer."""

import json
from datetime import date

import pytest

from data.exporters import exporter
from data.exporters.spreadsheet import write_template
from data.fields import FIELDS, Reading, Rejection
from data.importers import importer
from data.importers.spreadsheet import WrongHeaders
from data.records import OFFER_FIELDS
from matching.domain import Offer, Provider, Relay
from matching.errors import AiguilleError
from tests.builders import FRAME, gazetteer, offer

OURS = ("jsonl", "csv", "xlsx")
"""The formats whose rows are fields of ours; those of others are in test_exchange.py."""
READING = Reading(FRAME, gazetteer())
OURS = ("jsonl", "csv", "xlsx")
"""The formats that hold every field of an offer."""
FULL = offer(
    "full-1",
    title="=1+1 ; un titre | avec « tout »".replace(" | ", " "),
    summary="Une phrase.",
    description="Deux\nlignes.",
    provider=Provider("ville-de-lille", "Ville de Lille"),
    kind="pret",
    axis="both",
    temporalities=("amortir",),
    need_types=("tresorerie", "formation"),
    audiences=frozenset({"association", "tpe"}),
    employees_min=1,
    employees_max=9,
    volunteer_only_ok=False,
    naf_sections=frozenset({"R"}),
    age_months_min=6,
    age_months_max=60,
    population_max=3_499,
    conditions=("être en quartier prioritaire", "avoir un agrément"),
    territories=frozenset({"DEP-59", "REG-11"}),
    relay=Relay("Réseau local"),
    channel="mixte",
    cost="pret",
    nature="gestion",
    levers=("ressources-financieres",),
    echelon="national",
    odd=(8, 17),
    valid_from=date(2026, 1, 1),
    valid_to=date(2027, 12, 31),
    next_step="Écrivez.",
    url="https://exemple.fr/a?b=c",
    sources=("https://exemple.fr",),
    checked_on=date(2026, 11, 1),
    provenance="essai",
    licence="etalab-2.0",
    expressions=("on n’a plus un sou", "la caisse est vide"),
    generalist=True,
)


def read(name, path):
    return list(importer(name)(path, READING))


def test_every_field_of_an_offer_can_be_imported():
    assert tuple(FIELDS) == tuple(sorted(OFFER_FIELDS, key=list(FIELDS).index))
    assert set(FIELDS) == set(OFFER_FIELDS)


@pytest.mark.parametrize("name", OURS)
def test_what_is_written_is_read_back_exactly(name, tmp_path):
    path = tmp_path / f"offres.{name}"
    assert exporter(name)([FULL, offer("bare")], path) == ()
    assert read(name, path) == [FULL, offer("bare", provider=Provider("porteur", "Porteur"))]


def row(name, path, **cells):
    """A file of that format with one bad row between two good ones."""
    good = {"id": "ok-1", "title": "Bon", "provider": "Porteur"}
    rows = [good, {**good, "id": "bad", **cells}, {**good, "id": "ok-2"}]
    if name == "jsonl":
        path.write_text("\n".join(json.dumps(r) for r in rows))
    else:
        columns = list(dict.fromkeys(k for r in rows for k in r))
        table = [columns, *([r.get(c, "") for c in columns] for r in rows)]
        if name == "csv":
            path.write_text("\n".join(";".join(map(str, line)) for line in table))
        else:
            workbook(path, table)
    return path


def workbook(path, table):
    from xlsxwriter import Workbook

    with Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(table):
            sheet.write_row(number, 0, line)


BAD = [
    ("url", "javascript:alert(1)", "http"),
    ("kind", "cadeau", "codes possibles"),
    ("audiences", "association|martien", "martien"),
    ("employees_min", "-3", "entier positif"),
    ("valid_to", "31/02/2026", "date"),
    ("territories", "Zzyzx", "Lieu inconnu"),
    ("volunteer_only_ok", "peut-être", "oui"),
    ("id", "pas d’espace", "attendu"),
]


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize(("field", "value", "told"), BAD)
def test_a_bad_row_is_refused_with_its_line_and_field_and_the_others_go_on(
    name, field, value, told, tmp_path
):
    found = read(name, row(name, tmp_path / f"x.{name}", **{field: value}))
    refused = [r for r in found if isinstance(r, Rejection)]
    assert [o.id for o in found if isinstance(o, Offer)] == ["ok-1", "ok-2"]
    line = 2 if name == "jsonl" else 3
    assert [(r.line, r.field) for r in refused] == [(line, field)]
    assert told in refused[0].message


def test_bounds_that_cross_are_refused(tmp_path):
    path = row("jsonl", tmp_path / "x", employees_min=5, employees_max=2)
    assert "dépasse" in next(r for r in read("jsonl", path) if isinstance(r, Rejection)).message


@pytest.mark.parametrize("line", ["{oups", "[1]", '"x"', "\x00", '{"id": "\\ud800"}', "{" * 5000])
def test_a_broken_line_is_refused_and_the_next_is_read(line, tmp_path):
    path = tmp_path / "x.jsonl"
    good = json.dumps({"id": "ok", "title": "Bon", "provider": "P"})
    path.write_text(f"{line}\n{good}\n")
    found = read("jsonl", path)
    assert isinstance(found[0], Rejection)
    assert found[0].line == 1
    assert found[-1].id == "ok"


def test_controls_and_unknown_keys_are_refused(tmp_path):
    path = row("jsonl", tmp_path / "x", summary="a\x00b", couleur="bleu")
    refused = [r for r in read("jsonl", path) if isinstance(r, Rejection)]
    assert {r.field for r in refused} == {"summary", "couleur"}


def test_wrong_headers_list_what_is_missing_and_unknown(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("identifiant;couleur\na;bleu\n")
    with pytest.raises(WrongHeaders, match="titre, porteur.*couleur.*modèle"):
        read("csv", path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_as_people_save_it(encoding, delimiter, tmp_path):
    path = tmp_path / "x.csv"
    headers = delimiter.join(("Identifiant", "TITRE", "porteur", "Résumé"))
    path.write_bytes(f"{headers}\na{delimiter}Été{delimiter}P{delimiter}Ça\n".encode(encoding))
    (found,) = read("csv", path)
    assert (found.title, found.summary) == ("Été", "Ça")


def test_names_of_places_become_codes(tmp_path):
    path = row("jsonl", tmp_path / "x", territories=["Mende", "Bretagne"])
    assert read("jsonl", path)[1].territories == {"COM-48095", "REG-53"}


def test_the_template_can_be_filled_and_imported(tmp_path):
    path = tmp_path / "modele.xlsx"
    write_template(path)
    (example,) = read("xlsx", path)
    assert example.id == "mon-dispositif"


def test_a_file_that_is_no_workbook_says_so(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"ceci n'est pas un classeur")
    with pytest.raises(AiguilleError, match="pas un classeur lisible"):
        read("xlsx", path)


def test_an_unknown_format_lists_those_that_exist():
    with pytest.raises(AiguilleError, match="jsonl, csv, xlsx, ods"):
        importer("docx")
    with pytest.raises(AiguilleError, match="jsonl, csv, xlsx"):
        exporter("docx")
