"""`aiguille export` and `import` in the formats of others: what was lost is shown."""

from __future__ import annotations

import json
from functools import partial

import pytest
from rich.console import Console

from service import console
from tests.builders import offer, tiny_catalogue
from tests.databases import about_sqlite


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli")
    tiny_catalogue(
        made,
        offer("aide", title="Aide [/b] aux salaires", axis="urgence", need_types=("tresorerie",)),
        offer("finie", status="closed"),
    )
    return made


@pytest.fixture
def run(folder, monkeypatch, aiguille):
    monkeypatch.setattr(console, "console", Console(width=200))
    return partial(aiguille, at=folder)


def test_an_export_says_each_field_that_was_lost(run, tmp_path):
    file = tmp_path / "offres.json"
    code, out, _ = run("export", file, "--format", "data-inclusion")
    assert code == 0
    assert "Champs sans place" in out
    assert "axis" in out
    assert [s["id"] for s in json.loads(file.read_text())["services"]] == ["aiguille--aide"]


def test_an_export_in_json_is_for_a_program(run, tmp_path):
    words = ("export", tmp_path / "x.json", "--format", "data-inclusion", "--json")
    told = json.loads(run(*words)[1])
    assert told["offers"] == 2
    lost = {one["field"]: one for one in told["losses"]}
    assert (lost["axis"]["count"], lost["axis"]["example"]) == (1, "urgence")
    assert lost["status"]["record"] == "finie"


def test_a_format_that_holds_all_says_no_loss_and_its_extension_names_it(run, tmp_path):
    code, out, _ = run("export", tmp_path / "x.jsonl")
    assert (code, "Champs sans place" in out) == (0, False)
    assert "2 offres" in out


def test_what_is_lost_of_an_import_is_shown_as_it_is(run, tmp_path):
    service = {"id": "a1", "name": "Un", "status": "active", "alert": "[/b] fermé"}
    service["organization"] = {"id": "o", "name": "O", "description": "O"}
    file = tmp_path / "x.json"
    file.write_text(json.dumps(service))
    code, out, _ = run("import", file, "--format", "hsds", "--dry-run")
    assert code == 0
    assert "[/b] fermé" in out


def test_a_wrong_format_lists_those_that_exist(run, tmp_path):
    code, _, err = run("export", tmp_path / "x.docx")
    assert code == 2
    assert "jsonl, csv, xlsx, data-inclusion, hsds" in err


@about_sqlite("a file that is not there")
def test_without_a_database_an_export_says_to_make_one(run, tmp_path):
    code, _, err = run("export", tmp_path / "x.jsonl", at=tmp_path)
    assert (code, "aiguille init" in err) == (3, True)
