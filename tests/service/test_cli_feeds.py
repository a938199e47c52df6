"""`aiguille feed`: add, list, run, accept, remove, against a real server on loopback."""

from __future__ import annotations

import json
import sys

import pytest

from data.records import to_record
from service import cli
from tests.builders import offer
from tests.service.feed_server import serving
from tests.service.sent_needs import opened


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    opened(tmp_path).dispose()

    def aiguille(*words):
        monkeypatch.setenv("AIGUILLE_FOLDER", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr(sys, "argv", ["aiguille", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        return code, said.out, said.err

    return aiguille


def lines(*ids):
    return "\n".join(json.dumps(to_record(offer(i, title=f"Aide {i} [/b]"))) for i in ids)


def test_a_feed_is_added_read_held_accepted_and_removed(run):
    with serving() as server:
        url = server.at("/f", lines("a", "b", "c"))
        added = ("feed", "add", url, "--format", "jsonl", "--name", "ademe", "--every", "12h")
        assert run(*added, "--reseau-local") == (
            0,
            "Flux 1 suivi. Pour le lire tout de suite\u00a0: aiguille feed run 1\n",
            "",
        )
        code, out, _ = run("feed", "run", 1)
        assert (code, "3 créées" in out) == (0, True)
        server.at("/f", lines("a"))
        code, out, _ = run("feed", "run")
        assert code == 1
        assert "mis de côté" in out
        (kept,) = json.loads(run("feed", "list", "--json")[1])
        assert kept["held"] == {"absent": 2, "of": 3}
        assert "À confirmer : 2 offres sur 3" in run("feed", "list")[1]
        code, out, _ = run("feed", "run", 1, "--accepter")
        assert (code, "2 retirées" in out) == (0, True)
        assert "Rien n’était mis de côté" in run("feed", "run", 1, "--accepter")[1]
        server.at("/f", "", status=503)
        code, out, _ = run("feed", "run", 1)
        assert (code, "en panne (503)" in out) == (1, True)
        assert "Pas lu le" in run("feed", "list")[1]
    assert "offres retirées\u00a0: 1" in run("feed", "remove", 1, "--et-ses-offres")[1]
    assert "Aucun flux" in run("feed", "list")[1]


def test_what_is_wrong_is_said_on_the_error_line(run):
    wrong = ("feed", "add", "https://exemple.fr", "--name", "x")
    code, _, err = run(*wrong, "--format", "docx")
    assert (code, "Formats possibles" in err) == (2, True)
    code, _, err = run(*wrong, "--format", "csv", "--every", "souvent")
    assert (code, "30m, 12h ou 1d" in err) == (2, True)
    code, _, err = run("feed", "run", 7)
    assert (code, "Aucun flux n° 7" in err) == (2, True)
    code, _, err = run("feed", "run", "--accepter")
    assert (code, "numéro d’un flux" in err) == (2, True)
