"""The open data: a dump a night, published with its sums and its changes, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from data.engine import read
from data.importers import importer
from data.outbox import undone
from data.store import load_offers
from service import cli
from service.app import create_app
from service.usecases.dumping import dump
from service.usecases.jobs import Jobs
from tests.builders import offer, settings, tiny_catalogue
from tests.service.sent_needs import Clock

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
CASH = offer("cash", title="Avance", need_types=("tresorerie",))
OLD = offer("old", title="Ancienne")
DAY = "/donnees/2026-11-24"


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of an application, with a dump of yesterday and one of today: read alone."""
    return World(tmp_path_factory.mktemp("open-data")).dumped()


class World:
    """An application over two offers, and its jobs."""

    def __init__(self, folder):
        self.settings = settings(folder, mail="console", keep_dumps=3)
        self.catalogue = tiny_catalogue(folder, CASH, OLD)
        self.dumps = self.settings.dumps_folder
        self.app = create_app(self.settings, self.catalogue)
        self.client = TestClient(self.app)
        self.jobs = Jobs.of(self.settings, self.catalogue.engine)

    def dumped(self):
        dump([CASH, OLD], self.dumps, date(2026, 11, 23))
        dump([replace(CASH, title="Avance sur subvention")], self.dumps, date(2026, 11, 24))
        return self

    def days(self):
        return sorted(d.name for d in self.dumps.iterdir())


def test_each_day_has_its_dump_made_once_and_the_last_ones_are_kept(world):
    assert "Le premier export" in world.client.get("/donnees").text
    clock, made = Clock(MONDAY), []
    while clock.now < MONDAY + timedelta(days=5):
        made.append(world.jobs.once(clock).get("dumped", 0))
        clock.forward(hours=6)
    assert sum(made) == 6  # at ten on a Monday, then as each of five days begins in France
    assert world.days() == ["2026-11-26", "2026-11-27", "2026-11-28"]
    with read(world.catalogue.engine) as connection:
        assert undone(connection) == []
        stored = load_offers(connection)
    whole = world.dumps / "2026-11-28" / "offres.jsonl"
    assert list(importer("jsonl")(whole, world.catalogue.reading)) == stored


def test_two_that_do_the_jobs_make_one_dump(world):
    clock = Clock(MONDAY)
    both = [world.jobs, Jobs.of(world.settings, world.catalogue.engine)]
    assert sum(jobs.once(clock).get("dumped", 0) for jobs in both) == 1


def test_a_dump_that_cannot_be_written_is_tried_again_in_sight(world):
    world.dumps.write_text("un fichier à la place du dossier")
    clock = Clock(MONDAY)
    assert world.jobs.once(clock)["unfinished"] == 1
    with read(world.catalogue.engine) as connection:
        assert [(r.kind, r.error) for r in undone(connection)] == [("dump", "FileExistsError")]
    world.dumps.unlink()
    clock.forward(minutes=1)
    assert world.jobs.once(clock)["dumped"] == 1


def test_the_command_makes_the_dump_that_is_published_at_once(world, monkeypatch, capsys):
    monkeypatch.setenv("AIGUILLE_FOLDER", str(world.settings.folder))
    monkeypatch.setattr("sys.argv", ["aiguille", "dump"])
    with pytest.raises(SystemExit):
        cli.main()
    (day,) = world.days()
    assert f"2 offres dans {world.dumps / day}" in capsys.readouterr().out
    assert f"/donnees/{day}/offres.csv" in world.client.get("/donnees").text


def test_an_offer_that_no_spreadsheet_holds_leaves_the_rest_of_the_dump(world):
    odd = replace(CASH, id="odd", expressions=("l’un | l’autre",))
    _, changes = dump([CASH, odd], world.dumps, date(2026, 11, 24))
    assert list(changes.missing) == ["offres.csv"]
    page = world.client.get("/donnees").text
    assert "Sans offres.csv" in page
    assert "« odd »" in page
    assert f"{DAY}/offres.jsonl" in page
    assert f"{DAY}/offres.csv" not in page
    assert world.client.get(f"{DAY}/offres.csv").status_code == 404


def test_the_page_tells_the_files_their_sums_and_what_changed(site):
    page = site.client.get("/donnees").text
    assert "Export du 24 novembre 2026" in page.replace("\u00a0", " ")
    for name in ("offres.jsonl", "offres.csv", "changements.json", "SHA256SUMS"):
        assert f'href="{DAY}/{name}"' in page
    for line in (site.dumps / "2026-11-24" / "SHA256SUMS").read_text().splitlines():
        assert line.split("  ")[0] in page
    assert "Modifiées\u00a0: 1" in page
    assert '<a href="/offres/cash">Avance</a> <span class="meta">(<code>title</code>)' in page
    assert "Retirées\u00a0: 1" in page
    assert 'href="/donnees/2026-11-23/offres.csv"' in page
    assert "Licence Ouverte 2.0</a>" in page


def test_the_page_is_read_in_english(site):
    page = site.client.get("/donnees?lang=en").text
    for said in ("Open data", "Export of 24\u00a0November\u00a02026", "Changed: 1", "kB"):
        assert said in page


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("offres.jsonl", "application/x-ndjson"),
        ("offres.csv", "text/csv; charset=utf-8"),
        ("changements.json", "application/json"),
        ("SHA256SUMS", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_given_as_it_was_written_and_once(site, name, kind):
    client = site.client
    found = client.get(f"{DAY}/{name}")
    written = (site.dumps / "2026-11-24" / name).read_bytes()
    assert (found.status_code, found.content) == (200, written)
    assert found.headers["content-type"] == kind
    assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert found.headers["access-control-allow-origin"] == "*"
    asked = {
        "If-None-Match": found.headers["etag"],
        "If-Modified-Since": found.headers["last-modified"],
    }
    for header, value in asked.items():
        again = client.get(f"{DAY}/{name}", headers={header: value})
        assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"{DAY}/{name}", headers={"If-None-Match": '"autre"'}).status_code == 200
    head = client.head(f"{DAY}/{name}")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == found.headers["etag"]


def test_the_sums_that_are_published_hold(site):
    client = site.client
    for line in client.get(f"{DAY}/SHA256SUMS").text.splitlines():
        digest, name = line.split("  ")
        assert sha256(client.get(f"{DAY}/{name}").content).hexdigest() == digest
    told = client.get(f"{DAY}/changements.json").json()
    assert told == json.loads((site.dumps / "2026-11-24" / "changements.json").read_text())
    assert (told["since"], told["removed"], told["changed"]) == (
        "2026-11-23",
        ["old"],
        {"cash": ["title"]},
    )


ELSEWHERE = (
    "2026-11-25/offres.csv",
    "2026-11-24/secret.txt",
    "2026-11-24/..%2F..%2Faiguille.db",
    "2026-11-24/%2E%2E%2Faiguille.db",
    "..%2F2026-11-24/offres.csv",
    "%2E%2E/aiguille.db",
    "../aiguille.db",
    ".2026-11-25.part/offres.csv",
    "20261124/offres.csv",
    "2026-W48-2/offres.csv",
    "2026-11-24/offres.csv%00",
    "2026-11-24/OFFRES.CSV",
    "2026-11-24/%2Fetc%2Fpasswd",
    "2026-11-24/" + "a" * 5_000,
)


def test_nothing_but_the_files_of_a_dump_is_given(site):
    (site.dumps / "2026-11-24" / "secret.txt").write_text("secret")
    half = site.dumps / ".2026-11-25.part"
    half.mkdir()
    (half / "offres.csv").write_text("à moitié")
    assert {path: site.client.get(f"/donnees/{path}").status_code for path in ELSEWHERE} == (
        dict.fromkeys(ELSEWHERE, 404)
    )


def test_the_inventory_leads_to_the_open_data(site):
    assert 'href="/donnees"' in site.client.get("/inventaire").text
