"""Spreadsheets say an offer whole or say why not, and no cell is lost without a word."""

from dataclasses import replace
from zipfile import ZipFile

import pytest

from data.exporters import exporter
from data.exporters.spreadsheet import DoesNotFit, write_template
from data.fields import Reading, Rejection
from data.importers import importer
from matching.domain import Offer, Provider, Relay
from matching.errors import AiguilleError
from tests.builders import FRAME, gazetteer, offer
from tests.hostile import write_ods

READING = Reading(FRAME, gazetteer())
LINKED = offer(
    "linked",
    description="Une ligne\u2028et sa suite",
    provider=Provider("p-1", "La Maison"),
    relay=Relay("Réseau", "autre", "https://exemple.fr"),
)


def read(name, path):
    return list(importer(name)(path, READING))


def read_text(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read("csv", path)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
@pytest.mark.parametrize("relay", [LINKED.relay, Relay("Réseau", None, "https://exemple.fr"), None])
def test_who_delivers_and_who_relays_come_back_whole(name, relay, tmp_path):
    path = tmp_path / f"x.{name}"
    said = replace(LINKED, relay=relay)
    exporter(name)([said], path)
    assert read(name, path) == [said]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_a_separator_inside_a_value_is_told_rather_than_split(name, tmp_path):
    with pytest.raises(DoesNotFit, match="« linked ».*« expressions ».*jsonl"):
        exporter(name)([replace(LINKED, expressions=("a|b",))], tmp_path / "x")


def test_a_text_too_long_for_a_cell_is_told_rather_than_cut(tmp_path):
    long = tuple("x" * 900 for _ in range(40))
    assert sum(map(len, long)) + 39 > 32_767
    with pytest.raises(DoesNotFit, match="32767"):
        exporter("xlsx")([replace(LINKED, expressions=long)], tmp_path / "x.xlsx")
    exporter("csv")([replace(LINKED, expressions=long * 5)], tmp_path / "x.csv")
    assert read("csv", tmp_path / "x.csv")[0].expressions == long * 5


def test_what_looks_like_a_formula_is_a_text_in_a_workbook(tmp_path):
    path = tmp_path / "x.xlsx"
    exporter("xlsx")([replace(LINKED, title="=1+1")], path)
    with ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
    assert read("xlsx", path)[0].title == "=1+1"


@pytest.mark.parametrize("headers", ["identifiant;titre;porteur", "identifiant;titre;porteur;"])
def test_a_cell_under_no_header_is_refused_rather_than_lost(headers, tmp_path):
    refused, kept = read_text(tmp_path, f"{headers}\na;T;P;perdu\nb;T;P\n")
    assert (refused.line, refused.value) == (2, "perdu")
    assert kept.id == "b"


def test_a_row_twice_is_refused_with_the_lines_that_the_sheet_shows(tmp_path):
    found = read_text(tmp_path, "identifiant;titre;porteur\n\na;T;P\nb;T;P\na;T;P\n")
    (refused,) = (r for r in found if isinstance(r, Rejection))
    assert refused.line == 5
    assert "ligne 3" in refused.message


def test_a_file_in_no_encoding_we_know_says_how_to_save_it(tmp_path):
    with pytest.raises(AiguilleError, match="UTF-8"):
        read_text(tmp_path, b"identifiant;titre;porteur\na;\x81;P\n")


@pytest.mark.parametrize("name", ["xlsx", "csv"])
def test_the_template_of_each_format_can_be_imported(name, tmp_path):
    path = tmp_path / f"modele.{name}"
    write_template(path)
    (example,) = read(name, path)
    assert isinstance(example, Offer)


def test_a_template_of_another_format_names_those_that_exist(tmp_path):
    with pytest.raises(AiguilleError, match=r"\.xlsx ou en \.csv"):
        write_template(tmp_path / "modele.ods")


def test_an_ods_workbook_is_read_and_its_bad_rows_refused(tmp_path):
    path = tmp_path / "x.ods"
    rows = (
        ("identifiant", "titre", "porteur", "genre"),
        ("a", "T", "P", "cadeau"),
        ("b", "T", "P"),
    )
    write_ods(path, rows)
    refused, kept = read("ods", path)
    assert (refused.line, refused.field) == (2, "kind")
    assert kept.id == "b"
