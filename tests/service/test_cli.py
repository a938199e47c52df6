"""The command as a person or a program runs it: output, JSON and exit codes."""

from __future__ import annotations

import json
from functools import partial

import pytest
from sqlalchemy import make_url

from tests.builders import small_catalogue
from tests.databases import about_sqlite
from tests.faults.processes import aiguille as in_a_process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli")
    small_catalogue(made)
    return made


@pytest.fixture
def run(folder, aiguille):
    return partial(aiguille, at=folder)


NEED = "Plus personne ne veut reprendre le bureau de notre club"


TELL_THREADS = """
import atexit, sys
def tell():
    from threadpoolctl import threadpool_info
    print(*(lib["num_threads"] for lib in threadpool_info()), file=sys.stderr)
atexit.register(tell)
"""


def test_numpy_takes_one_thread(tmp_path, monkeypatch):
    """Two would fight for the cores that two requests have already."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    made = in_a_process("offers", at=tmp_path, before=TELL_THREADS)
    assert set(made.stderr.splitlines()[-1].split()) == {"1"}


def test_a_match_reads_well_in_the_terminal(run):
    code, out, _ = run(
        "match", "--commune", "Mende", "--profile", "association", "--employees", 0, NEED
    )
    assert code == 0
    assert "Compris : gouvernance" in out
    assert "Première" in out


def test_a_match_in_json_is_the_api_answer(run):
    code, out, _ = run(
        "match", "--commune", "48095", "--limit", 2, "--today", "2026-11-23", "--json", NEED
    )
    found = json.loads(out)
    assert code == 0
    assert len(found["matches"]) == 2
    assert found["understood"]["place"]["code"] == "COM-48095"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("match", "--commune", "Zzyzx", NEED), "Lieu inconnu"),
        (("match", ""), "Écrivez votre besoin"),
        (("match", "--today", "hier", NEED), "2026-03-31"),
        (("match", "--profile", "martien", NEED), "association"),
        (("match", "--employees", "-2", NEED), "Au moins 0"),
        (("evaluate", "."), "queries.jsonl"),
    ],
)
def test_wrong_input_is_one_french_line_and_exit_code_two(run, words, told):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


@about_sqlite("a file that is not there")
def test_without_a_database_the_command_says_to_make_one(run, tmp_path):
    code, _, err = run("match", NEED, at=tmp_path)
    assert code == 3
    assert "aiguille init" in err


@pytest.mark.parametrize(
    "words",
    [("match", NEED), ("export", "x.jsonl"), ("user", "list"), ("jobs", "run"), ("serve",)],
    ids=" ".join,
)
def test_a_server_whose_database_has_no_table_yet_is_told_to_make_them(
    aiguille, bare_postgresql, tmp_path, words
):
    code, out, err = aiguille(*words, at=tmp_path, database_url=bare_postgresql)
    assert (code, out) == (3, "")
    assert err.splitlines()[-1].startswith("Erreur : Il manque des tables")
    assert "« aiguille init »" in err


def test_a_server_that_is_away_is_named(aiguille, tmp_path):
    pytest.importorskip("psycopg")
    away = "postgresql+psycopg://postgres:mot-de-passe@127.0.0.1:9/postgres"
    code, out, err = aiguille("match", NEED, at=tmp_path, database_url=away)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "La base ne répond pas" in err
    assert "127.0.0.1" in err
    assert "mot-de-passe" not in err


def test_making_a_database_shows_no_password(aiguille, bare_postgresql, tmp_path):
    secret = make_url(bare_postgresql).set(password="mot-de-passe")
    url = secret.render_as_string(hide_password=False)
    code, out, err = aiguille("init", at=tmp_path, database_url=url)
    assert (code, "Prêt. Base : postgresql+psycopg://" in out) == (0, True)
    assert "mot-de-passe" not in out + err


def test_init_twice_changes_nothing(run, tmp_path):
    assert json.loads(run("init", "--json", at=tmp_path)[1])["created"] == 323
    again = json.loads(run("init", "--json", at=tmp_path)[1])
    assert (again["unchanged"], again["created"], again["updated"]) == (323, 0, 0)


def test_an_import_reports_and_is_searched_at_once(run, tmp_path):
    run("init", "--json", at=tmp_path)
    file = tmp_path / "mien.csv"
    file.write_text(
        "identifiant;titre;porteur;publics;territoires;statut;résumé\n"
        "yourte;Atelier de yourtes;Le Pli;association;Mende;open;On coud des yourtes en feutre\n"
        "raté;Raté;Le Pli;martien;Mende;open;x\n"
    )
    code, out, _ = run("import", file, "--json", at=tmp_path)
    report = json.loads(out)
    assert code == 1
    assert (report["created"], report["rejected"]) == (1, 1)
    assert report["rejections"][0]["line"] == 3
    _, out, _ = run(
        "match", "--commune", "Mende", "--json", "coudre des yourtes en feutre", at=tmp_path
    )
    assert json.loads(out)["matches"][0]["offer"]["id"] == "yourte"


def test_a_dry_run_writes_nothing(run, tmp_path):
    run("init", "--json", at=tmp_path)
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps({"id": "x", "title": "X", "provider": "P"}))
    assert json.loads(run("import", file, "--dry-run", "--json", at=tmp_path)[1])["created"] == 1
    assert json.loads(run("import", file, "--dry-run", "--json", at=tmp_path)[1])["created"] == 1


def test_the_template_is_written(run, tmp_path):
    assert run("template", tmp_path / "modele.xlsx")[0] == 0
    assert (tmp_path / "modele.xlsx").stat().st_size > 1000


def test_offers_can_be_browsed(run):
    _, out, _ = run("offers", "microcrédit", "--json")
    assert "adie" in {o["id"] for o in json.loads(out)}
    assert "Titre" in run("offers", "adie")[1]
